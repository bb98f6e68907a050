"""Random weights that are the same on every machine, with any version of numpy and torch.

Only the raw bits of PCG64 are used, whose stream numpy promises never to change (NEP 19), and arithmetic that is exact
or rounded as IEEE 754 requires.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_HALF = 2**15
_TERMS = 12
"""A sum of 12 uniform numbers has variance 1 and is nearly normal (Irwin 1927, Hall 1927)."""


class FixedRng:
    """An endless sequence of random weights that depends on the seed only."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def uniform(self, *shape: int) -> Tensor:
        """Return numbers with mean 0 and variance 1, uniform in ``[-sqrt(3), sqrt(3))``."""
        return _to_tensor(self._integers(math.prod(shape)) * (math.sqrt(3) / _HALF), shape)

    def balanced(self, *shape: int, groups: int = 1, keep: float = 0.0) -> Tensor:
        """Return uniform filters with little or no response to a constant image.

        Args:
            shape: of all filters; the first number counts them.
            groups: parts of a filter whose means are subtracted separately, such as its input channels.
            keep: share of the mean that stays, from 0 to 1.
        """
        rows = self._integers(math.prod(shape)).reshape(shape[0] * groups, -1)
        length = rows.shape[1]
        centred = (rows * length - rows.sum(1, keepdims=True) * (1 - keep)) / length
        return _to_tensor(centred * (math.sqrt(3) / _HALF), shape)

    def normal(self, *shape: int) -> Tensor:
        """Return nearly standard normal numbers, none beyond 6."""
        sums = self._integers(math.prod(shape) * _TERMS).reshape(-1, _TERMS).sum(1)
        return _to_tensor(sums / (2 * _HALF), shape)

    def _integers(self, count: int) -> NDArray[np.int64]:
        """Return uniform integers in ``[-2^15, 2^15)``: the top 16 bits of each raw number."""
        raw = np.asarray(self._bits.random_raw(count))
        return (raw >> np.uint64(48)).astype(np.int64) - _HALF


def _to_tensor(values: NDArray[np.floating], shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32).reshape(shape))
