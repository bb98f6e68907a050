"""Where one side's samples lie once they are made: in memory, or in a file nobody sees that goes with the process."""

from __future__ import annotations

import math
import shutil
import tempfile
from pathlib import Path
from threading import Lock
from typing import Protocol
from weakref import finalize

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ganzoo.components.datasets.files.cache import cache_root
from ganzoo.registry.specs import Shape

KEPT = 256 * 2**20
"""Bytes of samples up to which they stay in memory."""

SHARE = 4
"""How many times as much must be free on a disk as samples would take there."""


class SampleStore(Protocol):
    """Takes samples by index and gives them back; an array is one."""

    def __getitem__(self, indices: NDArray[np.int64], /) -> np.ndarray:
        """Give ``(len(indices), *shape)``."""

    def __setitem__(self, indices: NDArray[np.int64], samples: np.ndarray, /) -> None:
        """Take ``(len(indices), *shape)``."""


class DiskStore:
    """Samples in a file without a name.

    Args:
        shape: of one sample.
        kind: of its numbers.
        folder: on the disk that takes them.

    Raises:
        OSError: the folder cannot be written; so does storing on a full disk.
    """

    def __init__(self, shape: Shape, kind: DTypeLike, folder: Path) -> None:
        self._shape, self._kind = shape, np.dtype(kind)
        self._bytes = math.prod(shape) * self._kind.itemsize
        self._file, self._one_at_a_time = tempfile.TemporaryFile(dir=folder), Lock()  # noqa: SIM115
        finalize(self, self._file.close)

    def __getitem__(self, indices: NDArray[np.int64]) -> np.ndarray:
        """Give ``(len(indices), *shape)``; only of what was stored."""
        with self._one_at_a_time:
            return np.stack([self._read(int(index)) for index in indices])

    def __setitem__(self, indices: NDArray[np.int64], samples: np.ndarray) -> None:
        """Store ``(len(indices), *shape)``."""
        with self._one_at_a_time:
            for index, sample in zip(indices, np.asarray(samples, self._kind), strict=True):
                self._file.seek(int(index) * self._bytes)
                self._file.write(sample.tobytes())

    def _read(self, index: int) -> np.ndarray:
        self._file.seek(index * self._bytes)
        return np.frombuffer(self._file.read(self._bytes), self._kind).reshape(self._shape)


def open_store(count: int, shape: Shape, kind: DTypeLike) -> SampleStore | None:
    """Find room: in memory up to ``KEPT``, else on the disk of the cache; None where neither has it.

    Args:
        count: of samples.
        shape: of one.
        kind: of its numbers.
    """
    wanted = count * math.prod(shape) * np.dtype(kind).itemsize
    if wanted <= KEPT:
        return np.empty((count, *shape), kind)
    try:
        cache_root().mkdir(parents=True, exist_ok=True)
        return DiskStore(shape, kind, cache_root()) if shutil.disk_usage(cache_root()).free >= SHARE * wanted else None
    except OSError:  # a cache nobody can write: samples are made again instead
        return None
