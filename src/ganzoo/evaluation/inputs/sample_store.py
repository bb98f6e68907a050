"""Storage of the samples of an evaluation: in memory, or in an unnamed temporary file."""

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
"""Samples up to this many bytes stay in memory."""

SHARE = 4
"""The disk must have this many times the size of the samples free."""


class SampleStore(Protocol):
    """Stores samples by index; an array is one."""

    def __getitem__(self, indices: NDArray[np.int64], /) -> np.ndarray:
        """Return ``(len(indices), *shape)``."""

    def __setitem__(self, indices: NDArray[np.int64], samples: np.ndarray, /) -> None:
        """Store ``(len(indices), *shape)``."""


class DiskStore:
    """Samples in a file without a name.

    Args:
        shape: of one sample.
        kind: its dtype.
        folder: where the file is created.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """

    def __init__(self, shape: Shape, kind: DTypeLike, folder: Path) -> None:
        self._shape, self._kind = shape, np.dtype(kind)
        self._bytes = math.prod(shape) * self._kind.itemsize
        self._file, self._one_at_a_time = tempfile.TemporaryFile(dir=folder), Lock()  # noqa: SIM115
        finalize(self, self._file.close)

    def __getitem__(self, indices: NDArray[np.int64]) -> np.ndarray:
        """Return ``(len(indices), *shape)`` of stored samples."""
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
    """Open a store: in memory up to ``KEPT`` bytes, else on the disk of the cache; None where neither has space.

    Args:
        count: number of samples.
        shape: of one sample.
        kind: its dtype.
    """
    wanted = count * math.prod(shape) * np.dtype(kind).itemsize
    if wanted <= KEPT:
        return np.empty((count, *shape), kind)
    try:
        cache_root().mkdir(parents=True, exist_ok=True)
        return DiskStore(shape, kind, cache_root()) if shutil.disk_usage(cache_root()).free >= SHARE * wanted else None
    except OSError:  # the cache cannot be written: samples are generated again instead
        return None
