import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ganzoo.components.datasets.files import refusals as refused
from ganzoo.components.datasets.images import Folder, Zip
from ganzoo.errors import BadData

GOOD = 8


def png(seed):
    file = BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (16, 16, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def pictures(*broken):
    """Some pictures, of which some are cut off and others no pictures at all."""
    whole = {f"{number:02}.png": png(number) for number in range(GOOD)}
    return whole | {name: png(0)[:200] if "cut" in name else b"none" for name in broken}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))

    def filled(*broken):
        place = tmp_path / "pictures"
        place.mkdir()
        for name, content in pictures(*broken).items():
            (place / name).write_bytes(content)
        return place

    return filled


def refusal(dataset, path, **settings):
    with pytest.raises(BadData) as refused:
        dataset(path=str(path), **settings)
    return str(refused.value)


@pytest.mark.parametrize("settings", [{}, {"resolution": 8, "channels": 3}], ids=["as they are", "settled"])
def test_all_broken_pictures_are_named_at_once(folder, settings):
    said = refusal(Folder, folder("a.png", "b-cut.png", "c.png"), **settings)
    assert "a.png is no PNG" in said
    assert "Of the 11 pictures 2 more cannot be read: " in said and said.count("b-cut.png") == said.count("c.png") == 1


def test_one_broken_picture_is_named_alone(folder):
    said = refusal(Folder, folder("03-cut.png"))
    assert "03-cut.png cannot be decoded" in said and "more" not in said


def test_of_many_some_are_named_and_all_counted(folder):
    said = refusal(Folder, folder(*(f"x{number}.png" for number in range(9))))
    assert "8 more cannot be read: " in said and said.endswith("and 3 more") and said.count(".png") == 6


def test_of_very_many_some_are_looked_at(folder, monkeypatch):
    monkeypatch.setattr(refused, "LOOKED", GOOD + 2)
    said = refusal(Folder, folder("a.png", "b.png", "c.png"))
    assert f"Of the first {GOOD + 2} of {GOOD + 3} pictures 1 more cannot be read: " in said


def test_pictures_of_a_zip_are_named_too(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        for name, content in pictures("a.png", "b-cut.png").items():
            archive.writestr(name, content)
    assert "1 more cannot be read: " in refusal(Zip, tmp_path / "pictures.zip")
