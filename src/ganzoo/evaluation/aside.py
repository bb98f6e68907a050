"""Evidence of which only the features are left, so that a metric can do its arithmetic while training goes on.

It lies in the host's memory and touches neither the device nor torch's global state. Shapes: R rows kept, D features.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ganzoo.errors import DoesNotFit
from ganzoo.evaluation.evidence import Exhibits, stream
from ganzoo.evaluation.shelf import Recalled
from ganzoo.measurement import Gaussian, Samples
from ganzoo.specs import Shape

ASIDE = "features-only"
"""Capability of a metric that looks at nothing but this."""


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
    device: torch.device

    def picture(self, name: str, images: Tensor, columns: int) -> None:
        """Refuse: a picture is of images.

        Raises:
            DoesNotFit: always.
        """
        raise _refusal("leaves pictures")

    def random(self, name: str) -> torch.Generator:
        """Make a stream of randomness on the CPU, the same as that of the whole evidence."""
        return stream(self.seed, name)


def features_alone(exhibits: Exhibits) -> FeaturesAlone:
    """Compute the features of both sides where that was not done, and bring them to the host."""
    classes = exhibits.conditional
    return FeaturesAlone(
        _gathered(exhibits.real, classes), _gathered(exhibits.fake, classes), Named(exhibits.features.name),
        exhibits.shape, exhibits.num_classes, classes, exhibits.seed, torch.device("cpu"),
    )  # fmt: skip


def _gathered(side: Samples, classes: bool) -> Gathered:
    """Bring one side to the host; labels only where the generator is told of them, for those of reals are read."""
    moments = side.moments
    on_host = Recalled(moments.count, moments.mean.cpu(), moments.covariance.cpu())
    labels = side.labels if classes else torch.zeros(len(side), dtype=torch.int64)
    return Gathered(len(side), on_host, side.rows.cpu(), labels)


def _refusal(what: str) -> DoesNotFit:
    return DoesNotFit(f"a metric that provides '{ASIDE}' {what}: it must not declare that.")
