"""Paths that a user types: found, or refused with the nearest name that exists."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from ganzoo.errors import BadData, nearest


def find_path(text: str) -> Path:
    """Find the file or folder that a user named.

    Args:
        text: the path as typed; a leading ``~`` is the home folder.

    Raises:
        BadData: it does not exist.
    """
    if not text:
        raise BadData("no data named: give a folder of images, a .zip, an .npz or an IDX file with --data PATH")
    path = Path(text).expanduser()
    try:
        if path.exists():
            return path
    except OSError as error:
        raise BadData(f"{text} cannot be reached ({error.strerror})") from error
    missing = next(p for p in (*reversed(path.parents), path) if not p.exists())
    siblings = [entry.name for entry in list_folder(missing.parent) if entry.name[0] != "." and os.path.exists(entry)]
    hint = nearest(missing.name, siblings)
    raise BadData(f"{text} does not exist: there is no '{missing.name}' in {missing.parent.absolute()}.{hint}")


def list_folder(folder: Path) -> list[Path]:
    """List the entries of a folder by name, without those of its sub-folders.

    Raises:
        BadData: it is no folder, or cannot be read.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise BadData(f"{folder} cannot be read as a folder ({error.strerror})") from error


def hash_file_stats(root: Path, files: Iterable[str]) -> str:
    """Hash the paths, sizes and times of change of files, without reading them.

    Args:
        root: the folder of the files.
        files: their names relative to it.

    Raises:
        BadData: one is a link to nothing, or no ordinary file, such as a pipe that never ends.
        OSError: one was deleted meanwhile.
    """
    digest = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape"))
    for name in files:
        file = root / name
        try:
            found = file.stat()
        except OSError as error:
            if file.is_symlink():
                raise BadData(f"{file} is a link to nothing ({error.strerror}): delete it") from error
            raise
        if not stat.S_ISREG(found.st_mode):
            raise BadData(f"{file} is no ordinary file: leave it out")
        digest.update(json.dumps([name, found.st_size, found.st_mtime_ns, found.st_ctime_ns]).encode())
    return digest.hexdigest()
