"""The kernel distance between features: an unbiased squared maximum mean discrepancy, over random subsets.

Shapes: N samples, S subsets, B samples a block.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ganzoo.components.metrics.linear_algebra import product
from ganzoo.components.metrics.pairwise import Block, Cloud, Side
from ganzoo.interfaces.measurement import MetricInputs


@dataclass(frozen=True)
class KernelSubsets:
    """Reads the discrepancy of random subsets with the kernel ``(x'y / D + 1)^3``.

    The subsets are not multiplied one by one: a subset's sum over the kernel matrix K is ``s' K s`` for its row of
    zeros and ones s, so one sweep over K serves all of them.

    Source: Binkowski et al. 2018, arXiv 1801.01401, section 4.

    Args:
        subsets: S.
        size: samples a subset.
        stream: name of the randomness that chooses them.
    """

    subsets: int
    size: int
    stream: str = "kid"

    def start(self, inputs: MetricInputs, real: Cloud, fake: Cloud) -> SubsetSums:
        """Choose the subsets of both sides."""
        random = inputs.random(self.stream)
        return SubsetSums(self.size, *(_choose(self, cloud, random) for cloud in (real, fake)))


class SubsetSums:
    """The kernel's sums over pairs of each subset.

    Args:
        size: samples a subset.
        real: ``(S, N)``, 1 where a real belongs to a subset.
        fake: the same of the fakes.
    """

    def __init__(self, size: int, real: Tensor, fake: Tensor) -> None:
        self._size, self._chosen = size, {"real": real, "fake": fake}
        self._alike = {side: real.new_zeros(len(real), dtype=torch.float64) for side in self._chosen}
        self._mixed = torch.zeros_like(self._alike["real"])

    def alike(self, side: Side, block: Block) -> None:
        """Add pairs of one side, each in both orders, none of a sample with itself."""
        kernel = _kernel(block)
        if block.is_diagonal:
            kernel.fill_diagonal_(0)
        chosen = self._chosen[side]
        self._alike[side] += _sums(chosen, chosen, block, kernel) * (1 if block.is_diagonal else 2)

    def mixed(self, block: Block) -> None:
        """Add pairs of a real and a fake."""
        self._mixed += _sums(self._chosen["real"], self._chosen["fake"], block, _kernel(block))

    def result(self) -> Tensor:
        """Discrepancy of each subset, ``(S,)`` float64 on the CPU."""
        ordered = self._size * (self._size - 1)
        within = (self._alike["real"] + self._alike["fake"]) / ordered
        return (within - 2 * self._mixed / self._size**2).cpu()  # the unbiased MMD^2


def _choose(reader: KernelSubsets, cloud: Cloud, random: torch.Generator) -> Tensor:
    chosen = torch.zeros(reader.subsets, len(cloud))
    for row in chosen:
        row[torch.randperm(len(cloud), generator=random)[: reader.size]] = 1
    return chosen.to(cloud.rows)


def _kernel(block: Block) -> Tensor:
    linear = block.inner / block.left.rows.shape[1] + 1
    return linear.square().mul_(linear)


def _sums(left: Tensor, right: Tensor, block: Block, kernel: Tensor) -> Tensor:
    """Sum the kernel over the pairs of each subset, ``(S,)``."""
    over_rows = product(left[:, block.rows], kernel.T)
    return (over_rows * right[:, block.columns]).sum(1, dtype=torch.float64)
