"""Memorisation: the nearest real of each fake, by the angle between their features.

Shapes: N samples, D features.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from torch import Tensor
from torch.nn.functional import normalize

from ganzoo import MetricInputs, MetricValue
from ganzoo.components.metrics import FrechetDistance, product, proportion, read_finite_rows

BLOCK = 1024
COLUMNS = 8


class Memorisation:
    """Distance of fakes to their nearest reals, and the Frechet distance penalised by it (MiFID).

    ``memorisation_distance`` is the mean over fakes of the smallest ``1 - |cos|`` to a real; below the threshold
    ``mifid`` is the Frechet distance divided by it. ``authentic`` is the share of fakes that are further from their
    nearest real than that real is from the next one, by the same distance. Saves the sheet ``nearest``: the fakes that
    are closest to a real, each followed by that real.

    Noise is far from every real and authentic, so neither of the two is better one way; read them only where ``mifid``
    is good. Only the reals whose features the evaluation keeps are compared: a fake may copy another one.

    Source: Bai et al. 2021, arXiv 2106.03062 (MiFID); Alaa et al. 2022, arXiv 2102.08921
    (authenticity).

    Args:
        threshold: distance below which fakes count as copies; 0.1 as published, for Inception's features.
        shown: number of fakes on the sheet; 0 for no sheet.
    """

    uses_features: ClassVar[bool] = True
    minimum_samples: ClassVar[tuple[int, int]] = (2, 2)

    def __init__(self, *, threshold: Annotated[float, Ge(0)] = 0.1, shown: Annotated[int, Ge(0)] = 32) -> None:
        self.threshold, self.shown = threshold, shown

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``mifid``, ``memorisation_distance`` and ``authentic``.

        Raises:
            BadData: fewer than two samples on a side, or features that are not finite.
        """
        rows = read_finite_rows(inputs, "memorisation", self.minimum_samples)
        real, fake = (normalize(side.float(), dim=1) for side in rows)
        distance, nearest = find_nearest(fake, real)
        neighbour, _ = find_nearest(real, real, exclude_self=True)
        self._save_sheet(inputs, distance, nearest)
        mean_distance = _average(distance)
        return {
            "mifid": self._compute_mifid(FrechetDistance()(inputs)["fd"], mean_distance),
            "memorisation_distance": mean_distance,
            "authentic": proportion(distance > neighbour[nearest], "neither"),
        }

    def _compute_mifid(self, frechet: MetricValue, mean_distance: MetricValue) -> MetricValue:
        """Divide the Frechet distance where fakes copy reals; the error treats both as independent."""
        if mean_distance.value >= self.threshold:
            return frechet
        divisor = mean_distance.value + 1e-14
        mifid = frechet.value / divisor
        if frechet.error is None or mean_distance.error is None:
            return MetricValue(mifid)
        return MetricValue(mifid, math.hypot(frechet.error, mifid * mean_distance.error) / divisor)

    def _save_sheet(self, inputs: MetricInputs, distance: Tensor, nearest: Tensor) -> None:
        if self.shown and len(inputs.shape) == 3:
            fakes = distance.topk(min(self.shown, len(distance)), largest=False).indices
            sides = inputs.fake.images(fakes.tolist()), inputs.real.images(nearest[fakes].tolist())
            inputs.save_sheet("nearest", torch.stack(sides, 1).flatten(0, 1), COLUMNS)


def find_nearest(queries: Tensor, references: Tensor, *, exclude_self: bool = False) -> tuple[Tensor, Tensor]:
    """Find the nearest reference of each query by the distance ``1 - |cos|``.

    Args:
        queries: ``(N, D)`` of length 1.
        references: ``(M, D)`` of length 1.
        exclude_self: exclude each row itself, where both are the same.

    Returns:
        ``(N,)`` distances, and ``(N,)`` indices of references.
    """
    starts = range(0, len(queries), BLOCK)
    found = [_find_nearest_of_block(queries, references, start, exclude_self) for start in starts]
    distances, indices = zip(*found, strict=True)
    return torch.cat(distances), torch.cat(indices)


def _find_nearest_of_block(
    queries: Tensor, references: Tensor, start: int, exclude_self: bool
) -> tuple[Tensor, Tensor]:
    block = queries[start : start + BLOCK]
    similarity = torch.full((len(block),), -1.0, device=queries.device)
    indices = torch.zeros(len(block), dtype=torch.int64, device=queries.device)
    for offset in range(0, len(references), BLOCK):
        cosines = product(block, references[offset : offset + BLOCK]).abs_()
        if exclude_self and offset == start:
            cosines.fill_diagonal_(-1)
        best, index = cosines.max(1)
        indices = torch.where(best > similarity, index + offset, indices)
        similarity = torch.maximum(similarity, best)
    return (1 - similarity).clamp_min(0), indices


def _average(values: Tensor) -> MetricValue:
    found = values.cpu().double()  # Apple GPUs have no float64
    return MetricValue(float(found.mean()), float(found.std() / len(found) ** 0.5), "neither")
