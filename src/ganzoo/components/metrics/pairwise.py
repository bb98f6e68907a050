"""One sweep over all pairs of samples, block by block: distances and kernels come from the same products.

The products of a 10,000 x 2048 comparison are nearly all of its time, so what wants them looks at each block in turn.
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

FEW = 128
"""Features up to which float64 costs little; few features are also those that lie close together, as points do."""

Side: TypeAlias = Literal["real", "fake"]

Result = TypeVar("Result", covariant=True)


@dataclass(frozen=True, eq=False)
class Cloud:
    """The samples of one side, moved by the mean of both so that less cancels in a distance.

    Args:
        rows: ``(N, D)``, moved.
        squares: ``(N,)`` squared lengths of those.
        offsets: ``(N,)``: a product of moved rows plus the offsets of both is that of the rows as they were.
    """

    rows: Tensor
    squares: Tensor
    offsets: Tensor

    def __len__(self) -> int:
        """N."""
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Block:
    """Some samples of one cloud against some of the same or of another.

    Args:
        left: whose samples are the rows.
        right: whose samples are the columns.
        rows: which of them.
        columns: which of them.
        products: ``(B, B)`` of the moved rows.
    """

    left: Cloud
    right: Cloud
    rows: slice
    columns: slice
    products: Tensor

    @property
    def is_diagonal(self) -> bool:
        """Whether its diagonal pairs each sample with itself."""
        return self.left is self.right and self.rows == self.columns

    @cached_property
    def squared(self) -> Tensor:
        """Squared distances ``(B, B)``; what rounding could have made of 0 is 0, infinite from a sample to itself.

        Twins must have distance 0: between identical images every radius is 0 too.
        """
        rounding = 16 * torch.finfo(self.products.dtype).eps
        lengths = self.left.squares[self.rows, None] + self.right.squares[None, self.columns]
        distances = lengths.mul_(1 - rounding).sub_(self.products, alpha=2).clamp_min_(0)
        return distances.fill_diagonal_(torch.inf) if self.is_diagonal else distances

    @cached_property
    def inner(self) -> Tensor:
        """Inner products ``(B, B)`` of the samples as they were."""
        return (self.products + self.left.offsets[self.rows, None]).add_(self.right.offsets[None, self.columns])


class Tally(Protocol[Result]):
    """What a reader notes during a sweep."""

    def alike(self, side: Side, block: Block) -> None:
        """Look at pairs of one side: each pair of blocks comes once, rows not after columns."""

    def mixed(self, block: Block) -> None:
        """Look at pairs of a real, the row, and a fake; comes after all pairs alike."""

    def result(self) -> Result:
        """What it found, once all pairs were seen."""


class Reader(Protocol[Result]):
    """What is to be read off the pairs: hashable, equal to one that reads the same."""

    def start(self, inputs: MetricInputs, real: Cloud, fake: Cloud) -> Tally[Result]:
        """Begin a sweep."""


def sweep(inputs: MetricInputs, readers: Sequence[Reader[object]]) -> list[object]:
    """Show all pairs of kept rows to some readers.

    Args:
        evidence: whose rows, finite, at least one a side.
        readers: what is wanted.

    Returns:
        The result of each.
    """
    real, fake = clouds(inputs.real.rows, inputs.fake.rows)
    tallies = [reader.start(inputs, real, fake) for reader in readers]
    sides: tuple[tuple[Side, Cloud], ...] = (("real", real), ("fake", fake))
    for side, cloud in sides:
        for block in blocks(cloud, cloud):
            for tally in tallies:
                tally.alike(side, block)
    for block in blocks(real, fake):
        for tally in tallies:
            tally.mixed(block)
    return [tally.result() for tally in tallies]


def clouds(real: Tensor, fake: Tensor) -> tuple[Cloud, Cloud]:
    """Make the clouds of two sets of rows ``(N, D)``."""
    if real.shape[1] <= FEW or real.device.type == "mps":
        real, fake = in_float64(real), in_float64(fake)
    mean = (real.mean(0) + fake.mean(0)) / 2
    return _cloud(real - mean, mean), _cloud(fake - mean, mean)


def blocks(left: Cloud, right: Cloud) -> Iterator[Block]:
    """Multiply all pairs, a block at a time; pairs within one cloud come once."""
    for rows in _slices(0, len(left), BLOCK):
        for wide in _slices(rows.start if left is right else 0, len(right), BLOCK * PANEL):
            products = product(left.rows[rows], right.rows[wide])
            for columns in _slices(wide.start, wide.stop, BLOCK):
                part = products[:, columns.start - wide.start : columns.stop - wide.start]
                yield Block(left, right, rows, columns, part)


def _cloud(rows: Tensor, mean: Tensor) -> Cloud:
    squares = torch.cat([part.double().square().sum(1) for part in torch.split(rows, BLOCK)]).to(rows.dtype)
    return Cloud(rows.contiguous(), squares, rows @ mean + mean.square().sum() / 2)


def _slices(start: int, stop: int, size: int) -> list[slice]:
    return [slice(at, min(at + size, stop)) for at in range(start, stop, size)]
