"""Tiny data on disk, in the layouts data sets are kept in: what a component with a path is opened on."""

from __future__ import annotations

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

PER_CLASS, SIDE = 4, 16
CACHE = "GANZOO_CACHE"


@cache
def write_fixtures() -> tuple[Path, ...]:
    """Write two classes of grey noise as a folder, a zip, IDX files and an .npz; they last as long as the process."""
    root = Path(_home().name)
    images = np.random.default_rng(0).integers(0, 256, (2 * PER_CLASS, SIDE, SIDE), np.uint8)
    labels = np.repeat(np.arange(2, dtype=np.uint8), PER_CLASS)
    folder = _write_folder(root / "folder", images, labels)
    np.savez(root / "noise.npz", images=images, labels=labels)
    return folder, _write_zip(root / "noise.zip", folder), _write_idx(root / "idx", images, labels), root / "noise.npz"


@contextmanager
def own_cache() -> Iterator[None]:
    """Let data sets cache beside the fixtures instead of in the user's cache."""
    before = os.environ.get(CACHE)
    os.environ[CACHE] = str(Path(_home().name) / "cache")
    try:
        yield
    finally:
        del os.environ[CACHE]
        if before is not None:
            os.environ[CACHE] = before


@cache
def _home() -> tempfile.TemporaryDirectory[str]:
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
