"""What metrics are shown: both sides, the features, the generator, and randomness of their own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ganzoo.engine.draws import mixed_seed
from ganzoo.measurement import Features, Samples
from ganzoo.protocols import Dataset, Generator
from ganzoo.specs import Shape


@dataclass(frozen=True)
class Picture:
    """A sheet a metric leaves.

    Args:
        images: ``(N, *shape)``.
        columns: images per row.
    """

    images: Tensor
    columns: int


@dataclass(frozen=True)
class Exhibits:
    """The evidence of one evaluation.

    Args:
        real: samples of the data.
        fake: samples of the generator.
        features: what metrics see of them.
        dataset: the data set itself.
        generator: in evaluation mode, with averaged weights, on ``device``.
        conditional: whether the generator is told of classes.
        device: where everything happens.
        seed: of the evaluation.
        pictures: what was left, by name.
    """

    real: Samples
    fake: Samples
    features: Features
    dataset: Dataset
    generator: Generator
    conditional: bool
    device: torch.device
    seed: int = 0
    pictures: dict[str, Picture] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """The shape of one sample."""
        return self.dataset.shape

    @property
    def num_classes(self) -> int:
        """Classes of the data; 0 without."""
        return self.dataset.num_classes

    def random(self, name: str) -> torch.Generator:
        """Make a stream of randomness on the CPU, the same for the same evaluation seed and name."""
        return stream(self.seed, name)

    def picture(self, name: str, images: Tensor, columns: int) -> None:
        """Keep ``(N, *shape)`` to be drawn as ``name.png`` beside the readings."""
        self.pictures[name] = Picture(images, columns)


def stream(seed: int, name: str) -> torch.Generator:
    """Make a stream of randomness on the CPU from the seed of an evaluation and a name."""
    return torch.Generator().manual_seed(mixed_seed(seed, zlib.crc32(name.encode())) % 2**32)
