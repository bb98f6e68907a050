"""Writing a file at once: a reader sees all of it, or what was there before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replace_file(file: Path) -> Iterator[Path]:
    """Give a temporary sibling to write; on success it takes the file's name.

    Folders that are missing are made. An exception leaves what was there before: neither the sibling stays, nor a
    folder that was made for it.

    Args:
        file: the name to appear; a file already there is replaced.
    """
    made = [folder for folder in file.parents if not folder.exists()]
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(file)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        with suppress(OSError):  # a folder that holds something stays
            for folder in made:
                folder.rmdir()
