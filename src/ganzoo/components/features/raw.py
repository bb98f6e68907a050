"""Raw features: the values themselves."""

from __future__ import annotations

import math

from torch import Tensor

from ganzoo.components.features.frozen import FrozenFeatures
from ganzoo.errors import DoesNotFit
from ganzoo.registry.specs import Shape

MAX_VALUES = 4096
"""Values of a sample at most: a covariance of more is slow, and unreliable from a few thousand samples."""


class RawFeatures(FrozenFeatures):
    """The values themselves, flattened; for points and small images.

    Args:
        shape: of one sample.

    Raises:
        DoesNotFit: a sample has more than 4,096 values.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.dim = math.prod(shape)
        if self.dim > MAX_VALUES:
            sides = "x".join(map(str, shape))
            raise DoesNotFit(f"raw features of {sides} samples are {self.dim:,} values, at most {MAX_VALUES:,} are "
                             "allowed. Choose --features random, or a smaller --resolution.")  # fmt: skip
        self.name, self.resizer = "raw", "none"
        self.freeze()

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, D)``."""
        return images.float().flatten(1)
