"""Publishing a folder at once: a reader sees all of it or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BEFORE = ".before.tmp"
"""Ends the name of a folder that is about to be replaced."""


@contextmanager
def replace_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary sibling to fill; on success it is flushed to disk and takes the wanted name.

    An exception removes the temporary folder and leaves whatever stood under the name as it was.

    Args:
        folder: the name to appear; a folder already there is replaced.
    """
    temporary, before = (folder.with_name(f".{folder.name}.{os.getpid()}{tail}") for tail in (".tmp", BEFORE))
    _put_back(before, folder)
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
        _put_back(before, folder)
        for leftover in (temporary, before):
            shutil.rmtree(leftover, ignore_errors=True)


def sweep_leftovers(parent: Path) -> None:
    """Put back what writers had taken away when they were killed, and remove the rest of what they left."""
    for before in parent.glob(f".*{BEFORE}"):
        _put_back(before, parent / before.name[1:].removesuffix(BEFORE).rpartition(".")[0])
    for leftover in parent.glob(".*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)


def _put_back(before: Path, folder: Path) -> None:
    """Give what stood under a name its name again, where nothing came in its place."""
    if before.exists() and not folder.exists():
        before.rename(folder)


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders; its renames are journalled
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
