"""Metric inputs made of tensors, whose images are their own features."""

import zlib
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from ganzoo.components.metrics import Moments


class Flat(nn.Module):
    """Features that are the values themselves."""

    name, resizer = "flat", "none"

    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, images):
        return images.flatten(1).float()

    def fingerprint(self):
        return "flat"


@dataclass(eq=False)
class Side:
    """Samples in memory."""

    everything: torch.Tensor
    features: nn.Module
    labels: torch.Tensor
    limit: int = 100_000

    def __post_init__(self):
        seen = self.features(self.everything)
        self.moments, self.rows = Moments.of(seen), seen[: self.limit]

    def __len__(self):
        return len(self.everything)

    def images(self, indices):
        return self.everything[list(indices)]

    def batches(self, limit=None):
        yield from zip(self.everything[:limit].split(37), self.labels[:limit].split(37), strict=True)


@dataclass(eq=False)
class Inputs:
    """Everything that a metric can use."""

    real: Side
    fake: Side
    features: nn.Module
    shape: tuple
    num_classes: int = 0
    conditional: bool = False
    generator: nn.Module = field(default_factory=nn.Identity)
    dataset: SimpleNamespace = field(default_factory=SimpleNamespace)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    pictures: dict = field(default_factory=dict)

    def make_rng(self, name):
        return torch.Generator().manual_seed(zlib.crc32(name.encode()))

    def save_sheet(self, name, images, columns):
        self.pictures[name] = (images, columns)


@pytest.fixture
def inputs():
    """Return a function that makes inputs of reals and fakes; with labels they are conditional."""

    def make(real, fake, labels=None, fake_labels=None, features=None, generator=None):
        features = features or Flat(real[0].numel())
        none = torch.zeros(max(len(real), len(fake)), dtype=torch.int64)
        classes = none if labels is None else labels
        theirs = classes if fake_labels is None else fake_labels
        sides = Side(real, features, classes[: len(real)]), Side(fake, features, theirs[: len(fake)])
        count = 0 if labels is None else int(labels.max()) + 1
        made = Inputs(*sides, features, tuple(real.shape[1:]), count, labels is not None)
        made.generator = generator or made.generator
        return made

    return make


@pytest.fixture
def normal():
    """Return a function that draws standard normal values from a seed."""
    return lambda *shape, seed=0: torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
