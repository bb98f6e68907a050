"""What metrics are shown: both sides, the features, the generator, and randomness of their own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ganzoo.errors import BadComponent
from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.measurement import Features, Samples
from ganzoo.interfaces.networks import Generator
from ganzoo.registry.specs import Shape
from ganzoo.training.rng import mix_seeds


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
class EvaluatorInputs:
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

    def make_rng(self, name: str) -> torch.Generator:
        """Make a stream of randomness on the CPU, the same for the same evaluation seed and name."""
        return seeded_generator(self.seed, name)

    def save_sheet(self, name: str, images: Tensor, columns: int) -> None:
        """Keep ``(N, *shape)`` to be drawn as ``name.png`` beside the readings."""
        self.pictures[name] = Picture(images, columns)


class WithoutFeatures:
    """One side for a metric that declares to look at no features: asking for them is refused.

    Args:
        side: the side itself.
        metric: name of the metric.
    """

    def __init__(self, side: Samples, metric: str) -> None:
        self._side, self._metric = side, metric

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self._side)

    def __getattr__(self, name: str) -> object:
        """Give what the side gives, but for its features.

        Raises:
            BadComponent: they are asked for; their name would not stand in the stamp of the readings.
        """
        if name in ("moments", "rows"):
            raise BadComponent(f"metric '{self._metric}' uses features, but says uses_features = False: the protocol would "
                               "not name them. Its author sets uses_features = True.")  # fmt: skip
        return getattr(self._side, name)


def seeded_generator(seed: int, name: str) -> torch.Generator:
    """Make a stream of randomness on the CPU from the seed of an evaluation and a name."""
    return torch.Generator().manual_seed(mix_seeds(seed, zlib.crc32(name.encode())) % 2**32)
