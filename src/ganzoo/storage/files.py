"""Atomic writing of a file: a reader sees the whole new file or the old one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replace_file(file: Path) -> Iterator[Path]:
    """Yield a temporary file in the same folder; on success it is renamed to ``file``.

    Missing folders are created. After an exception an old file is unchanged, and neither the temporary file nor a
    folder created for it remains.

    Args:
        file: the file to write; an existing one is replaced.
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
        with suppress(OSError):  # a folder with other files in it stays
            for folder in made:
                folder.rmdir()
