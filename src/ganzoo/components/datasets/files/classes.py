"""The class of each image: by folder, by StyleGAN's ``dataset.json``, or by number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ganzoo.errors import BadData

MANIFEST = "dataset.json"
MAX_CLASSES = 100_000


@dataclass(frozen=True)
class Classes:
    """The classes of a list of images.

    Args:
        labels: one an image; None without classes.
        names: one a class.
    """

    labels: tuple[int, ...] | None = None
    names: tuple[str, ...] = ()

    def label(self, number: int) -> int | None:
        """Return the class of an image by its position in the list."""
        return None if self.labels is None else self.labels[number]


def read_classes(names: Sequence[str], manifest: bytes | None, where: str) -> Classes:
    """Find the classes of the images of a folder or archive.

    Args:
        names: relative paths with ``/``.
        manifest: content of its ``dataset.json``, if there is one.
        where: name of the source in messages.

    Raises:
        BadData: the manifest is broken or lacks an image, or images lie beside class folders.
    """
    table = _read_manifest(manifest, where) if manifest is not None else None
    if table is None:
        return _classes_from_folders(names, where)
    return _classes_from_manifest(names, table, where) if table else Classes()


def number_classes(labels: Iterable[int], where: str) -> Classes:
    """Name classes by their numbers, 0 to the largest.

    Raises:
        BadData: a label is negative or absurdly large.
    """
    fixed = tuple(labels)
    low, high = min(fixed), max(fixed)
    if low < 0 or high >= MAX_CLASSES:
        raise BadData(f"{where} holds labels from {low} to {high}: classes are numbered 0 to {MAX_CLASSES - 1} at most")
    return Classes(fixed, tuple(map(str, range(high + 1))))


def _classes_from_folders(names: Sequence[str], where: str) -> Classes:
    """Use the first level of folders that differs between images; folders around everything do not count."""
    parts = [name.split("/") for name in names]
    depth = 0
    while parts and all(len(p) > depth + 1 and p[depth] == parts[0][depth] for p in parts):
        depth += 1
    loose = [name for name, p in zip(names, parts, strict=True) if len(p) == depth + 1]
    if len(loose) == len(names):
        return Classes()
    if loose:
        raise BadData(
            f"{where} holds {len(loose)} images beside its class folders (first: {loose[0]}). "
            "Move them into a class folder, or train without classes: --set dataset.labels=false"
        )
    folders = tuple(sorted({p[depth] for p in parts}))
    number = {folder: label for label, folder in enumerate(folders)}
    return Classes(tuple(number[p[depth]] for p in parts), folders)


def _read_manifest(manifest: bytes, where: str) -> dict[str, object] | None:
    """Read StyleGAN's table of labels: empty for ``null``, None if the file has no ``labels``."""
    try:
        content = json.loads(manifest)
    except (ValueError, RecursionError) as error:
        raise BadData(f"{MANIFEST} in {where} is no valid JSON ({error}): fix it or delete it") from error
    if not isinstance(content, dict) or "labels" not in content:
        return None
    rows = content["labels"] or []
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == 2 for row in rows):
        raise BadData(f"labels of {MANIFEST} in {where} are no list of [file, class number] pairs")
    return {str(name).replace("\\", "/"): label for name, label in rows}


def _classes_from_manifest(names: Sequence[str], table: dict[str, object], where: str) -> Classes:
    missing = [name for name in names if name not in table]
    if missing:
        raise BadData(f"{MANIFEST} in {where} has no label for {missing[0]} ({len(missing)} in all): add it")
    labels = []
    for name in names:
        label = table[name]
        if not isinstance(label, int) or isinstance(label, bool):
            raise BadData(f"{MANIFEST} in {where} gives {name} the label {label!r}: only class numbers are read")
        labels.append(label)
    return number_classes(labels, where)
