"""Atomic writing of a folder: a reader sees the whole folder or none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BEFORE = ".before.tmp"
"""Suffix of the old folder while it is being replaced."""


@contextmanager
def replace_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``folder``; on success it is flushed to disk and renamed.

    After an exception an old folder is unchanged and the temporary one is removed.

    Args:
        folder: the folder to write; an existing one is replaced.
    """
    temporary, before = (folder.with_name(f".{folder.name}.{os.getpid()}{tail}") for tail in (".tmp", BEFORE))
    _restore(before, folder)
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
        _restore(before, folder)
        for leftover in (temporary, before):
            shutil.rmtree(leftover, ignore_errors=True)


def sweep_leftovers(parent: Path) -> None:
    """Restore folders that were being replaced when their writer was killed, and remove temporary ones."""
    for before in parent.glob(f".*{BEFORE}"):
        _restore(before, parent / before.name[1:].removesuffix(BEFORE).rpartition(".")[0])
    for leftover in parent.glob(".*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)


def _restore(before: Path, folder: Path) -> None:
    """Rename an old folder back to its name, unless a new one has taken it."""
    if before.exists() and not folder.exists():
        before.rename(folder)


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open folders; its renames are journalled
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
