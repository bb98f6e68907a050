"""Images in NumPy's ``.npz`` and ``.npy``.

- Images are ``images``, ``x_train``, ``train_images`` or ``arr_0``; their labels, if any, ``labels``, ``y_train``,
  ``train_labels`` or ``arr_1``. A ``.npy`` holds images only.
- uint8 is kept; float within [0, 1] is scaled from there, otherwise within [-1, 1] from there; all else is refused.
- ``(N, H, W)`` is grey. Of four dimensions the channels are the smaller of the second and the last one.
- Nothing that needs unpickling is loaded. A ``.npy`` is memory-mapped; an ``.npz`` is held in memory while the
  cache is built.
"""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from ganzoo.components.datasets.files.classes import Classes, number_classes
from ganzoo.components.datasets.files.listing import Item, Listing, Pixels
from ganzoo.components.datasets.files.paths import find_path, hash_file_stats
from ganzoo.errors import BadData

EXTENSIONS = (".npz", ".npy")
# what NumPy and zipfile raise on cut and mutated files (found by fuzzing)
_BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, RuntimeError, EOFError, LookupError, ArithmeticError, MemoryError),
    *(struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)
_PAIRS = {"images": "labels", "x_train": "y_train", "train_images": "train_labels", "arr_0": "arr_1"}


class ArraysReader:
    """Lists the images of an array file.

    Args:
        path: the file as typed.

    Raises:
        BadData: it is missing or no array file.
    """

    def __init__(self, path: str) -> None:
        self.where = path
        self._path = find_path(path)
        if self._path.suffix.lower() not in EXTENSIONS or not self._path.is_file():
            raise BadData(f"{path} is no {' or '.join(EXTENSIONS)} file")

    def key(self) -> str:
        """Hash the file's name, size and time."""
        return f"arrays:{hash_file_stats(self._path.parent, [self._path.name])}"

    def listing(self, *, labels: bool) -> Listing:
        """List the images in the order of the array."""
        images, targets = _load_arrays(self._path)
        planes = _to_channels_first(images, self.where)
        black = _find_black_level(images, self.where)
        classes = _read_labels(targets, len(images), self.where) if labels and targets is not None else Classes()

        def items() -> Iterator[Item]:
            for number, plane in enumerate(planes):
                yield Item(f"image {number} of {self.where}", partial(_to_8_bit, plane, black), classes.label(number))

        return Listing(len(images), items, classes.names)


def _load_arrays(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        if path.suffix.lower() == ".npy":
            return np.load(path, mmap_mode="r", allow_pickle=False), None
        with np.load(path, allow_pickle=False) as arrays:
            for images, labels in _PAIRS.items():
                if images in arrays:
                    return arrays[images], arrays.get(labels)
            found = ", ".join(arrays)
    except _BROKEN as error:
        raise BadData(f"{path} cannot be read ({error}); Python objects are never loaded: save plain arrays") from error
    raise BadData(f"{path} holds {found}: name the images one of {', '.join(_PAIRS)}")


def _to_channels_first(images: np.ndarray, where: str) -> np.ndarray:
    """View the images as ``(N, C, H, W)``."""
    shape = images.shape
    if 0 in shape or len(shape) not in (3, 4) or (len(shape) == 4 and shape[1] == shape[3]):
        raise BadData(
            f"{where} holds images of shape {shape}: save them as (N, H, W), (N, H, W, C) or (N, C, H, W), "
            "with fewer channels than pixels in a row"
        )
    if len(shape) == 3:
        return images[:, None]
    return images if shape[1] < shape[3] else images.transpose(0, 3, 1, 2)


def _find_black_level(images: np.ndarray, where: str) -> int | None:
    """Return the value of black: 0, -1, or None for uint8, which needs no scaling."""
    if images.dtype == np.uint8:
        return None
    if images.dtype.kind != "f":
        raise BadData(f"{where} holds {images.dtype} images: save them as uint8, or as float within 0..1 or -1..1")
    low, high = float(images.min()), float(images.max())
    if not (low >= -1 and high <= 1):  # also true of NaN
        raise BadData(f"{where} holds float images from {low:g} to {high:g}: rescale them to 0..1 or -1..1")
    return 0 if low >= 0 else -1


def _to_8_bit(plane: np.ndarray, black: int | None) -> Pixels:
    if black is None:
        return np.ascontiguousarray(plane, np.uint8)
    return np.ascontiguousarray(np.rint((plane.astype(np.float64) - black) * (255 / (1 - black))).astype(np.uint8))


def _read_labels(targets: np.ndarray, count: int, where: str) -> Classes:
    if targets.dtype.kind not in "iu" or targets.size != count or targets.shape[0] != count:
        raise BadData(
            f"{where} holds labels of shape {targets.shape} and type {targets.dtype} for {count} images: "
            "save one whole number an image"
        )
    return number_classes(targets.ravel().tolist(), where)
