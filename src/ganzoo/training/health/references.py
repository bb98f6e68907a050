"""References for the health metrics: statistics of reals, and reals the discriminator is not trained on.

Shapes: N samples, D features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from ganzoo.components.features.preprocessing import to_unit_range
from ganzoo.components.features.random_network import RandomFeatures
from ganzoo.interfaces.capabilities import Resamplable
from ganzoo.interfaces.data import Dataset
from ganzoo.registry.specs import Shape
from ganzoo.training.health import measures

Embed: TypeAlias = Callable[[Tensor], Tensor]
"""Maps samples ``(N, *shape)`` to rows ``(N, D)``."""

SAMPLES = 96
"""Samples per measurement: reals compared with reals then give 0.85 to 1.25 on twelve data sets."""
POOL = 4 * SAMPLES
"""Reals that the statistics are computed from, once per run."""
SIDE = 8
"""Images are compared at this side in pixels, so that grain does not count as variety and cost does not grow."""
MAX_CLASSES = 12
"""Largest number of classes the samples come from, so that each has eight."""
WIDTH = 0.3
"""Width of the kernel in mean distances of reals: samples much closer than this count as one."""


@dataclass(frozen=True)
class ReferenceStatistics:
    """Statistics of reals, by which those of fakes are divided.

    Args:
        labels: ``(N,)`` classes for the fakes; zeros without classes.
        spread: mean distance of two reals.
        distinct: number of distinct samples among N reals.
        within: mean distance of two reals of one class; None without classes.
    """

    labels: Tensor
    spread: Tensor
    distinct: Tensor
    within: Tensor | None

    def compare(self, rows: Tensor) -> dict[str, Tensor]:
        """Divide the statistics of fakes by those of reals.

        Args:
            rows: ``(N, D)``, the embedded fakes of the classes ``labels``, on the CPU.

        Returns:
            ``spread`` and ``distinct``, and ``noise`` where there are classes; each is about 1 for reals.
        """
        ratios = {
            "spread": measures.spread(rows) / self.spread,
            "distinct": measures.distinct(rows, WIDTH * self.spread) / self.distinct,
        }
        if self.within is not None:
            ratios["noise"] = measures.spread_within(rows, self.labels) / self.within
        return ratios


def measure_references(
    dataset: Dataset, embed: Embed, device: torch.device, *, classes: bool, seed: int
) -> ReferenceStatistics:
    """Compute the statistics of reals.

    Args:
        dataset: the reals.
        embed: maps samples on ``device`` to rows.
        device: device of ``embed``.
        classes: whether the generator is conditioned on classes.
        seed: seed of the choice of reals.
    """
    random = np.random.default_rng(seed)
    found = dataset.read(random.permutation(len(dataset))[:POOL])
    rows = embed(to_samples(found["images"]).to(device)).cpu()
    labels = found["labels"] if classes else np.zeros(len(rows), np.int64)
    groups = [_choose_evenly(labels, random) for _ in range(POOL // SAMPLES)]
    spread = _mean(measures.spread(rows[group]) for group in groups)
    within = (measures.spread_within(rows[group], torch.from_numpy(labels[group])) for group in groups)
    return ReferenceStatistics(
        labels=torch.from_numpy(labels[groups[0]]),
        spread=spread,
        distinct=_mean(measures.distinct(rows[group], WIDTH * spread) for group in groups),
        within=_mean(within) if classes else None,
    )


def choose_embedding(shape: Shape, device: torch.device) -> Embed:
    """Return the embedding samples are compared in: random features of downscaled images, or points themselves.

    Args:
        shape: shape of one sample.
        device: device of the samples.
    """
    if len(shape) != 3:
        return partial(torch.flatten, start_dim=1)
    channels, height, width = shape
    size = min(height, SIDE), min(width, SIDE)
    features = RandomFeatures((channels, *size)).to(device)

    def embed(images: Tensor) -> Tensor:
        rows: Tensor = features(adaptive_avg_pool2d(images, size))
        return rows

    return embed


def draw_new_reals(dataset: Dataset, count: int, seed: int) -> dict[str, np.ndarray] | None:
    """Generate reals that are not in a data set, if it is synthetic.

    Args:
        dataset: the reals trained on.
        count: number of reals.
        seed: seed of the new reals.

    Returns:
        ``images`` and ``labels``, or None for collected data.
    """
    return dataset.resample(count, seed).read(np.arange(count)) if isinstance(dataset, Resamplable) else None


def to_samples(images: np.ndarray) -> Tensor:
    """Return samples as the players see them: bytes scaled to [-1, 1], floats unchanged."""
    return to_unit_range(torch.from_numpy(np.ascontiguousarray(images)))


def _mean(values: Iterable[Tensor]) -> Tensor:
    return torch.stack(list(values)).mean()


def _choose_evenly(labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Choose samples from the largest classes in turn.

    Returns:
        ``(N,)`` indices without repetition, N at most ``SAMPLES``.
    """
    names, counts = np.unique(labels, return_counts=True)
    largest = names[np.argsort(-counts, kind="stable")][:MAX_CLASSES]
    order = random.permutation(len(labels))
    by_class = [order[labels[order] == name] for name in largest]
    rounds = np.concatenate([np.arange(len(members)) for members in by_class])
    chosen: np.ndarray = np.concatenate(by_class)[np.argsort(rounds, kind="stable")][:SAMPLES]
    return chosen
