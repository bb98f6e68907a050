"""What did the user point at? A path becomes the data set that reads it."""

from __future__ import annotations

from pathlib import Path

from ganzoo.components.datasets.files.archive import is_zip
from ganzoo.components.datasets.files.arrays import EXTENSIONS as ARRAYS
from ganzoo.components.datasets.files.decode import EXTENSIONS, FOREIGN
from ganzoo.components.datasets.files.folder import images_under, nothing_in
from ganzoo.components.datasets.files.idx import idx_files, is_idx
from ganzoo.components.datasets.files.paths import existing
from ganzoo.errors import BadData

_ACCEPTED = "a folder of images, a .zip of images, an .npz or .npy array, or IDX files"


def detect_reader(text: str) -> tuple[str, str]:
    """Tell which component reads a path, by looking at it.

    Args:
        text: the path as typed.

    Returns:
        Name of the component (``folder``, ``zip``, ``idx`` or ``arrays``) and the absolute path.

    Raises:
        BadData: nothing lies there, or nothing that is read.
    """
    path = existing(text).absolute()
    return (_in_folder(path) if path.is_dir() else _of_file(path)), str(path)


def _in_folder(folder: Path) -> str:
    if (folder / "config.toml").is_file() and (folder / "checkpoints").is_dir():
        raise BadData(f"{folder} is the folder of a run, no data. To go on with it: ganzoo train --resume {folder}")
    if idx_files(folder):
        return "idx"
    if next(images_under(folder), None) is None:
        raise BadData(nothing_in(folder))
    return "folder"


def _of_file(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in ARRAYS:
        return "arrays"
    if is_zip(path):
        return "zip"
    if is_idx(path):
        return "idx"
    raise BadData(f"{path} {_refusal(path, suffix)}")


def _refusal(path: Path, suffix: str) -> str:
    if suffix in EXTENSIONS or suffix in FOREIGN:
        return f"is one image: name the folder it lies in, --data {path.parent}"
    if suffix == ".zip":
        return "is no zip, or is cut off: fetch or make it again"
    if ".tar" in path.suffixes or suffix in (".tgz", ".tbz", ".txz"):
        return f"is a tar: unpack it (tar -xf {path}) and name the folder"
    return f"is not read. Data is {_ACCEPTED}: bring it to one of these"
