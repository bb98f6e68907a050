"""A data set of noise: any shape, three classes, nothing to open."""

from __future__ import annotations

import math

import numpy as np

from ganzoo.registry.specs import Shape

COUNT, CLASSES = 24, 3


class Noise:
    """Samples uniform in [-1, 1].

    Args:
        shape: of one sample.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape: Shape = shape
        self.num_classes = CLASSES
        self.class_names = tuple(f"noise {number}" for number in range(CLASSES))
        values = np.random.default_rng(math.prod(shape)).random((COUNT, *shape), np.float32)
        self._images = 2 * values - 1

    def __len__(self) -> int:
        """How many samples there are."""
        return COUNT

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Read ``images`` as float32 ``(B, *shape)`` and ``labels``, which go round the classes."""
        return {"images": self._images[indices], "labels": np.asarray(indices, np.int64) % CLASSES}

    def fingerprint(self) -> str:
        """Name the shape: all else is fixed."""
        return f"noise {self.shape}"
