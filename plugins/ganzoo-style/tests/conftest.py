from __future__ import annotations

import pytest
import torch
from ganzoo_style.generator import StyleGAN2Generator
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

GROUPS = {torch.ops.aten.convolution.default: 8, torch.ops.aten.convolution_backward.default: 9}
"""Index of `groups` among the arguments of convolutions and their derivatives."""


class Groups(TorchDispatchMode):
    """Records the groups of every convolution that runs, forward or backward."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None) -> object:
        if func in GROUPS:
            self.seen.append(args[GROUPS[func]])
        return func(*args, **(kwargs or {}))


class SeededRng:
    """A seeded rng for a batch of known size."""

    def __init__(self, batch: int, seed: int = 0) -> None:
        self.batch, self.random = batch, torch.Generator().manual_seed(seed)

    def normal(self, *dims: int) -> Tensor:
        return torch.randn(self.batch, *dims, generator=self.random)

    def uniform(self, *dims: int) -> Tensor:
        return torch.rand(self.batch, *dims, generator=self.random)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture
def groups() -> Groups:
    """A mode that records the groups of convolutions."""
    return Groups()


@pytest.fixture
def make_rng() -> type[SeededRng]:
    """The class of seeded rngs."""
    return SeededRng


@pytest.fixture
def tiny():
    """Return a function that makes a tiny generator."""

    def make(shape=(3, 16, 16), num_classes=0, **settings) -> StyleGAN2Generator:
        sizes = {"latent_dim": 6, "style_dim": 5, "depth": 2, "max_channels": 8}
        return StyleGAN2Generator(shape, num_classes, **sizes | settings)

    return make


@pytest.fixture
def latents():
    """Return a function that makes the latents and labels of a batch."""

    def make(count=3, seed=0) -> tuple[Tensor, Tensor]:
        z = torch.randn(count, 6, generator=torch.Generator().manual_seed(seed))
        return z, torch.zeros(count, dtype=torch.int64)

    return make
