"""Are fakes copies of reals? The nearest real of each fake, by the angle between their features.

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
    """Distance of fakes to the reals nearest to them, and what it says of the Frechet distance.

    ``memorisation_distance`` is the mean over fakes of the smallest ``1 - |cos|`` to a real; below the threshold
    ``mifid`` is the Frechet distance divided by it. ``authentic`` is the share of fakes that are further from their
    nearest real than that real is from the next one, by the same distance. Leaves the sheet ``nearest``: the fakes that
    lie closest to a real, each followed by that real.

    Noise is far from every real and authentic, so neither of the two is better one way; they tell only in a run whose
    ``mifid`` is good. Of the reals it knows those the evaluation keeps: a fake may copy another one.

    Source: Bai et al. 2021, arXiv 2106.03062 (MiFID); Alaa et al. 2022, arXiv 2102.08921
    (authenticity).

    Args:
        threshold: distance under which fakes count as copied; 0.1 as for Inception's features.
        shown: fakes on the sheet.
    """

    uses_features: ClassVar[bool] = True
    minimum_samples: ClassVar[tuple[int, int]] = (2, 2)

    def __init__(self, *, threshold: Annotated[float, Ge(0)] = 0.1, shown: Annotated[int, Ge(0)] = 32) -> None:
        self.threshold, self.shown = threshold, shown

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read ``mifid``, ``memorisation_distance`` and ``authentic``.

        Raises:
            BadData: fewer than two samples on a side, or features that are not finite.
        """
        rows = read_finite_rows(inputs, "memorisation", self.minimum_samples)
        real, fake = (normalize(side.float(), dim=1) for side in rows)
        distance, nearest = closest(fake, real)
        neighbour, _ = closest(real, real, others=True)
        self._show(inputs, distance, nearest)
        apart = _mean(distance)
        return {
            "mifid": self._punished(FrechetDistance()(inputs)["fd"], apart),
            "memorisation_distance": apart,
            "authentic": proportion(distance > neighbour[nearest], "neither"),
        }

    def _punished(self, frechet: MetricValue, apart: MetricValue) -> MetricValue:
        """Divide the Frechet distance where fakes copy reals; the error is of both, taken for independent."""
        if apart.value >= self.threshold:
            return frechet
        mifid = frechet.value / (apart.value + 1e-14)
        if frechet.error is None or apart.error is None:
            return MetricValue(mifid)
        return MetricValue(mifid, math.hypot(frechet.error, mifid * apart.error) / (apart.value + 1e-14))

    def _show(self, inputs: MetricInputs, distance: Tensor, nearest: Tensor) -> None:
        if self.shown and len(inputs.shape) == 3:
            fakes = distance.topk(min(self.shown, len(distance)), largest=False).indices
            sides = inputs.fake.images(fakes.tolist()), inputs.real.images(nearest[fakes].tolist())
            inputs.save_sheet("nearest", torch.stack(sides, 1).flatten(0, 1), COLUMNS)


def closest(of: Tensor, among: Tensor, *, others: bool = False) -> tuple[Tensor, Tensor]:
    """Find the nearest by angle: ``1 - |cos|``.

    Args:
        of: ``(N, D)`` of length 1.
        among: ``(M, D)`` of length 1.
        others: whether a row's own place is left out, where both are the same.

    Returns:
        ``(N,)`` distances, and ``(N,)`` places among the M.
    """
    found = [_closest(of, among, start, others) for start in range(0, len(of), BLOCK)]
    distances, places = zip(*found, strict=True)
    return torch.cat(distances), torch.cat(places)


def _closest(of: Tensor, among: Tensor, start: int, others: bool) -> tuple[Tensor, Tensor]:
    part = of[start : start + BLOCK]
    alike = torch.full((len(part),), -1.0, device=of.device)
    places = torch.zeros(len(part), dtype=torch.int64, device=of.device)
    for at in range(0, len(among), BLOCK):
        cosines = product(part, among[at : at + BLOCK]).abs_()
        if others and at == start:
            cosines.fill_diagonal_(-1)
        best, place = cosines.max(1)
        places = torch.where(best > alike, place + at, places)
        alike = torch.maximum(alike, best)
    return (1 - alike).clamp_min(0), places


def _mean(values: Tensor) -> MetricValue:
    found = values.cpu().double()  # Apple GPUs have no float64
    return MetricValue(float(found.mean()), float(found.std() / len(found) ** 0.5), "neither")
