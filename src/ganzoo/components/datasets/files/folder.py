"""Images in a folder; its sub-folders are classes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

from ganzoo.components.datasets.files.classes import MANIFEST, Classes, read_classes
from ganzoo.components.datasets.files.decode import EXTENSIONS, UNSUPPORTED
from ganzoo.components.datasets.files.listing import Item, Listing
from ganzoo.components.datasets.files.paths import find_path, hash_file_stats, list_folder
from ganzoo.errors import BadData

_DATA_FILES = (".zip", ".npz", ".npy")
_ARCHIVES = (".tar", ".tgz", ".gz", ".xz", ".bz2", ".7z", ".rar", ".h5", ".hdf5", ".parquet", ".tfrecord")


class FolderReader:
    """Lists the images of a folder.

    Args:
        path: the folder as typed.

    Raises:
        BadData: it is missing, no folder, or holds no images.
    """

    def __init__(self, path: str) -> None:
        self.where = path
        self._root = find_path(path)
        if not self._root.is_dir():
            raise BadData(f"{path} is a file, not a folder: leave the component to --data PATH")
        self._names = sorted(find_images(self._root))
        if not self._names:
            raise BadData(explain_no_images(self._root))

    def key(self) -> str:
        """Hash the names, sizes and times of all files."""
        manifest = [MANIFEST] if (self._root / MANIFEST).is_file() else []
        try:
            return f"folder:{hash_file_stats(self._root, [*self._names, *manifest])}"
        except OSError as error:
            raise BadData(f"{self.where} changed while it was read ({error}): run again") from error

    def listing(self, *, labels: bool) -> Listing:
        """List the images in the order of their names."""
        classes = read_classes(self._names, self._read_manifest(), self.where) if labels else Classes()

        def items() -> Iterator[Item]:
            for number, name in enumerate(self._names):
                file = self._root / name
                yield Item(str(file), partial(_open, file), classes.label(number))

        return Listing(len(self._names), items, classes.names)

    def _read_manifest(self) -> bytes | None:
        file = self._root / MANIFEST
        try:
            return file.read_bytes() if file.is_file() else None
        except OSError as error:
            raise BadData(f"{file} cannot be read ({error.strerror})") from error


def _open(file: Path) -> IO[bytes]:
    return file.open("rb")


def find_images(root: Path) -> Iterator[str]:
    """Find the images below a folder, following links and leaving out hidden files, in any order.

    Args:
        root: an existing folder.

    Returns:
        Paths relative to ``root``, with ``/``.

    Raises:
        BadData: a folder cannot be read, or an image is of an unsupported kind.
    """

    def refuse(error: OSError) -> None:
        raise BadData(f"{error.filename} cannot be read ({error.strerror}): change its permissions") from error

    visited: set[str] = set()
    for folder, subfolders, files in os.walk(root, onerror=refuse, followlinks=True):
        place = os.path.realpath(folder)
        if place in visited:  # a link back up would never end
            subfolders.clear()
            continue
        visited.add(place)
        subfolders[:] = [name for name in subfolders if not is_hidden(name)]
        within = Path(folder).relative_to(root)
        yield from ((within / name).as_posix() for name in files if is_image(name, folder))


def is_hidden(name: str) -> bool:
    """Whether a name is left behind by a file manager: dot files, and the shadow folder of macOS archives."""
    return name.startswith(".") or name == "__MACOSX"


def is_image(name: str, where: str) -> bool:
    """Whether a file is an image, by its extension.

    Args:
        name: name of the file.
        where: its folder or archive, for messages.

    Raises:
        BadData: it is an image of an unsupported kind.
    """
    suffix = os.path.splitext(name)[1].lower()
    if suffix in UNSUPPORTED and not is_hidden(name):
        raise BadData(f"{name} in {where}: {suffix} images are not read. Convert it to .png, or leave it out")
    return suffix in EXTENSIONS and not is_hidden(name)


def explain_no_images(root: Path) -> str:
    """Return a message that a folder holds no images, and what it holds instead."""
    files = [file.name for file in list_folder(root)]
    for archives, advice in ((_DATA_FILES, f"Name one of them: --data {root}/"), (_ARCHIVES, "Unpack or convert ")):
        found = [name for name in files if name.lower().endswith(archives)]
        if found:
            some = ", ".join(found[:8]) + (", ..." if len(found) > 8 else "")
            return f"{root} holds no images, only {some}. {advice}{found[0]}"
    return f"{root} holds no images (looked for {' '.join(EXTENSIONS)})"
