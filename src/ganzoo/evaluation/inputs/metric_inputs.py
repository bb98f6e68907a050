"""The inputs of metrics: reals, fakes, features, the generator, and random numbers."""

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
    """A sample sheet of a metric.

    Args:
        images: ``(N, *shape)``.
        columns: images per row.
    """

    images: Tensor
    columns: int


@dataclass(frozen=True)
class EvaluatorInputs:
    """The inputs of one evaluation.

    Args:
        real: samples of the data.
        fake: samples of the generator.
        features: the feature extractor.
        dataset: the data set itself.
        generator: in evaluation mode, with averaged weights, on ``device``.
        conditional: whether the generator takes class labels.
        device: where everything is computed.
        seed: of the evaluation.
        pictures: sample sheets, by name.
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
        """Return a CPU random generator, the same for the same evaluation seed and name."""
        return seeded_generator(self.seed, name)

    def save_sheet(self, name: str, images: Tensor, columns: int) -> None:
        """Keep ``(N, *shape)`` to be saved as ``name.png`` beside the metrics."""
        self.pictures[name] = Picture(images, columns)


class WithoutFeatures:
    """Samples for a metric that declares to use no features: reading features is refused.

    Args:
        side: the samples.
        metric: name of the metric.
    """

    def __init__(self, side: Samples, metric: str) -> None:
        self._side, self._metric = side, metric

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._side)

    def __getattr__(self, name: str) -> object:
        """Return an attribute of the samples, except features.

        Raises:
            BadComponent: the metric reads features, which its protocol does not name.
        """
        if name in ("moments", "rows"):
            raise BadComponent(f"metric '{self._metric}' uses features, but says uses_features = False: the protocol "
                               "would not name them. Its author sets uses_features = True.")  # fmt: skip
        return getattr(self._side, name)


def seeded_generator(seed: int, name: str) -> torch.Generator:
    """Return a CPU random generator from the seed of an evaluation and a name."""
    return torch.Generator().manual_seed(mix_seeds(seed, zlib.crc32(name.encode())) % 2**32)
