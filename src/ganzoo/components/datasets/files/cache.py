"""Decoded once, mapped ever after: the pixels of a data set under ``$GANZOO_CACHE``.

A cache is a folder with ``images.npy`` (uint8 ``(N, C, H, W)``), ``labels.npy`` (int64) and ``meta.json``, named by a
key over the settings of decoding and what the reader knows cheaply of its source: names, sizes and times of files, or
the checksums in a zip's directory. The fingerprint it stores is the SHA-256 of the shape, the decoded pixels and the
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
from ganzoo.components.datasets.files.decode import BadImage, Form, decode
from ganzoo.components.datasets.files.listing import Listing, Reader
from ganzoo.components.datasets.files.refusals import with_others
from ganzoo.components.datasets.files.survey import settle_format
from ganzoo.errors import BadData
from ganzoo.registry.specs import Shape

_ADVICE = "set GANZOO_CACHE to a folder you can write"
_FORMAT = 1


@dataclass(frozen=True)
class Cached:
    """An opened cache.

    Args:
        images: ``(N, C, H, W)`` uint8, mapped from the file.
        labels: ``(N,)`` int64, zeros without classes.
        class_names: empty without classes.
        fingerprint: hash of pixels and labels.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    fingerprint: str


def cache_root() -> Path:
    """Say where caches and downloads lie: ``$GANZOO_CACHE``, or ``~/.cache/ganzoo``."""
    chosen = os.environ.get("GANZOO_CACHE")
    try:
        return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "ganzoo"
    except RuntimeError as error:
        raise BadData(f"no home folder to cache images in: {_ADVICE}") from error


def load_cached(reader: Reader, form: Form, *, labels: bool) -> Cached:
    """Open the decoded pictures of a source, decoding them first if nobody has.

    Args:
        reader: finds the pictures.
        form: what they are brought to.
        labels: whether classes are wanted.

    Raises:
        BadData: a picture is refused, or the cache cannot be written or read.
    """
    settings = json.dumps([_FORMAT, reader.key(), asdict(form), labels], sort_keys=True)
    folder = cache_root() / "images" / hashlib.sha256(settings.encode()).hexdigest()[:32]
    if not os.path.isdir(folder):  # Path.is_dir raises where the cache folder may not be entered
        _build(folder, reader, form, labels)
    return _load(folder)


def _build(folder: Path, reader: Reader, form: Form, labels: bool) -> None:
    listing = reader.listing(labels=labels)
    try:
        form, shape = settle_format(listing, form, reader.where)
        _assert_room(folder, listing.count, shape)
        with _published(folder) as temporary:
            _write(temporary, listing, form, shape, reader.where)
    except BadImage as error:
        raise with_others(error, listing) from error


def _assert_room(folder: Path, count: int, shape: Shape) -> None:
    """Refuse, before anything is decoded, more pixels than the disk has room for."""
    place = next((parent for parent in folder.parents if os.path.isdir(parent)), Path())
    needed, disk = count * math.prod(shape), shutil.disk_usage(place)
    if disk.total and needed > disk.free:  # a place that is no disk has no room at all
        free = disk.free
        sides = "x".join(map(str, shape[1:]))
        raise BadData(f"{count:,} images of {sides} pixels take {needed / 2**30:,.1f} GiB of cache, and "
                      f"{free / 2**30:,.1f} GiB are free in {place}: lower --resolution, or {_ADVICE}")  # fmt: skip


def _write(folder: Path, listing: Listing, form: Form, shape: Shape, where: str) -> None:
    """Decode picture by picture into the folder; memory holds one of them at a time."""
    digest = hashlib.sha256(json.dumps(shape).encode())
    found: list[int] = []
    with _flushed(folder / "images.npy") as file:
        # ordinary writes: on a full disk they raise, where a memory map would kill the process with SIGBUS
        head = {"descr": "|u1", "fortran_order": False, "shape": (listing.count, *shape)}
        np.lib.format.write_array_header_1_0(file, head)
        for item in listing.items():
            pixels = decode(item, form)
            if pixels.shape != shape:
                raise BadData(f"{item.name} decodes to {pixels.shape}, the others to {shape}: add --resolution N")
            file.write(pixels.tobytes())
            digest.update(pixels.tobytes())
            if item.label is not None:
                found.append(item.label)
    assert len(found) in (0, listing.count), "a reader labels all of its pictures or none"
    class_names = _class_names(found, listing, where)
    labels = np.array(found or [0] * listing.count, dtype="<i8")
    digest.update(labels.tobytes())
    with _flushed(folder / "labels.npy") as file:
        np.save(file, labels, allow_pickle=False)
    meta = {"source": where, "class_names": class_names, "fingerprint": digest.hexdigest()}
    with _flushed(folder / "meta.json") as file:
        file.write(json.dumps(meta, indent=1).encode())


def _class_names(found: list[int], listing: Listing, where: str) -> tuple[str, ...]:
    if not found:
        return ()
    counted = number_classes(found, where).names
    named = listing.class_names or ()
    return named if len(named) >= len(counted) else counted


def _load(folder: Path) -> Cached:
    try:
        meta = json.loads((folder / "meta.json").read_bytes())
        images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
        labels = np.load(folder / "labels.npy", allow_pickle=False)
        names, fingerprint = tuple(meta["class_names"]), str(meta["fingerprint"])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise BadData(f"the image cache {folder} is damaged ({error}): delete that folder and run again") from error
    return Cached(images, labels, names, fingerprint)


@contextmanager
def _published(folder: Path) -> Iterator[Path]:
    """Give a temporary sibling to fill; it takes the wanted name at once, or vanishes if anything fails.

    Of several builders at work the first to finish wins; the others drop theirs, which is equal.
    """
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.tmp")
    lock = FileLock(_lock_of(temporary))
    try:
        with _writable(folder):
            temporary.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            temporary.mkdir()
            _sweep(folder.parent)
            yield temporary
            if not folder.is_dir():
                _rename(temporary, folder)
    finally:
        _dropped(temporary, lock)


def _rename(temporary: Path, folder: Path) -> None:
    try:
        temporary.rename(folder)
    except OSError:
        if not folder.is_dir():  # otherwise another builder was faster
            raise


def _lock_of(temporary: Path) -> Path:
    """Say which file a builder holds as long as it lives."""
    return temporary.with_suffix(".lock")


def _dropped(temporary: Path, lock: FileLock) -> None:
    shutil.rmtree(temporary, ignore_errors=True)
    lock.release()
    with suppress(OSError):  # the folder cannot be written, or another swept first
        Path(lock.lock_file).unlink()


def _sweep(parent: Path) -> None:
    """Remove what builders left behind when they were killed: nobody holds its lock any more."""
    for leftover in {path.with_suffix(".tmp") for ending in ("tmp", "lock") for path in parent.glob(f".*.{ending}")}:
        lock = FileLock(_lock_of(leftover))
        with suppress(Timeout):
            lock.acquire(timeout=0)
            _dropped(leftover, lock)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Report a disk that is full or read-only; readers have turned their own errors into ``BadData`` already."""
    try:
        yield
    except OSError as error:
        raise BadData(f"cannot write the image cache {folder} ({error.strerror or error}):\n{_ADVICE}") from error


@contextmanager
def _flushed(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to write that has reached the disk when it is closed."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
