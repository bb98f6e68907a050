"""Paths a user types: found, or refused with the nearest name that exists."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from ganzoo.errors import BadData, nearest


def existing(text: str) -> Path:
    """Find the file or folder a user named.

    Args:
        text: the path as typed; a leading ``~`` is the home folder.

    Raises:
        BadData: nothing lies there.
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
    siblings = [entry.name for entry in entries(missing.parent) if entry.name[0] != "." and os.path.exists(entry)]
    hint = nearest(missing.name, siblings)
    raise BadData(f"{text} does not exist: there is no '{missing.name}' in {missing.parent.absolute()}.{hint}")


def entries(folder: Path) -> list[Path]:
    """List what lies directly in a folder, by name.

    Raises:
        BadData: it is no folder, or cannot be read.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise BadData(f"{folder} cannot be read as a folder ({error.strerror})") from error


def stat_key(root: Path, files: Iterable[str]) -> str:
    """Hash where files lie, their names, sizes and times of change, without reading them.

    Args:
        root: the folder they lie in.
        files: their names below it.

    Raises:
        BadData: one is a link to nothing, or a thing to be read from that never ends.
        OSError: one has gone meanwhile.
    """
    digest = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape"))
    for name in files:
        seen = _stat(root / name)
        line = json.dumps([name, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns])
        digest.update(line.encode())
    return digest.hexdigest()


def _stat(file: Path) -> os.stat_result:
    try:
        found = file.stat()
    except OSError as error:
        if file.is_symlink():
            raise BadData(f"{file} is a link to nothing ({error.strerror}): delete it") from error
        raise
    if not stat.S_ISREG(found.st_mode):
        raise BadData(f"{file} is no ordinary file: leave it out")
    return found
