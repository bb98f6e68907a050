from __future__ import annotations

import gzip
import struct
import zipfile

import numpy as np
import pytest

from ganzoo.components.datasets.source import detect_reader
from ganzoo.errors import BadData

IDX = struct.pack(">HBB3I", 0, 8, 3, 1, 2, 2) + bytes(4)


def test_each_path_has_a_component_that_reads_it(tmp_path, save):
    picture = save(tmp_path / "cats" / "deep" / "1.png")
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits" / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(IDX))
    (tmp_path / "digits.bin").write_bytes(IDX)
    np.save(tmp_path / "x.npy", np.zeros((1, 2, 2), np.uint8))
    np.savez(tmp_path / "x.npz", images=np.zeros((1, 2, 2), np.uint8))
    with zipfile.ZipFile(tmp_path / "cats.zip", "w") as archive:
        archive.write(picture, "1.png")

    kinds = {"cats": "folder", "digits": "idx", "digits.bin": "idx", "x.npy": "arrays", "x.npz": "arrays"}
    for name, component in (kinds | {"cats.zip": "zip"}).items():
        assert detect_reader(str(tmp_path / name)) == (component, str(tmp_path / name))


def test_the_path_becomes_absolute(tmp_path, save, monkeypatch):
    save(tmp_path / "cats" / "1.png")
    monkeypatch.chdir(tmp_path)
    assert detect_reader("cats") == ("folder", str(tmp_path / "cats"))


def test_a_missing_path_suggests_the_nearest(tmp_path):
    (tmp_path / "cats.zip").touch()
    with pytest.raises(BadData, match=r"Did you mean 'cats.zip'"):
        detect_reader(str(tmp_path / "cat.zip"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x.png", "is one image: name the folder it lies in, --data"),
        ("x.heic", "is one image"),
        ("x.zip", "is no zip, or is cut off"),
        ("x.tar", "is a tar: unpack it"),
        ("x.tar.xz", "is a tar: unpack it"),
        ("x.tgz", "is a tar: unpack it"),
        ("x.h5", "is not read. Data is a folder of images, a .zip"),
        ("x.pkl", "is not read. Data is a folder of images, a .zip"),
    ],
)
def test_unsupported_data_is_refused_with_what_to_do(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"hello")
    with pytest.raises(BadData, match=message):
        detect_reader(str(tmp_path / name))


def test_an_empty_folder_is_refused_with_the_extensions_of_images(tmp_path):
    with pytest.raises(BadData, match=rf"{tmp_path} holds no images \(looked for .png"):
        detect_reader(str(tmp_path))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["b.zip", "a.zip"], "only a.zip, b.zip. Name one of them: --data {}/a.zip"),
        (["a.zip", "b.tar"], "only a.zip. Name one of them"),
        (["b.tar.xz"], "only b.tar.xz. Unpack or convert b.tar.xz"),
        ([f"{k:02}.zip" for k in range(20)], "07.zip, .... Name one"),
    ],
)
def test_a_folder_of_archives_names_them(tmp_path, files, message):
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(BadData) as caught:
        detect_reader(str(tmp_path))
    assert message.format(tmp_path) in str(caught.value)


def test_real_folders(real):
    assert detect_reader(real("mnist"))[0] == "idx"
    with pytest.raises(BadData, match=r"only blob.zip, fluent_3d.zip"):
        detect_reader(real("emoji"))
