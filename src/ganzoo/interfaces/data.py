"""Data sets and the batches they become.

Shapes: B batch. Samples are float32, images in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from ganzoo.registry.specs import Shape


class Rng(Protocol):
    """Random numbers of one batch: the same for the same (seed, step), however the batch is split."""

    def normal(self, *dims: int) -> Tensor:
        """Sample standard normal values of shape ``(B, *dims)`` on the run's device."""

    def uniform(self, *dims: int) -> Tensor:
        """Sample values uniform in [0, 1) of shape ``(B, *dims)`` on the run's device."""


@dataclass(frozen=True)
class Batch:
    """What a phase computes its losses from.

    Args:
        tensors: named tensors with B first; ``images`` always, ``labels`` as int64 (zeros without classes).
        rng: random numbers of this batch.
    """

    tensors: Mapping[str, Tensor]
    rng: Rng

    @property
    def images(self) -> Tensor:
        """Real samples, ``(B, *shape)``."""
        return self.tensors["images"]

    @property
    def labels(self) -> Tensor:
        """Class of each real sample, ``(B,)`` int64."""
        return self.tensors["labels"]


class Dataset(Protocol):
    """Kind ``dataset``: real samples by index; ``__init__(self, *, ...)``."""

    shape: Shape
    num_classes: int
    """0 when the data has no classes."""
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of samples."""

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Read samples by index: ``images`` as uint8 or float32 ``(B, *shape)``, ``labels`` as int64 ``(B,)``."""

    def fingerprint(self) -> str:
        """Return a hash of the content: equal for equal data, wherever it is stored."""
