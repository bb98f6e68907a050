"""The kinds that measure: features, metrics, and what metrics are computed from.

Shapes: N samples, D features, K classes. Images are float32 in [-1, 1], rounded to 8 bits like a saved file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, get_args

from ganzoo.errors import BadComponent

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from ganzoo.interfaces.data import Dataset
    from ganzoo.interfaces.networks import Generator
    from ganzoo.registry.specs import Shape

Direction = Literal["lower", "higher", "neither"]
"""Which way a value is better; a share of classes that should match the data's is better neither way."""


@dataclass(frozen=True)
class MetricValue:
    """One value of a metric.

    Args:
        value: the estimate.
        error: standard error over the sampling; None where it is not known.
        better: which way it is better.
    """

    value: float
    error: float | None = None
    better: Direction = "lower"

    def __post_init__(self) -> None:
        """Refuse a value that no file could hold or no table could show.

        Raises:
            BadComponent: the value or the error is no number, the error is negative, or the direction is unknown.
        """
        for what, number in (("value", self.value), ("error", 0.0 if self.error is None else self.error)):
            if not isinstance(number, float | int):
                found = type(number).__name__
                raise BadComponent(f"the {what} of a metric is a {found}, not a float: wrap it in float().")
        if self.error is not None and self.error < 0:
            raise BadComponent(f"the error of a metric is {self.error}: a standard error is not negative.")
        if self.better not in get_args(Direction):
            raise BadComponent(f"a metric is better {self.better!r}; it can be {', '.join(get_args(Direction))}.")


class Features(Protocol):
    """Kind ``features``, an ``nn.Module``: ``__init__(self, shape, *, ...)``; maps an image to its features.

    Capability ``probabilities``: a method ``probabilities(images) -> (N, K)``, rows that sum to 1.
    Capability ``maps``: a method ``maps(images) -> list of (N, C, H, W)``, activations of several depths; the
    images are not rounded.
    """

    dim: int
    """D."""
    name: str
    """Name in the evaluation protocol, such as ``random`` or ``timm:mobilenetv2_100``."""
    resizer: str
    """How images are resized for the network, such as ``none`` or ``bilinear antialias 299``."""

    def __call__(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, D)`` float32; a row depends on its own sample alone."""

    def fingerprint(self) -> str:
        """Return a hash of the weights: equal for equal features, wherever they came from."""


class Gaussian(Protocol):
    """A normal distribution in float64, and the number of samples it was fitted to."""

    @property
    def count(self) -> int:
        """Samples."""

    @property
    def mean(self) -> Tensor:
        """``(D,)``."""

    @property
    def covariance(self) -> Tensor:
        """``(D, D)``, unbiased."""


class Samples(Protocol):
    """Reals or fakes; each property is computed when it is first read.

    Memory does not grow with ``len``: ``rows`` has a limit, and images are read or generated again on every call.
    """

    @property
    def moments(self) -> Gaussian:
        """Count, mean and covariance of the features of all samples."""

    @property
    def rows(self) -> Tensor:
        """``(R, D)`` float32 features of the first R samples, R at most the limit of the evaluation."""

    @property
    def labels(self) -> Tensor:
        """``(N,)`` int64, zeros without classes, on the CPU."""

    def __len__(self) -> int:
        """Return the number of samples."""

    def images(self, indices: Sequence[int]) -> Tensor:
        """Return samples by index: ``(len(indices), *shape)`` float32 on the device."""

    def batches(self, limit: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield all samples, or the first ``limit``, in order: images and labels, a few hundred at a time."""


class MetricInputs(Protocol):
    """Everything a metric may be computed from.

    A metric is pure: random numbers come from ``make_rng``, images go to ``save_sheet``, and it writes no files.
    """

    real: Samples
    fake: Samples
    features: Features
    dataset: Dataset
    shape: Shape
    num_classes: int
    """Classes of the data; 0 without."""
    conditional: bool
    """Whether the generator is conditional on classes; the fakes then have the labels of the reals."""
    generator: Generator
    """In evaluation mode, with averaged weights, on ``device``; without gradients."""
    device: torch.device

    def make_rng(self, name: str) -> torch.Generator:
        """Make a random number generator on the CPU, the same for the same evaluation seed and name."""

    def save_sheet(self, name: str, images: Tensor, columns: int) -> None:
        """Save ``(N, *shape)`` as a sheet ``name.png`` beside the metrics."""


class Metric(Protocol):
    """Kind ``metric``: computes values from reals and fakes; ``__init__(self, *, ...)``."""

    uses_features: ClassVar[bool]
    """Whether it depends on features: the protocol of its values then holds the extractor and its hash."""

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute one or more values, by lower_snake name.

        Raises:
            GanzooError: the samples do not allow it, such as fewer samples than neighbours.
        """
