"""Evidence without the generator, so that a metric can do its arithmetic while training goes on.

Either the features alone are left, or samples too. It lies on the host and touches neither the device nor
torch's global state. Shapes: N samples, R rows kept, D features.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NoReturn

import numpy as np
import torch
from torch import Tensor

from ganzoo.errors import DoesNotFit
from ganzoo.evaluation.feature_cache import StoredMoments
from ganzoo.evaluation.inputs import EvaluatorInputs, Picture, seeded_generator
from ganzoo.evaluation.sample_store import SampleStore
from ganzoo.evaluation.samples import BATCH, SampleSet, to_tensor
from ganzoo.interfaces.measurement import Gaussian, Samples
from ganzoo.registry.specs import Shape

ASIDE = "features-only"
"""Capability of a metric that looks at features alone."""

BESIDE = "samples-only"
"""Capability of a metric that looks at samples, their classes and features, and at nothing else."""

HOST = torch.device("cpu")


@dataclass(frozen=True, eq=False)
class Gathered:
    """One side of a comparison, its samples gone.

    Args:
        count: how many samples there were.
        moments: of the features of all of them.
        rows: ``(R, D)`` features of the first.
        labels: ``(count,)`` int64.
    """

    count: int
    moments: Gaussian
    rows: Tensor
    labels: Tensor

    def __len__(self) -> int:
        """How many samples there were."""
        return self.count

    def images(self, indices: Sequence[int]) -> Tensor:
        """Refuse: there are none.

        Raises:
            DoesNotFit: always.
        """
        raise _refusal("looks at images")

    def batches(self, limit: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Refuse as ``images`` does."""
        raise _refusal("looks at images")


@dataclass(frozen=True, eq=False)
class LaidBy(Gathered):
    """One side of a comparison, its samples laid by.

    Args:
        stored: N of ``shape``: uint8 images, or float32 points.
    """

    stored: SampleStore

    def images(self, indices: Sequence[int]) -> Tensor:
        """Samples by index: ``(len(indices), *shape)`` float32."""
        return to_tensor(self.stored[np.asarray(indices, np.int64)], HOST)

    def batches(self, limit: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """All samples, or the first ``limit``, in order: images and labels."""
        until = self.count if limit is None else min(limit, self.count)
        for start in range(0, until, BATCH):
            stop = min(start + BATCH, until)
            yield self.images(range(start, stop)), self.labels[start:stop]


@dataclass(frozen=True)
class Named:
    """Features of which only the name is left."""

    name: str


@dataclass(frozen=True, eq=False)
class FeaturesAlone:
    """What is left of the evidence of one evaluation.

    Args:
        real: features of the data.
        fake: features of the generator's samples.
        features: the name of what they were seen with.
        shape: of one sample.
        num_classes: classes of the data; 0 without.
        conditional: whether the generator is told of classes.
        seed: of the evaluation.
        device: where the features lie.
    """

    real: Gathered
    fake: Gathered
    features: Named
    shape: Shape
    num_classes: int
    conditional: bool
    seed: int
    device: torch.device = HOST
    declared: ClassVar[str] = ASIDE

    @property
    def generator(self) -> NoReturn:
        """Refuse: it trains on.

        Raises:
            DoesNotFit: always.
        """
        raise _refusal("looks at the generator", self.declared)

    def save_sheet(self, name: str, images: Tensor, columns: int) -> None:
        """Refuse: a picture is of images.

        Raises:
            DoesNotFit: always.
        """
        raise _refusal("leaves pictures")

    def make_rng(self, name: str) -> torch.Generator:
        """Make a stream of randomness on the CPU, the same as that of the whole evidence."""
        return seeded_generator(self.seed, name)


@dataclass(frozen=True, eq=False)
class SamplesAlone(FeaturesAlone):
    """What is left of the evidence of one evaluation, the samples with it.

    Args:
        pictures: what is left, by name.
    """

    pictures: dict[str, Picture] = field(default_factory=dict)
    declared: ClassVar[str] = BESIDE

    def save_sheet(self, name: str, images: Tensor, columns: int) -> None:
        """Keep ``(N, *shape)`` to be drawn as ``name.png`` beside the readings."""
        self.pictures[name] = Picture(images, columns)


def features_alone(exhibits: EvaluatorInputs) -> FeaturesAlone:
    """Compute the features of both sides where that was not done, and bring them to the host."""
    classes = exhibits.conditional
    return FeaturesAlone(
        _gathered(exhibits.real, classes), _gathered(exhibits.fake, classes), Named(exhibits.features.name),
        exhibits.shape, exhibits.num_classes, classes, exhibits.seed,
    )  # fmt: skip


def samples_alone(exhibits: EvaluatorInputs, *, uses_features: bool) -> SamplesAlone:
    """Make and read the samples of both sides where that was not done, and lay them by on the host.

    Args:
        exhibits: both sides fit.
        uses_features: whether somebody looks at features; else none are computed for this.
    """
    real, fake = (_laid_by(side, exhibits.conditional, uses_features) for side in (exhibits.real, exhibits.fake))
    return SamplesAlone(
        real, fake, Named(exhibits.features.name), exhibits.shape, exhibits.num_classes, exhibits.conditional,
        exhibits.seed, pictures=exhibits.pictures,
    )  # fmt: skip


def fits(exhibits: EvaluatorInputs) -> bool:
    """Whether there is room for the samples of both sides."""
    return all(isinstance(side, SampleSet) and side.fits for side in (exhibits.real, exhibits.fake))


def _laid_by(side: Samples, classes: bool, uses_features: bool) -> LaidBy:
    assert isinstance(side, SampleSet)
    stored, nothing = side.laid_by(), torch.zeros(0)
    seen = _gathered(side, classes) if uses_features else None
    labels = side.labels if classes else torch.zeros(len(side), dtype=torch.int64)
    moments, rows = (seen.moments, seen.rows) if seen else (StoredMoments(0, nothing, nothing), nothing)
    return LaidBy(len(side), moments, rows, labels, stored)


def _gathered(side: Samples, classes: bool) -> Gathered:
    """Bring one side to the host; labels only where the generator is told of them, for those of reals are read."""
    moments = side.moments
    on_host = StoredMoments(moments.count, moments.mean.cpu(), moments.covariance.cpu())
    labels = side.labels if classes else torch.zeros(len(side), dtype=torch.int64)
    return Gathered(len(side), on_host, side.rows.cpu(), labels)


def _refusal(what: str, declared: str = ASIDE) -> DoesNotFit:
    return DoesNotFit(f"a metric that provides '{declared}' {what}: it must not declare that.")
