from __future__ import annotations

import os

import pytest

from ganzoo.components.datasets.files.paths import find_path, hash_file_stats, list_folder
from ganzoo.components.datasets.images import Folder
from ganzoo.errors import BadData


def test_an_existing_path_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "cats").mkdir()
    assert find_path("~/cats") == tmp_path / "cats"


def test_a_missing_path_suggests_the_nearest_sibling(tmp_path):
    (tmp_path / "flowers").mkdir()
    (tmp_path / "cats").mkdir()
    with pytest.raises(BadData, match=r"no 'flower' in .* Did you mean 'flowers'"):
        find_path(str(tmp_path / "flower"))


def test_the_first_missing_folder_of_a_path_is_named(tmp_path):
    (tmp_path / "flowers").mkdir()
    with pytest.raises(BadData, match=r"no 'flower' in .* Did you mean 'flowers'"):
        find_path(str(tmp_path / "flower" / "red" / "1.png"))


@pytest.mark.parametrize("text", ["", "no\0thing", "x" * 5000])
def test_impossible_paths_are_refused(text):
    with pytest.raises(BadData):
        find_path(text)


def test_listing_a_file_is_refused(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(BadData, match="cannot be read as a folder"):
        list_folder(tmp_path / "x")


def test_the_hash_changes_with_size_and_time(tmp_path):
    file = tmp_path / "x"
    file.write_bytes(b"1")
    keys = {hash_file_stats(tmp_path, ["x"])}
    file.write_bytes(b"12")
    keys.add(hash_file_stats(tmp_path, ["x"]))
    os.utime(file, ns=(1, 1))
    keys.add(hash_file_stats(tmp_path, ["x"]))
    assert len(keys) == 3
    assert hash_file_stats(tmp_path, ["x"]) in keys


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="FIFOs are POSIX")
def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "endless.png")
    with pytest.raises(BadData, match=r"endless.png is no ordinary file: leave it out"):
        Folder(path=str(tmp_path))


def test_a_link_to_nothing_is_refused_by_name(tmp_path):
    (tmp_path / "1.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(BadData, match=r"1.png is a link to nothing .*: delete it"):
        Folder(path=str(tmp_path))
