"""Metric inputs made of tensors: small real ones, whose images are their own features."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from ganzoo.components.metrics.moments import Moments


class Flat(nn.Module):
    """Features that are the values themselves."""

    name, resizer = "flat", "none"

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1).float()

    def fingerprint(self) -> str:
        return "flat"


@dataclass(eq=False)
class Side:
    """Samples in memory."""

    everything: Tensor
    features: Flat
    labels: Tensor
    limit: int = 100_000

    def __post_init__(self) -> None:
        rows = self.features(self.everything)
        self.moments, self.rows = Moments.of(rows), rows[: self.limit]

    def __len__(self) -> int:
        return len(self.everything)

    def images(self, indices: Sequence[int]) -> Tensor:
        return self.everything[list(indices)]

    def batches(self, limit: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        yield from zip(self.everything[:limit].split(64), self.labels[:limit].split(64), strict=True)


@dataclass(eq=False)
class TensorInputs:
    """All that a metric reads."""

    real: Side
    fake: Side
    features: Flat
    shape: tuple[int, ...]
    num_classes: int = 0
    conditional: bool = False
    seed: int = 0
    generator: nn.Module = field(default_factory=nn.Identity)
    dataset: SimpleNamespace = field(default_factory=SimpleNamespace)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    pictures: dict[str, tuple[Tensor, int]] = field(default_factory=dict)

    def make_rng(self, name: str) -> torch.Generator:
        return torch.Generator().manual_seed(self.seed * 1000 + zlib.crc32(name.encode()))

    def save_sheet(self, name: str, images: Tensor, columns: int) -> None:
        self.pictures[name] = (images, columns)


@pytest.fixture
def inputs() -> Callable[..., TensorInputs]:
    """Make inputs of reals and fakes, with classes if labels are given."""

    def make(
        real: Tensor, fake: Tensor, labels: Tensor | None = None, limit: int = 100_000, seed: int = 0
    ) -> TensorInputs:
        features = Flat(real[0].numel())
        none = torch.zeros(max(len(real), len(fake)), dtype=torch.int64)
        classes = none if labels is None else labels
        sides = (Side(x, features, classes[: len(x)], limit) for x in (real, fake))
        count = 0 if labels is None else int(labels.max()) + 1
        return TensorInputs(*sides, features, tuple(real.shape[1:]), count, labels is not None, seed)

    return make


@pytest.fixture
def normal() -> Callable[..., Tensor]:
    """Return standard normal values for a shape and a seed."""
    return lambda *shape, seed=0: torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
