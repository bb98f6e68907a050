"""The kernel distance between features: an unbiased squared maximum mean discrepancy, over random subsets.

Shapes: N samples, S subsets, B samples a block.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ganzoo.components.metrics.linear_algebra import product
from ganzoo.components.metrics.pairwise import CentredRows, PairBlock, Side
from ganzoo.interfaces.measurement import MetricInputs


@dataclass(frozen=True)
class KernelSubsets:
    """The discrepancy of random subsets with the kernel ``(x'y / D + 1)^3``.

    The subsets are not multiplied one by one: a subset's sum over the kernel matrix K is ``s' K s`` for its row of
    zeros and ones s, so one pass over K serves all of them.

    Source: Binkowski et al. 2018, arXiv 1801.01401, section 4.

    Args:
        subsets: S.
        size: samples a subset.
        stream: name of the random stream that chooses them.
    """

    subsets: int
    size: int
    stream: str = "kid"

    def start(self, inputs: MetricInputs, real: CentredRows, fake: CentredRows) -> SubsetSums:
        """Choose the subsets of both sides."""
        rng = inputs.make_rng(self.stream)
        return SubsetSums(self.size, *(self._choose(side, rng) for side in (real, fake)))

    def _choose(self, side: CentredRows, rng: torch.Generator) -> Tensor:
        chosen = torch.zeros(self.subsets, len(side))
        for row in chosen:
            row[torch.randperm(len(side), generator=rng)[: self.size]] = 1
        return chosen.to(side.rows)


class SubsetSums:
    """The kernel's sums over pairs of each subset.

    Args:
        size: samples a subset.
        real: ``(S, N)``, 1 where a real belongs to a subset.
        fake: ``(S, N)``, 1 where a fake belongs to a subset.
    """

    def __init__(self, size: int, real: Tensor, fake: Tensor) -> None:
        self._size, self._chosen = size, {"real": real, "fake": fake}
        self._within = {side: real.new_zeros(len(real), dtype=torch.float64) for side in self._chosen}
        self._between = torch.zeros_like(self._within["real"])

    def add_within(self, side: Side, block: PairBlock) -> None:
        """Add pairs of one side, each in both orders, none of a sample with itself."""
        kernel = _polynomial_kernel(block)
        if block.is_diagonal:
            kernel.fill_diagonal_(0)
        chosen = self._chosen[side]
        self._within[side] += _sum_pairs(chosen, chosen, block, kernel) * (1 if block.is_diagonal else 2)

    def add_between(self, block: PairBlock) -> None:
        """Add pairs of a real and a fake."""
        self._between += _sum_pairs(self._chosen["real"], self._chosen["fake"], block, _polynomial_kernel(block))

    def result(self) -> Tensor:
        """Return the discrepancy of each subset, ``(S,)`` float64 on the CPU."""
        ordered = self._size * (self._size - 1)
        within = (self._within["real"] + self._within["fake"]) / ordered
        return (within - 2 * self._between / self._size**2).cpu()  # the unbiased MMD^2


def _polynomial_kernel(block: PairBlock) -> Tensor:
    linear = block.inner / block.left.rows.shape[1] + 1
    return linear.square().mul_(linear)


def _sum_pairs(left: Tensor, right: Tensor, block: PairBlock, kernel: Tensor) -> Tensor:
    """Sum the kernel over the pairs of each subset, ``(S,)``."""
    over_rows = product(left[:, block.rows], kernel.T)
    return (over_rows * right[:, block.columns]).sum(1, dtype=torch.float64)
