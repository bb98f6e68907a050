"""One pass over all pairs of samples, block by block: distances and kernels come from the same products.

The products of a 10,000 x 2048 comparison take nearly all of its time, so every statistic reads each block in turn.
Shapes: N samples, D features, B samples a block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol, TypeAlias, TypeVar

import torch
from torch import Tensor

from ganzoo.components.metrics.linear_algebra import in_float64, product
from ganzoo.interfaces.measurement import MetricInputs

BLOCK = 1024
"""B: a block of float32 fits a processor's cache."""

PANEL = 8
"""Blocks multiplied at once: threads wait for each other at the end of every product."""

FEW_FEATURES = 128
"""Features up to which float64 costs little; rows of few features are also those that lie close together, as points."""

Side: TypeAlias = Literal["real", "fake"]

Result = TypeVar("Result", covariant=True)


@dataclass(frozen=True, eq=False)
class CentredRows:
    """The samples of one side, less the mean of both sides so that less cancels in a distance.

    Args:
        rows: ``(N, D)``, centred.
        squares: ``(N,)`` squared lengths of the centred rows.
        offsets: ``(N,)``: a product of centred rows plus the offsets of both is the product of the original rows.
    """

    rows: Tensor
    squares: Tensor
    offsets: Tensor

    def __len__(self) -> int:
        """Return N."""
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class PairBlock:
    """Some samples of one side against some of the same or of the other side.

    Args:
        left: the side whose samples are the block's rows.
        right: the side whose samples are the block's columns.
        rows: range of samples of ``left``.
        columns: range of samples of ``right``.
        products: ``(B, B)`` inner products of the centred rows.
    """

    left: CentredRows
    right: CentredRows
    rows: slice
    columns: slice
    products: Tensor

    @property
    def is_diagonal(self) -> bool:
        """Whether the diagonal pairs each sample with itself."""
        return self.left is self.right and self.rows == self.columns

    @cached_property
    def squared(self) -> Tensor:
        """Squared distances ``(B, B)``; 0 where rounding could have made them so, infinite from a sample to itself.

        Twins must have distance 0: between identical images every radius is 0 too.
        """
        rounding = 16 * torch.finfo(self.products.dtype).eps
        lengths = self.left.squares[self.rows, None] + self.right.squares[None, self.columns]
        distances = lengths.mul_(1 - rounding).sub_(self.products, alpha=2).clamp_min_(0)
        return distances.fill_diagonal_(torch.inf) if self.is_diagonal else distances

    @cached_property
    def inner(self) -> Tensor:
        """Inner products ``(B, B)`` of the original rows."""
        return (self.products + self.left.offsets[self.rows, None]).add_(self.right.offsets[None, self.columns])


class Accumulator(Protocol[Result]):
    """Accumulates one statistic over all blocks of pairs."""

    def add_within(self, side: Side, block: PairBlock) -> None:
        """Add pairs of one side; each pair of blocks comes once, rows not after columns."""

    def add_between(self, block: PairBlock) -> None:
        """Add pairs of a real (the row) and a fake; these come after all pairs within a side."""

    def result(self) -> Result:
        """Return the statistic after all pairs were added."""


class PairwiseStatistic(Protocol[Result]):
    """A statistic of all pairs; hashable, equal to one that computes the same."""

    def start(self, inputs: MetricInputs, real: CentredRows, fake: CentredRows) -> Accumulator[Result]:
        """Return an accumulator for one pass."""


def compute_statistics(inputs: MetricInputs, statistics: Sequence[PairwiseStatistic[object]]) -> list[object]:
    """Compute several statistics in one pass over all pairs of kept rows.

    Args:
        inputs: the samples; their rows are finite, at least one a side.
        statistics: what to compute.

    Returns:
        The result of each statistic.
    """
    real, fake = centre_rows(inputs.real.rows, inputs.fake.rows)
    accumulators = [statistic.start(inputs, real, fake) for statistic in statistics]
    sides: tuple[tuple[Side, CentredRows], ...] = (("real", real), ("fake", fake))
    for side, rows in sides:
        for block in multiply_blocks(rows, rows):
            for accumulator in accumulators:
                accumulator.add_within(side, block)
    for block in multiply_blocks(real, fake):
        for accumulator in accumulators:
            accumulator.add_between(block)
    return [accumulator.result() for accumulator in accumulators]


def centre_rows(real: Tensor, fake: Tensor) -> tuple[CentredRows, CentredRows]:
    """Subtract the mean of both sides from two sets of rows ``(N, D)``."""
    if real.shape[1] <= FEW_FEATURES or real.device.type == "mps":
        real, fake = in_float64(real), in_float64(fake)
    mean = (real.mean(0) + fake.mean(0)) / 2
    return _with_squares(real - mean, mean), _with_squares(fake - mean, mean)


def multiply_blocks(left: CentredRows, right: CentredRows) -> Iterator[PairBlock]:
    """Multiply all pairs, a block at a time; pairs within one side come once."""
    for rows in _split_range(0, len(left), BLOCK):
        for wide in _split_range(rows.start if left is right else 0, len(right), BLOCK * PANEL):
            products = product(left.rows[rows], right.rows[wide])
            for columns in _split_range(wide.start, wide.stop, BLOCK):
                part = products[:, columns.start - wide.start : columns.stop - wide.start]
                yield PairBlock(left, right, rows, columns, part)


def _with_squares(rows: Tensor, mean: Tensor) -> CentredRows:
    squares = torch.cat([part.double().square().sum(1) for part in torch.split(rows, BLOCK)]).to(rows.dtype)
    return CentredRows(rows.contiguous(), squares, rows @ mean + mean.square().sum() / 2)


def _split_range(start: int, stop: int, size: int) -> list[slice]:
    return [slice(at, min(at + size, stop)) for at in range(start, stop, size)]
