from __future__ import annotations

import json
import struct
import zipfile
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ganzoo.components.datasets.files.archive import is_zip
from ganzoo.components.datasets.images import Zip
from ganzoo.errors import BadData


def png(value: int, size: int = 4) -> bytes:
    buffer = BytesIO()
    Image.new("L", (size, size), value).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def packed(tmp_path):
    def pack(members: dict[str, bytes]) -> str:
        with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return str(tmp_path / "set.zip")

    return pack


def test_folders_of_a_zip_are_classes(packed):
    data = Zip(path=packed({"b/1.png": png(1), "a/2.png": png(2), "__MACOSX/b/._1.png": b"x", "notes.txt": b"x"}))
    assert (len(data), data.shape, data.class_names) == (2, (1, 4, 4), ("a", "b"))
    assert data.read(np.arange(2))["images"][:, 0, 0, 0].tolist() == [2, 1]


def test_stylegan_labels_are_read(packed):
    labels = {"labels": [["00000/img0.png", 1], ["00000/img1.png", 0]]}
    data = Zip(path=packed({"00000/img0.png": png(5), "00000/img1.png": png(6), "dataset.json": json.dumps(labels)}))
    assert data.num_classes == 2
    assert data.read(np.arange(2))["labels"].tolist() == [1, 0]


def test_stylegan_without_labels(packed):
    members = {"a/0.png": png(5), "b/1.png": png(6), "dataset.json": b'{"labels": null}'}
    assert Zip(path=packed(members)).num_classes == 0


@pytest.mark.parametrize(
    "name",
    ["/etc/x.png", "../x.png", "a/../../x.png", "..\\x.png", "C:\\x.png", "c:x.png", "\\\\host\\x.png", "a\0.png"],
)
def test_names_that_lead_out_are_refused(tmp_path, name):
    # written as a placeholder of equal length, then replaced in the bytes: zipfile would fix such names
    placeholder = "x" * len(name)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("ok.png", png(1))
        archive.writestr(placeholder, png(2))
    file = tmp_path / "x.zip"
    file.write_bytes(file.read_bytes().replace(placeholder.encode(), name.encode()))
    with pytest.raises(BadData, match="unsafe name"):
        Zip(path=str(file))


def test_names_that_info_zip_keeps_in_utf8_are_read(tmp_path):
    """Such zips hold a name as bytes without an encoding, and the right one in UTF-8 with a checksum of the first."""
    raw = "ünï/a.png".encode()
    member = zipfile.ZipInfo("x" * len(raw))  # of equal length, then replaced in the bytes: zipfile would set a flag
    field = struct.pack("<BL", 1, zlib.crc32(raw)) + raw
    member.extra = struct.pack("<HH", 0x7075, len(field)) + field
    file = tmp_path / "set.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, png(1))
        archive.writestr("plain/b.png", png(2))
    file.write_bytes(file.read_bytes().replace(b"x" * len(raw), raw))
    data = Zip(path=str(file))
    assert data.class_names == ("plain", "ünï")
    assert data.read(np.arange(2))["images"][:, 0, 0, 0].tolist() == [2, 1]


def test_links_in_a_zip_are_refused(tmp_path):
    link = zipfile.ZipInfo("x.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(BadData, match="unsafe name"):
        Zip(path=str(tmp_path / "x.zip"))


def test_backslashes_separate_folders(packed):
    assert Zip(path=packed({"a\\1.png": png(1), "b\\1.png": png(1)})).class_names == ("a", "b")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_duplicate_name_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("1.png", png(1))
        archive.writestr("1.png", png(2))
    with pytest.raises(BadData, match=r"1.png twice"):
        Zip(path=str(tmp_path / "x.zip"))


def test_an_encrypted_zip_is_refused(packed):
    path = packed({"1.png": png(1)})
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        data[data.index(b"PK\1\2") + 8] |= 1
        file.seek(0)
        file.write(data)
    with pytest.raises(BadData, match="encrypted"):
        Zip(path=path)


def test_a_member_with_a_wrong_checksum_is_refused_by_name(packed):
    path = packed({"1.png": png(1), "2.png": png(2, 16)})
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        data[data.index(b"IEND") + 5] ^= 0xFF  # the last checksum of the PNG, which Pillow ignores
        file.seek(0)
        file.write(data)
    with pytest.raises(BadData, match=r"1.png in .*set.zip cannot be decoded \(Bad CRC-32"):
        Zip(path=path, resolution=4)


def test_a_zip_without_images_and_a_broken_one_are_refused(packed, tmp_path):
    with pytest.raises(BadData, match=r"holds no images \(looked for"):
        Zip(path=packed({"a.txt": b"x"}))
    (tmp_path / "cut.zip").write_bytes(b"PK\3\4 cut off")
    with pytest.raises(BadData, match="no readable zip"):
        Zip(path=str(tmp_path / "cut.zip"))
    assert not is_zip(tmp_path / "cut.zip")


def test_real_emoji_are_64_by_64_on_white(real):
    data = Zip(path=real("emoji/twemoji.zip"))
    assert (len(data), data.shape, data.num_classes) == (1446, (3, 64, 64), 0)
    corners = data.read(np.arange(len(data)))["images"][:, :, 0, 0]
    assert (corners == 255).all(1).mean() > 0.9


def test_real_tiles_have_classes_by_folder(real):
    data = Zip(path=real("dcss-tiles/dcss_tiles32.zip"), channels=4)
    assert (len(data), data.shape) == (3657, (4, 32, 32))
    assert data.class_names[:2] == ("dngn", "effect")
