from __future__ import annotations

import json

import numpy as np
import pytest

from ganzoo.components.datasets.files.folder import find_images
from ganzoo.components.datasets.images import Folder
from ganzoo.errors import BadData


def test_sub_folders_are_classes(tmp_path, save):
    for name in ("dog/1.png", "cat/2.png", "cat/deep/3.JPG"):
        save(tmp_path / name)
    data = Folder(path=str(tmp_path))
    assert (len(data), data.shape, data.num_classes, data.class_names) == (3, (3, 8, 8), 2, ("cat", "dog"))
    assert data.read(np.arange(3))["labels"].tolist() == [0, 0, 1]


def test_a_flat_folder_has_no_classes(tmp_path, save):
    save(tmp_path / "1.png", mode="L")
    data = Folder(path=str(tmp_path))
    assert (data.shape, data.num_classes, data.class_names) == ((1, 8, 8), 0, ())


def test_labels_can_be_ignored(tmp_path, save):
    save(tmp_path / "1.png")
    save(tmp_path / "cat" / "2.png")
    with pytest.raises(BadData, match="beside its class folders"):
        Folder(path=str(tmp_path))
    data = Folder(path=str(tmp_path), labels=False)
    assert (len(data), data.num_classes) == (2, 0)
    assert data.read(np.arange(2))["labels"].tolist() == [0, 0]


def test_hidden_files_and_other_files_are_skipped(tmp_path, save):
    for name in ("1.png", ".2.png", ".git/3.png", "__MACOSX/4.png"):
        save(tmp_path / name)
    (tmp_path / "readme.txt").write_text("hello")
    assert list(find_images(tmp_path)) == ["1.png"]


def test_a_file_that_is_no_image_despite_its_name_is_refused_by_name(tmp_path, save):
    save(tmp_path / "1.png")
    (tmp_path / "2.jpg").write_text("hello")
    with pytest.raises(BadData, match=r"2.jpg is no PNG, JPEG"):
        Folder(path=str(tmp_path))


def test_an_unsupported_kind_of_image_is_refused_by_name(tmp_path, save):
    save(tmp_path / "1.png")
    (tmp_path / "2.HEIC").touch()
    with pytest.raises(BadData, match=r"2.HEIC in .*: .heic images are not read. Convert"):
        Folder(path=str(tmp_path))


def test_links_are_followed_and_loops_end(tmp_path, save):
    save(tmp_path / "far" / "1.png")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "cat").symlink_to(tmp_path / "far")
    (tmp_path / "set" / "loop").symlink_to(tmp_path / "set")
    assert list(find_images(tmp_path / "set")) == ["cat/1.png"]


def test_an_empty_folder_is_refused_with_the_extensions_of_images(tmp_path):
    with pytest.raises(BadData, match=rf"{tmp_path} holds no images \(looked for .png .jpg"):
        Folder(path=str(tmp_path))


def test_a_file_is_no_folder(tmp_path, save):
    with pytest.raises(BadData, match="is a file, not a folder"):
        Folder(path=str(save(tmp_path / "1.png")))


def test_stylegan_labels_are_read_from_a_folder_too(tmp_path, save):
    save(tmp_path / "00000" / "a.png")
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": [["00000/a.png", 3]]}))
    assert Folder(path=str(tmp_path)).num_classes == 4


def test_names_beyond_ascii(tmp_path, save):
    save(tmp_path / "katzen" / "größe 猫.png")
    assert len(Folder(path=str(tmp_path))) == 1
