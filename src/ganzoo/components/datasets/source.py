"""Choice of the data set that reads a path."""

from __future__ import annotations

from pathlib import Path

from ganzoo.components.datasets.files.archive import is_zip
from ganzoo.components.datasets.files.arrays import EXTENSIONS as ARRAYS
from ganzoo.components.datasets.files.decode import EXTENSIONS, UNSUPPORTED
from ganzoo.components.datasets.files.folder import explain_no_images, find_images
from ganzoo.components.datasets.files.idx import find_idx_files, is_idx
from ganzoo.components.datasets.files.paths import find_path
from ganzoo.errors import BadData

_ACCEPTED = "a folder of images, a .zip of images, an .npz or .npy array, or IDX files"


def detect_reader(text: str) -> tuple[str, str]:
    """Find the component that reads a path, by its content.

    Args:
        text: the path as typed.

    Returns:
        Name of the component (``folder``, ``zip``, ``idx`` or ``arrays``) and the absolute path.

    Raises:
        BadData: it does not exist, or is nothing that a component reads.
    """
    path = find_path(text).absolute()
    return (_detect_in_folder(path) if path.is_dir() else _detect_file(path)), str(path)


def _detect_in_folder(folder: Path) -> str:
    if (folder / "config.toml").is_file() and (folder / "checkpoints").is_dir():
        raise BadData(f"{folder} is the folder of a run, no data. To go on with it: ganzoo train --resume {folder}")
    if find_idx_files(folder):
        return "idx"
    if next(find_images(folder), None) is None:
        raise BadData(explain_no_images(folder))
    return "folder"


def _detect_file(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in ARRAYS:
        return "arrays"
    if is_zip(path):
        return "zip"
    if is_idx(path):
        return "idx"
    raise BadData(f"{path} {_explain_refusal(path, suffix)}")


def _explain_refusal(path: Path, suffix: str) -> str:
    if suffix in EXTENSIONS or suffix in UNSUPPORTED:
        return f"is one image: name the folder it lies in, --data {path.parent}"
    if suffix == ".zip":
        return "is no zip, or is cut off: fetch or make it again"
    if ".tar" in path.suffixes or suffix in (".tgz", ".tbz", ".txz"):
        return f"is a tar: unpack it (tar -xf {path}) and name the folder"
    return f"is not read. Data is {_ACCEPTED}: convert it to one of these"
