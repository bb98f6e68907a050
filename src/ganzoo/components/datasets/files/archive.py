"""Images in a zip, read in place and never extracted; its folders are classes."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ganzoo.components.datasets.files.classes import MANIFEST, Classes, read_classes
from ganzoo.components.datasets.files.decode import EXTENSIONS
from ganzoo.components.datasets.files.folder import is_hidden, is_image
from ganzoo.components.datasets.files.listing import Item, Listing
from ganzoo.components.datasets.files.paths import find_path
from ganzoo.errors import BadData

_MAX_MANIFEST = 2**28
_UNICODE_PATH = 0x7075  # the extra field of a zip that holds a name in UTF-8
_BROKEN = (OSError, zipfile.BadZipFile, RuntimeError, ValueError, EOFError, struct.error, zlib.error)


class ZipReader:
    """Lists the images of a zip.

    Args:
        path: the zip as typed.

    Raises:
        BadData: it is missing, no zip, holds no images, or holds a name that could leave a folder.
    """

    def __init__(self, path: str) -> None:
        self.where = path
        self._path = find_path(path)
        with self._open() as archive:
            self._members = _list_members(archive, path)
        self._names = sorted(name for name in self._members if is_image(name.rpartition("/")[2], path))
        if not self._names:
            raise BadData(f"{path} holds no images (looked for {' '.join(EXTENSIONS)})")

    def key(self) -> str:
        """Hash the names, sizes and checksums in the zip's directory, so that a copy elsewhere has the same key."""
        kept = [*self._names, *([MANIFEST] if MANIFEST in self._members else [])]
        entries = [(name, self._members[name].file_size, self._members[name].CRC) for name in kept]
        return f"zip:{hashlib.sha256(json.dumps(entries).encode()).hexdigest()}"

    def listing(self, *, labels: bool) -> Listing:
        """List the images in the order of their names."""
        classes = read_classes(self._names, self._read_manifest(), self.where) if labels else Classes()

        def items() -> Iterator[Item]:
            with self._open() as archive:
                for number, name in enumerate(self._names):
                    content = partial(archive.open, self._members[name])
                    yield Item(f"{name} in {self.where}", content, classes.label(number))

        return Listing(len(self._names), items, classes.names)

    def _read_manifest(self) -> bytes | None:
        member = self._members.get(MANIFEST)
        if member is None:
            return None
        if member.file_size > _MAX_MANIFEST:
            raise BadData(f"{MANIFEST} in {self.where} is larger than {_MAX_MANIFEST:,} bytes")
        with self._open() as archive:
            return archive.read(member)

    @contextmanager
    def _open(self) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self._path) as archive:
                yield archive
        except _BROKEN as error:
            raise BadData(f"{self.where} is no readable zip ({error}): make or fetch it again") from error


def _list_members(archive: zipfile.ZipFile, where: str) -> dict[str, zipfile.ZipInfo]:
    """Return the files of an archive by name with ``/``, without hidden ones.

    Names that could lead out of a folder are refused: nothing is extracted, but such an archive is no data set.
    """
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = _read_name(member).replace("\\", "/")
        unsafe = name.startswith("/") or re.match(r"[A-Za-z]:", name) or "\0" in name or ".." in name.split("/")
        if unsafe or stat.S_ISLNK(member.external_attr >> 16):
            raise BadData(
                f"{where} holds the unsafe name {member.orig_filename!r}: make the zip again from plain files"
            )
        if member.is_dir() or any(map(is_hidden, name.split("/"))):
            continue
        if name in members:
            raise BadData(f"{where} holds {name} twice: make it again")
        if member.flag_bits & 1:
            raise BadData(f"{where} is encrypted: make it again without a password")
        members[name] = member
    return members


def _read_name(member: zipfile.ZipInfo) -> str:
    """Return the UTF-8 name that Info-ZIP stores beside one in the system's old encoding, else the name itself.

    Source: PKWARE, APPNOTE.TXT, section 4.6.9 (extra field 0x7075).
    """
    extra, raw = member.extra, member.orig_filename.encode("cp437", errors="ignore")
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and size > 5 and struct.unpack("<BL", field[:5]) == (1, zlib.crc32(raw)):
            return field[5:].decode("utf-8", errors="replace")
    return member.orig_filename


def is_zip(path: Path) -> bool:
    """Whether a file is a zip, by its extension and its directory."""
    return path.suffix.lower() == ".zip" and zipfile.is_zipfile(path)
