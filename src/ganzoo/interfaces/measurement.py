"""The kinds that classifier: features, metrics, and the evidence they look at.

Shapes: N samples, D features, K classes. Images are float32 in [-1, 1], rounded to 8 bits as a saved file would be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, get_args

from ganzoo.errors import BadPart

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from ganzoo.interfaces.protocols import Dataset, Generator
    from ganzoo.registry.specs import Shape

Direction = Literal["lower", "higher", "neither"]
"""Which way a reading is better; a share of classes that should match the data's is better neither way."""


@dataclass(frozen=True)
class MetricValue:
    """One number a metric read.

    Args:
        value: the estimate.
        error: its standard error over the samples drawn; None where it is not known.
        better: which way it is better.
    """

    value: float
    error: float | None = None
    better: Direction = "lower"

    def __post_init__(self) -> None:
        """Refuse what no file could hold, or no table show.

        Raises:
            BadPart: a number that is none, a negative error, or no such direction.
        """
        for what, number in (("value", self.value), ("error", 0.0 if self.error is None else self.error)):
            if not isinstance(number, float | int):
                raise BadPart(f"the {what} of a reading is a {type(number).__name__}, not a float: wrap it in float().")
        if self.error is not None and self.error < 0:
            raise BadPart(f"the error of a reading is {self.error}: a standard error is not negative.")
        if self.better not in get_args(Direction):
            raise BadPart(f"a reading is better {self.better!r}; it can be {', '.join(get_args(Direction))}.")


class Features(Protocol):
    """Kind ``features``, an ``nn.Module``: ``__init__(self, shape, *, ...)``; what a metric sees of an image.

    Capability ``probabilities``: it has a method ``probabilities(images) -> (N, K)``, rows that sum to 1.
    Capability ``maps``: it has a method ``maps(images) -> list of (N, C, H, W)``, activations of several depths, of the
    images as they are: rounded to no levels.
    """

    dim: int
    """D."""
    name: str
    """Stands in the protocol stamp, such as ``random`` or ``timm:mobilenetv2_100``."""
    resizer: str
    """How images are brought to the network's size, such as ``none`` or ``bilinear antialias 299``."""

    def __call__(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, D)`` float32, one row a sample, whatever stands beside it."""

    def fingerprint(self) -> str:
        """Hash of the weights: equal for equal features wherever they came from."""


class Gaussian(Protocol):
    """A normal distribution, in float64, and how many samples it was fitted to."""

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
    """One side of a comparison, reals or fakes; nothing is computed before it is asked for.

    Memory does not grow with ``len``: ``rows`` stops at a limit, and images are read or made anew.
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
        """How many samples there are."""

    def images(self, indices: Sequence[int]) -> Tensor:
        """Samples by index: ``(len(indices), *shape)`` float32 on the device."""

    def batches(self, limit: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """All samples, or the first ``limit``, in order: images and labels of at most some hundred at a time."""


class MetricInputs(Protocol):
    """All a metric may look at.

    Pure: a metric draws its randomness from ``random`` and leaves pictures with ``picture``; it writes nothing.
    """

    real: Samples
    fake: Samples
    features: Features
    dataset: Dataset
    shape: Shape
    num_classes: int
    """Classes of the data; 0 without."""
    conditional: bool
    """Whether the generator is told of classes; the fakes then have the reals' labels."""
    generator: Generator
    """In evaluation mode, with averaged weights, on ``device``; its gradients are off."""
    device: torch.device

    def random(self, name: str) -> torch.Generator:
        """Make a stream of randomness on the CPU, the same for the same evaluation seed and name."""

    def picture(self, name: str, images: Tensor, columns: int) -> None:
        """Leave ``(N, *shape)`` as a sheet ``name.png`` beside the readings."""


class Metric(Protocol):
    """Kind ``metric``: reads numbers off evidence; ``__init__(self, *, ...)``."""

    featured: ClassVar[bool]
    """Whether it looks at features: its readings are then stamped with the extractor and its hash."""

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read one or more numbers, by lower_snake name.

        Raises:
            GanzooError: the evidence does not allow it, such as fewer samples than neighbours; says what would.
        """
