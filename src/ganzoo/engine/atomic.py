"""Publishing a folder at once: a reader sees all of it or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def published(folder: Path) -> Iterator[Path]:
    """Give a temporary sibling to fill; on success it is flushed to disk and takes the wanted name.

    An exception removes the temporary folder and leaves whatever stood under the name as it was.

    Args:
        folder: the name to appear; a folder already there is replaced.
    """
    temporary, before = (folder.with_name(f".{folder.name}.{os.getpid()}{tail}.tmp") for tail in ("", ".before"))
    for leftover in (temporary, before):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        for file in temporary.iterdir():
            _flush(file)
        _flush(temporary)
        if folder.exists():
            folder.rename(before)
        temporary.rename(folder)
        _flush(folder.parent)
    finally:
        for leftover in (temporary, before):
            shutil.rmtree(leftover, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove what killed writers left behind."""
    for leftover in parent.glob(".*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders; its renames are journalled
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
