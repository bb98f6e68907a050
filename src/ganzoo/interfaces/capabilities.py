"""What a part can do beyond its kind; it is recognised by its methods.

Shapes: B batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeGuard, runtime_checkable

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from ganzoo.interfaces.protocols import Dataset, Schedule
    from ganzoo.registry.specs import Shape


@runtime_checkable
class Adaptive(Protocol):
    """A part with a state that the discriminator's view of the reals steers."""

    def adapt(self, real_logits: Tensor) -> None:
        """Take the discriminator's logits of a batch of reals, ``(B, ...)``; called once a discriminator's phase, no gradient.

        Above 0 they are taken for real: they are measured from the logit at which the loss cannot tell, such as the
        middle between the targets of least squares, and where it has none from the middle between reals and fakes.
        """


@runtime_checkable
class Packs(Protocol):
    """An augmentation after which the discriminator sees several samples as one."""

    def output_shape(self, shape: Shape) -> Shape:
        """Tell the shape of a pack of samples: m times as long along its first dimension."""


def packs(part: object) -> TypeGuard[Packs]:
    """Whether an augmentation has the method, not merely something of its name."""
    return callable(getattr(part, "output_shape", None))


def pack_size(parts: Iterable[object], shape: Shape) -> int:
    """Tell how many samples of a shape some augmentations together make one of; 1 where none packs."""
    seen = shape
    for part in parts:
        seen = part.output_shape(seen) if packs(part) else seen
    return max(seen[0] // shape[0], 1)


@runtime_checkable
class RunLengthAware(Protocol):
    """A schedule that lasts as long as the run where it was not told otherwise."""

    def for_run(self, images: int) -> Schedule:
        """Give the schedule for a run of so many images."""


@runtime_checkable
class HasMetadata(Protocol):
    """A metric whose readings depend on more than its settings tell, such as on what lies in a file they name."""

    def metadata(self, dataset: Dataset, device: torch.device) -> Mapping[str, object]:
        """Tell it by name, as JSON can hold it; a setting's name takes that setting's place in the stamp."""


@runtime_checkable
class MinimumSamples(Protocol):
    """A metric that cannot read from few samples: a run that would show it fewer is refused before it trains."""

    @property
    def minimum_samples(self) -> tuple[int, int]:
        """Reals and fakes it takes at least."""


@runtime_checkable
class Resamplable(Protocol):
    """A data set that is drawn rather than collected: it can make reals nobody has seen."""

    def resample(self, count: int, seed: int) -> Dataset:
        """Draw other samples of the same distribution; another seed than the data set's own."""


@runtime_checkable
class Logs(Protocol):
    """A part with readings of its own, shown live and written to ``metrics.jsonl`` as ``part/name``."""

    def logged(self) -> Mapping[str, Tensor]:
        """Scalars on the device; nothing is read on the host."""
