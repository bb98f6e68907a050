"""Tiny data: noise in memory, and files in the layouts that data sets are kept in."""

from __future__ import annotations

import math
import os
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo.registry.specs import Shape

COUNT, CLASSES = 24, 3
PER_CLASS, SIDE = 4, 16
CACHE = "GANZOO_CACHE"


class Noise:
    """A data set of samples uniform in [-1, 1], in three classes.

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
        """Return the number of samples."""
        return COUNT

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Read ``images`` as float32 ``(B, *shape)`` and ``labels``, the classes in turn."""
        return {"images": self._images[indices], "labels": np.asarray(indices, np.int64) % CLASSES}

    def fingerprint(self) -> str:
        """Return the shape as text: all else is fixed."""
        return f"noise {self.shape}"


@cache
def write_data_files() -> tuple[Path, ...]:
    """Write two classes of grey noise as a folder, a zip, IDX files and an .npz; they last as long as the process."""
    root = Path(_folder().name)
    images = np.random.default_rng(0).integers(0, 256, (2 * PER_CLASS, SIDE, SIDE), np.uint8)
    labels = np.repeat(np.arange(2, dtype=np.uint8), PER_CLASS)
    folder = _write_folder(root / "folder", images, labels)
    np.savez(root / "noise.npz", images=images, labels=labels)
    return folder, _write_zip(root / "noise.zip", folder), _write_idx(root / "idx", images, labels), root / "noise.npz"


@contextmanager
def private_cache() -> Iterator[None]:
    """Let data sets cache beside these files instead of in the user's cache."""
    before = os.environ.get(CACHE)
    os.environ[CACHE] = str(Path(_folder().name) / "cache")
    try:
        yield
    finally:
        del os.environ[CACHE]
        if before is not None:
            os.environ[CACHE] = before


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="ganzoo-checks-", ignore_cleanup_errors=True)


def _write_folder(folder: Path, images: np.ndarray, labels: np.ndarray) -> Path:
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        place = folder / f"class-{label}" / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place)
    return folder


def _write_zip(place: Path, folder: Path) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder).as_posix())
    return place


def _write_idx(folder: Path, images: np.ndarray, labels: np.ndarray) -> Path:
    folder.mkdir()
    for name, values in (("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", labels)):
        head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
        (folder / name).write_bytes(head + values.tobytes())
    return folder
