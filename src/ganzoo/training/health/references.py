"""What the readings compare with: statistics of reals, taken once, and reals the discriminator never learns from.

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
from ganzoo.training.health import measures as readings

Embed: TypeAlias = Callable[[Tensor], Tensor]
"""Samples ``(N, *shape)`` to rows ``(N, D)``."""

SAMPLES = 96
"""Samples a reading looks at: reals against reals then read 0.85 to 1.25, measured on twelve data sets."""
POOL = 4 * SAMPLES
"""Reals the statistics are taken from, once a run."""
SEEN = 8
"""Pixels a side at which images are looked at: grain is no variety, and large images cost no more than small ones."""
CLASSES = 12
"""Classes the samples are drawn from at most, so that each has eight."""
WIDTH = 0.3
"""Width of the kernel in mean distances of reals: samples much closer than that count as one."""


@dataclass(frozen=True)
class ReferenceStatistics:
    """What reals read, to divide the readings of fakes by.

    Args:
        labels: ``(N,)`` classes that the fakes shall have too; zeros without classes.
        spread: mean distance of two reals.
        distinct: how many of N reals differ.
        within: mean distance of two reals of one class; None without classes.
    """

    labels: Tensor
    spread: Tensor
    distinct: Tensor
    within: Tensor | None

    def read(self, rows: Tensor) -> dict[str, Tensor]:
        """Compare fakes with the reals.

        Args:
            rows: ``(N, D)``, the fakes embedded, of the classes ``labels``; on the CPU, as all is here.

        Returns:
            ``spread`` and ``distinct``, and ``noise`` where there are classes; each is about 1 for reals.
        """
        told = {
            "spread": readings.spread(rows) / self.spread,
            "distinct": readings.distinct(rows, WIDTH * self.spread) / self.distinct,
        }
        if self.within is not None:
            told["noise"] = readings.spread_within(rows, self.labels) / self.within
        return told


def measure_references(
    dataset: Dataset, embed: Embed, device: torch.device, *, classes: bool, seed: int
) -> ReferenceStatistics:
    """Take the reals' statistics.

    Args:
        dataset: the reals.
        embed: maps them to rows, on ``device``.
        device: where to look at them.
        classes: whether the generator is told of classes.
        seed: which reals.
    """
    random = np.random.default_rng(seed)
    found = dataset.read(random.permutation(len(dataset))[:POOL])
    rows = embed(to_samples(found["images"]).to(device)).cpu()
    labels = found["labels"] if classes else np.zeros(len(rows), np.int64)
    drawn = [_even(labels, random) for _ in range(POOL // SAMPLES)]
    spread = _mean(readings.spread(rows[some]) for some in drawn)
    within = (readings.spread_within(rows[some], torch.from_numpy(labels[some])) for some in drawn)
    return ReferenceStatistics(
        labels=torch.from_numpy(labels[drawn[0]]),
        spread=spread,
        distinct=_mean(readings.distinct(rows[some], WIDTH * spread) for some in drawn),
        within=_mean(within) if classes else None,
    )


def choose_embedding(shape: Shape, device: torch.device) -> Embed:
    """Choose what samples are compared in: random features of small versions of images, points as they are.

    Args:
        shape: of one sample.
        device: where the samples are.
    """
    if len(shape) != 3:
        return partial(torch.flatten, start_dim=1)
    channels, height, width = shape
    size = min(height, SEEN), min(width, SEEN)
    features = RandomFeatures((channels, *size)).to(device)

    def embed(images: Tensor) -> Tensor:
        rows: Tensor = features(adaptive_avg_pool2d(images, size))
        return rows

    return embed


def draw_new_reals(dataset: Dataset, count: int, seed: int) -> dict[str, np.ndarray] | None:
    """Draw reals that are not in a data set, if it is one that is drawn rather than collected.

    Args:
        dataset: the reals trained on.
        count: how many.
        seed: which draw.

    Returns:
        ``images`` and ``labels``, or None for data that cannot be made anew.
    """
    return dataset.resample(count, seed).read(np.arange(count)) if isinstance(dataset, Resamplable) else None


def to_samples(images: np.ndarray) -> Tensor:
    """Samples as the players see them: stored bytes in [-1, 1], floats as they are."""
    return to_unit_range(torch.from_numpy(np.ascontiguousarray(images)))


def _mean(values: Iterable[Tensor]) -> Tensor:
    return torch.stack(list(values)).mean()


def _even(labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Choose samples by turns from the classes that have most of them.

    Returns:
        ``(N,)`` indices without repetition, N at most ``SAMPLES``.
    """
    names, counts = np.unique(labels, return_counts=True)
    largest = names[np.argsort(-counts, kind="stable")][:CLASSES]
    order = random.permutation(len(labels))
    by_class = [order[labels[order] == name] for name in largest]
    turns = np.concatenate([np.arange(len(some)) for some in by_class])
    chosen: np.ndarray = np.concatenate(by_class)[np.argsort(turns, kind="stable")][:SAMPLES]
    return chosen
