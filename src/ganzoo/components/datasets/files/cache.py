"""The cache of decoded images under ``$GANZOO_CACHE``: decoded once, memory-mapped afterwards.

A cache is a folder with ``images.npy`` (uint8 ``(N, C, H, W)``), ``labels.npy`` (int64) and ``meta.json``, named by a
hash of the settings of decoding and the reader's key: names, sizes and times of files, or the checksums in a zip's
directory. The fingerprint it stores is the SHA-256 of the shape, the decoded pixels and the
labels, so it is equal for equal data.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from ganzoo.components.datasets.files.classes import number_classes
from ganzoo.components.datasets.files.decode import BadImage, ImageFormat, decode
from ganzoo.components.datasets.files.listing import Listing, Reader
from ganzoo.components.datasets.files.refusals import add_other_refusals
from ganzoo.components.datasets.files.survey import settle_format
from ganzoo.errors import BadData
from ganzoo.registry.specs import Shape

_ADVICE = "set GANZOO_CACHE to a folder you can write"
_FORMAT = 1


@dataclass(frozen=True)
class CachedImages:
    """The decoded images of a source.

    Args:
        images: ``(N, C, H, W)`` uint8, memory-mapped.
        labels: ``(N,)`` int64, zeros without classes.
        class_names: empty without classes.
        fingerprint: hash of shape, pixels and labels.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    fingerprint: str


def cache_root() -> Path:
    """Return the folder of caches and downloads: ``$GANZOO_CACHE``, or ``~/.cache/ganzoo``."""
    chosen = os.environ.get("GANZOO_CACHE")
    try:
        return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "ganzoo"
    except RuntimeError as error:
        raise BadData(f"no home folder to cache images in: {_ADVICE}") from error


def load_cached(reader: Reader, image_format: ImageFormat, *, labels: bool) -> CachedImages:
    """Open the decoded images of a source, decoding them first if they are not in the cache.

    Args:
        reader: finds the images.
        image_format: format to convert them to.
        labels: whether to use the classes.

    Raises:
        BadData: an image is refused, or the cache cannot be written or read.
    """
    settings = json.dumps([_FORMAT, reader.key(), asdict(image_format), labels], sort_keys=True)
    folder = cache_root() / "images" / hashlib.sha256(settings.encode()).hexdigest()[:32]
    if not os.path.isdir(folder):  # Path.is_dir raises where the cache folder may not be entered
        _build(folder, reader, image_format, labels)
    return _load(folder)


def _build(folder: Path, reader: Reader, image_format: ImageFormat, labels: bool) -> None:
    listing = reader.listing(labels=labels)
    try:
        image_format, shape = settle_format(listing, image_format, reader.where)
        _assert_disk_space(folder, listing.count, shape)
        with _publish(folder) as temporary:
            _write(temporary, listing, image_format, shape, reader.where)
    except BadImage as error:
        raise add_other_refusals(error, listing) from error


def _assert_disk_space(folder: Path, count: int, shape: Shape) -> None:
    """Refuse, before anything is decoded, more pixels than fit on the disk."""
    place = next((parent for parent in folder.parents if os.path.isdir(parent)), Path())
    needed, disk = count * math.prod(shape), shutil.disk_usage(place)
    if disk.total and needed > disk.free:  # a special file system reports no size at all
        sides = "x".join(map(str, shape[1:]))
        raise BadData(
            f"{count:,} images of {sides} pixels take {needed / 2**30:,.1f} GiB of cache, and "
            f"{disk.free / 2**30:,.1f} GiB are free in {place}: lower --resolution, or {_ADVICE}"
        )


def _write(folder: Path, listing: Listing, image_format: ImageFormat, shape: Shape, where: str) -> None:
    """Decode all images into the folder, one at a time."""
    digest = hashlib.sha256(json.dumps(shape).encode())
    numbers: list[int] = []
    with _open_flushed(folder / "images.npy") as file:
        # ordinary writes: on a full disk they raise, where a memory map would kill the process with SIGBUS
        head = {"descr": "|u1", "fortran_order": False, "shape": (listing.count, *shape)}
        np.lib.format.write_array_header_1_0(file, head)
        for item in listing.items():
            pixels = decode(item, image_format)
            if pixels.shape != shape:
                raise BadData(f"{item.name} decodes to {pixels.shape}, the others to {shape}: add --resolution N")
            file.write(pixels.tobytes())
            digest.update(pixels.tobytes())
            if item.label is not None:
                numbers.append(item.label)
    assert len(numbers) in (0, listing.count), "a reader labels all of its images or none"
    class_names: tuple[str, ...] = ()
    if numbers:
        named, counted = listing.class_names or (), number_classes(numbers, where).names
        class_names = named if len(named) >= len(counted) else counted
    labels = np.array(numbers or [0] * listing.count, dtype="<i8")
    digest.update(labels.tobytes())
    with _open_flushed(folder / "labels.npy") as file:
        np.save(file, labels, allow_pickle=False)
    meta = {"source": where, "class_names": class_names, "fingerprint": digest.hexdigest()}
    with _open_flushed(folder / "meta.json") as file:
        file.write(json.dumps(meta, indent=1).encode())


def _load(folder: Path) -> CachedImages:
    try:
        meta = json.loads((folder / "meta.json").read_bytes())
        images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
        labels = np.load(folder / "labels.npy", allow_pickle=False)
        names, fingerprint = tuple(meta["class_names"]), str(meta["fingerprint"])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise BadData(f"the image cache {folder} is damaged ({error}): delete that folder and run again") from error
    return CachedImages(images, labels, names, fingerprint)


@contextmanager
def _publish(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder to fill; it is renamed at the end, or removed if anything fails.

    If several processes build the same cache, the first to finish wins; the others remove theirs, which is equal.
    """
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.tmp")
    lock = FileLock(_lock_path(temporary))
    try:
        with _report_disk_errors(folder):
            temporary.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            temporary.mkdir()
            _remove_leftovers(folder.parent)
            yield temporary
            try:
                temporary.rename(folder)
            except OSError:
                if not folder.is_dir():  # otherwise another process was faster
                    raise
    finally:
        _remove(temporary, lock)


def _lock_path(temporary: Path) -> Path:
    """Return the file that a process locks as long as it builds the cache."""
    return temporary.with_suffix(".lock")


def _remove(temporary: Path, lock: FileLock) -> None:
    shutil.rmtree(temporary, ignore_errors=True)
    lock.release()
    with suppress(OSError):  # the folder cannot be written, or another process removed it first
        Path(lock.lock_file).unlink()


def _remove_leftovers(parent: Path) -> None:
    """Remove the unfinished folders of killed processes, whose locks are free."""
    for leftover in {path.with_suffix(".tmp") for ending in ("tmp", "lock") for path in parent.glob(f".*.{ending}")}:
        lock = FileLock(_lock_path(leftover))
        with suppress(Timeout):
            lock.acquire(timeout=0)
            _remove(leftover, lock)


@contextmanager
def _report_disk_errors(folder: Path) -> Iterator[None]:
    """Report a disk that is full or read-only; readers convert their own errors to ``BadData``."""
    try:
        yield
    except OSError as error:
        raise BadData(f"cannot write the image cache {folder} ({error.strerror or error}):\n{_ADVICE}") from error


@contextmanager
def _open_flushed(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to write and flush it to the disk at the end."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
