"""Balls that reach from each sample to its k-th nearest neighbour: which samples of the other side lie in them.

Exact; a sample at exactly the radius lies inside. Shapes: R reals, F fakes, B samples a block.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ganzoo.components.metrics.pairwise import CentredRows, PairBlock, Side
from ganzoo.interfaces.measurement import MetricInputs


@dataclass(frozen=True)
class Balls:
    """What the balls of one rank hold.

    Args:
        holders: ``(F,)``: number of reals' balls that each fake lies in.
        covered: ``(R,)``: whether a real's ball holds a fake.
        recalled: ``(R,)``: whether a real lies in a fake's ball.
    """

    holders: Tensor
    covered: Tensor
    recalled: Tensor


@dataclass(frozen=True)
class NeighbourBalls:
    """The balls of several ranks, as far as there are enough samples.

    Args:
        ranks: values of k; a sample is not its own neighbour.
    """

    ranks: tuple[int, ...]

    def start(self, inputs: MetricInputs, real: CentredRows, fake: CentredRows) -> BallAccumulator:
        """Start with no neighbours."""
        possible = tuple(rank for rank in self.ranks if rank < min(len(real), len(fake)))
        return BallAccumulator(possible, real, fake)


class BallAccumulator:
    """Collects the nearest neighbours within each side, then the samples inside their radii.

    Args:
        ranks: values of k.
        real: the reals.
        fake: the fakes.
    """

    def __init__(self, ranks: tuple[int, ...], real: CentredRows, fake: CentredRows) -> None:
        self._ranks, largest = ranks, max(ranks, default=0)
        self._distances = {
            "real": real.rows.new_full((len(real), largest), torch.inf),
            "fake": fake.rows.new_full((len(fake), largest), torch.inf),
        }
        self._nearest_fake = real.rows.new_full((len(real),), torch.inf)
        self._holders = {rank: fake.rows.new_zeros(len(fake)) for rank in ranks}
        self._recalled = {rank: torch.zeros_like(self._nearest_fake, dtype=torch.bool) for rank in ranks}

    def add_within(self, side: Side, block: PairBlock) -> None:
        """Keep the smallest distances of each sample."""
        if self._ranks:
            _keep_smallest(self._distances[side][block.rows], block.squared)
            if not block.is_diagonal:
                _keep_smallest(self._distances[side][block.columns], block.squared.T.contiguous())

    def add_between(self, block: PairBlock) -> None:
        """Compare distances with radii."""
        rows, columns, squared = block.rows, block.columns, block.squared
        self._nearest_fake[rows] = torch.minimum(self._nearest_fake[rows], squared.amin(1))
        for rank in self._ranks:
            real_radii, fake_radii = (self._distances[side][:, rank - 1] for side in ("real", "fake"))
            within = torch.le(squared, real_radii[rows, None], out=torch.empty_like(squared))  # as numbers: sums fast
            self._holders[rank][columns] += within.sum(0)
            self._recalled[rank][rows] |= (squared - fake_radii[None, columns]).amin(1) <= 0

    def result(self) -> dict[int, Balls]:
        """Return the balls of each rank."""
        return {
            rank: Balls(self._holders[rank], self._nearest_fake <= self._distances["real"][:, rank - 1], recalled)
            for rank, recalled in self._recalled.items()
        }


def _keep_smallest(kept: Tensor, squared: Tensor) -> None:
    """Keep the smallest of the kept and the new distances, in place, ascending."""
    count = kept.shape[1]
    best = squared.topk(min(count, squared.shape[1]), 1, largest=False).values
    kept.copy_(torch.cat([kept, best], 1).topk(count, 1, largest=False, sorted=True).values)
