"""What a component can do beyond its kind, recognised by its methods or attributes.

Shapes: B batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeGuard, runtime_checkable

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from ganzoo.interfaces.data import Dataset
    from ganzoo.interfaces.training import Schedule
    from ganzoo.registry.specs import Shape


@runtime_checkable
class Adaptive(Protocol):
    """A component whose state follows the discriminator's logits of reals, such as an adaptive augmentation."""

    def adapt(self, real_logits: Tensor) -> None:
        """Update the state with the logits of a batch of reals, ``(B, ...)``; called once per discriminator phase.

        The logits carry no gradient and are centred, so that above 0 means taken for real. The centre is the loss's
        midpoint (``HasMidpoint``), or halfway between the mean logits of reals and of fakes where the loss has none.
        """


@runtime_checkable
class HasMidpoint(Protocol):
    """A loss that costs the discriminator least, where logits of reals and of fakes are equal, at one logit.

    A loss that depends on differences of logits alone has no midpoint, and no such attribute.
    """

    midpoint: float
    """That logit: 0 for the logistic loss, halfway between the targets for least squares."""


@runtime_checkable
class Packs(Protocol):
    """An augmentation that packs several samples into one for the discriminator."""

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of a pack of m samples: m times as long along its first dimension."""


def packs(component: object) -> TypeGuard[Packs]:
    """Return whether an augmentation packs; an attribute of that name that is no method does not count."""
    return callable(getattr(component, "output_shape", None))


def pack_size(components: Iterable[object], shape: Shape) -> int:
    """Return how many samples of a shape some augmentations together pack into one; 1 where none packs."""
    packed = shape
    for component in components:
        packed = component.output_shape(packed) if packs(component) else packed
    return max(packed[0] // shape[0], 1)


@runtime_checkable
class RunLengthAware(Protocol):
    """A schedule that lasts as long as the run where its settings do not say how long."""

    def for_run(self, images: int) -> Schedule:
        """Return the schedule for a run of so many images."""


@runtime_checkable
class HasMetadata(Protocol):
    """A metric whose values depend on more than its settings, such as on the content of a file they name."""

    def metadata(self, dataset: Dataset, device: torch.device) -> Mapping[str, object]:
        """Return entries of the evaluation protocol, as JSON can hold them; one named like a setting replaces it."""


@runtime_checkable
class MinimumSamples(Protocol):
    """A metric that needs a number of samples: a run that would give it fewer is refused before it trains."""

    @property
    def minimum_samples(self) -> tuple[int, int]:
        """Smallest number of reals and of fakes."""


@runtime_checkable
class Resamplable(Protocol):
    """A data set that generates its samples, so that it can make reals no run has trained on."""

    def resample(self, count: int, seed: int) -> Dataset:
        """Return other samples of the same distribution; the seed differs from the data set's own."""


@runtime_checkable
class Logs(Protocol):
    """A component that logs values: they appear in the panel and in ``metrics.jsonl`` as ``component/name``."""

    def logged(self) -> Mapping[str, Tensor]:
        """Return scalars on the device; they are not read on the host here."""
