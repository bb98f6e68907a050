"""Images in IDX files, the format of MNIST.

IDX (Y. LeCun, "The MNIST database"): two zero bytes, 0x08 for bytes, the number of dimensions, each dimension as a
big-endian 32-bit number, then the values. Compressed files are recognised by their content, not by their name.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo.components.datasets.files.classes import Classes, number_classes
from ganzoo.components.datasets.files.listing import Item, Listing, Pixels, Split
from ganzoo.components.datasets.files.paths import find_path, hash_file_stats, list_folder
from ganzoo.errors import BadData

_IMAGES = re.compile(r"(?P<stem>.*)images(?P<dot>[-.])idx3-ubyte(\.gz)?\Z")
_TEST = re.compile("t10k|test")
_GZIP = b"\x1f\x8b"


class IdxReader:
    """Lists the images of an IDX file.

    Args:
        path: folder or file as typed.
        split: part to read from a folder.

    Raises:
        BadData: there is no such file, or more than one.
    """

    def __init__(self, path: str, split: Split) -> None:
        self.where = path
        found = find_path(path)
        self._images = _find_split(found, split) if found.is_dir() else found
        self._labels = _find_labels(self._images)

    def key(self) -> str:
        """Hash the files' names, sizes and times."""
        files = [file.name for file in (self._images, self._labels) if file]
        return f"idx:{hash_file_stats(self._images.parent, files)}"

    def listing(self, *, labels: bool) -> Listing:
        """List the images in the order of the file."""
        with _open_idx(self._images) as file:
            count = _read_dimensions(file, self._images, 3)[0]
        classes = self._read_classes(self._labels, count) if labels and self._labels else Classes()

        def items() -> Iterator[Item]:
            for number, pixels in enumerate(_read_images(self._images)):
                yield Item(f"image {number} of {self._images}", partial(np.asarray, pixels), classes.label(number))

        return Listing(count, items, classes.names)

    def _read_classes(self, labels: Path, count: int) -> Classes:
        with _open_idx(labels) as file:
            (promised,) = _read_dimensions(file, labels, 1)
            if promised != count:
                raise BadData(f"{labels} holds {promised} labels for {count} images of {self._images}")
            data = _read_exactly(file, promised, labels, "labels")
            _assert_end(file, labels)
        return number_classes(data, str(labels)) if data else Classes()


def find_idx_files(folder: Path) -> list[Path]:
    """Find the IDX image files in a folder, without the compressed copy of a file that is there uncompressed."""
    names = {file.name for file in list_folder(folder) if _IMAGES.match(file.name)}
    return [folder / name for name in sorted(names) if name.removesuffix(".gz") not in names - {name}]


def is_idx(path: Path) -> bool:
    """Whether a file is an IDX file of bytes, by its first bytes."""
    try:
        with _open_idx(path) as file:
            return file.read(3) == bytes([0, 0, 8])
    except BadData:
        return False  # another compression, or broken: the caller says what is accepted


def _find_split(folder: Path, split: Split) -> Path:
    files = find_idx_files(folder)
    chosen = [file for file in files if bool(_TEST.search(file.name)) == (split == "test")]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise BadData(f"{folder} holds several {split} sets: name one file, e.g. --data {chosen[0]}")
    others = ", ".join(file.name for file in files) or "no *-images-idx3-ubyte[.gz] at all"
    raise BadData(f"{folder} holds no {split} images; it holds {others}")


def _find_labels(images: Path) -> Path | None:
    match = _IMAGES.match(images.name)
    if not match:
        return None
    plain = images.with_name(f"{match['stem']}labels{match['dot']}idx1-ubyte")
    both = (plain, plain.with_name(plain.name + ".gz"))
    return next((file for file in both if file.is_file()), None)


@contextmanager
def _open_idx(path: Path) -> Iterator[BufferedIOBase]:
    try:
        with path.open("rb") as file:
            if file.peek(2)[:2] != _GZIP:
                yield file
                return
            with gzip.open(file) as unpacked:
                yield unpacked
    except (OSError, EOFError, zlib.error) as error:
        raise BadData(f"{path} cannot be read ({error}): fetch it again") from error


def _read_dimensions(file: BufferedIOBase, path: Path, wanted: int) -> tuple[int, ...]:
    magic = file.read(4)
    if magic != bytes([0, 0, 8, wanted]):
        kinds = {1: "labels", 3: "images"}
        hint = f" It holds {kinds[magic[3]]}." if magic in (b"\0\0\x08\1", b"\0\0\x08\3") else ""
        raise BadData(
            f"{path} begins with {magic.hex() or 'nothing'}, an IDX file of {kinds[wanted]} with 0000080{wanted}.{hint}"
        )
    dimensions = struct.unpack(f">{wanted}I", _read_exactly(file, 4 * wanted, path, "bytes of header"))
    pixels = dimensions[1] * dimensions[2] if wanted == 3 else 1
    if not 0 < pixels <= (Image.MAX_IMAGE_PIXELS or 2**31):
        raise BadData(f"{path} promises images of {dimensions[2]}x{dimensions[1]} pixels: fetch it again")
    return dimensions


def _read_images(path: Path) -> Iterator[Pixels]:
    with _open_idx(path) as file:
        count, height, width = _read_dimensions(file, path, 3)
        for number in range(count):
            data = _read_exactly(file, height * width, path, f"bytes of image {number} of {count}")
            yield np.frombuffer(data, np.uint8).reshape(1, height, width)
        _assert_end(file, path)


def _read_exactly(file: BufferedIOBase, size: int, path: Path, what: str) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise BadData(f"{path} is cut off: {len(data)} of {size} {what}. Fetch it again")
    return data


def _assert_end(file: BufferedIOBase, path: Path) -> None:
    if file.read(1):
        raise BadData(f"{path} is longer than its header says: fetch it again")
