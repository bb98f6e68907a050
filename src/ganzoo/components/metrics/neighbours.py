"""Balls around samples that reach to their k-th nearest neighbour: which samples of the other side lie in them.

Exact, with ties inside. Shapes: R reals, F fakes, K largest rank, B samples a block.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ganzoo.components.metrics.pairwise import Block, Cloud, Side
from ganzoo.interfaces.measurement import MetricInputs


@dataclass(frozen=True)
class Balls:
    """What the balls of one rank hold.

    Args:
        holders: ``(F,)``: in how many reals' balls each fake lies.
        covered: ``(R,)``: whether a real's ball holds a fake.
        recalled: ``(R,)``: whether a real lies in a fake's ball.
    """

    holders: Tensor
    covered: Tensor
    recalled: Tensor


@dataclass(frozen=True)
class NeighbourBalls:
    """Reads the balls of several ranks, those for which there are enough samples.

    Args:
        ranks: which nearest neighbours; a sample is not its own.
    """

    ranks: tuple[int, ...]

    def start(self, inputs: MetricInputs, real: Cloud, fake: Cloud) -> BallTally:
        """Begin with no neighbour known."""
        possible = tuple(rank for rank in self.ranks if rank < min(len(real), len(fake)))
        return BallTally(possible, real, fake)


class BallTally:
    """Nearest neighbours first, then who lies among them.

    Args:
        ranks: which nearest neighbours.
        real: the reals.
        fake: the fakes.
    """

    def __init__(self, ranks: tuple[int, ...], real: Cloud, fake: Cloud) -> None:
        self._ranks, largest = ranks, max(ranks, default=0)
        self._near = {side: cloud.rows.new_full((len(cloud), largest), torch.inf)
                      for side, cloud in (("real", real), ("fake", fake))}  # fmt: skip
        self._nearest_fake = real.rows.new_full((len(real),), torch.inf)
        self._holders = {rank: fake.rows.new_zeros(len(fake)) for rank in ranks}
        self._recalled = {rank: torch.zeros_like(self._nearest_fake, dtype=torch.bool) for rank in ranks}

    def alike(self, side: Side, block: Block) -> None:
        """Keep the smallest distances of each sample."""
        if self._ranks:
            _keep(self._near[side][block.rows], block.squared)
            if not block.is_diagonal:
                _keep(self._near[side][block.columns], block.squared.T.contiguous())

    def mixed(self, block: Block) -> None:
        """Compare distances with radii."""
        rows, columns, squared = block.rows, block.columns, block.squared
        self._nearest_fake[rows] = torch.minimum(self._nearest_fake[rows], squared.amin(1))
        for rank in self._ranks:
            real_radii, fake_radii = (self._near[side][:, rank - 1] for side in ("real", "fake"))
            within = torch.le(squared, real_radii[rows, None], out=torch.empty_like(squared))  # as numbers: sums fast
            self._holders[rank][columns] += within.sum(0)
            self._recalled[rank][rows] |= (squared - fake_radii[None, columns]).amin(1) <= 0

    def result(self) -> dict[int, Balls]:
        """The balls of each rank."""
        return {
            rank: Balls(self._holders[rank], self._nearest_fake <= self._near["real"][:, rank - 1], recalled)
            for rank, recalled in self._recalled.items()
        }


def _keep(near: Tensor, squared: Tensor) -> None:
    """Take new distances among the smallest, in place, ascending."""
    count = near.shape[1]
    best = squared.topk(min(count, squared.shape[1]), 1, largest=False).values
    near.copy_(torch.cat([near, best], 1).topk(count, 1, largest=False, sorted=True).values)
