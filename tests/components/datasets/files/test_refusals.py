import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ganzoo.components.datasets.files import refusals
from ganzoo.components.datasets.images import Folder, Zip
from ganzoo.errors import BadData

GOOD = 8


def png(seed):
    file = BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (16, 16, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def pictures(*broken):
    """Return some images, of which some are cut off and others no images at all."""
    whole = {f"{number:02}.png": png(number) for number in range(GOOD)}
    return whole | {name: png(0)[:200] if "cut" in name else b"none" for name in broken}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))

    def fill(*broken):
        place = tmp_path / "pictures"
        place.mkdir()
        for name, content in pictures(*broken).items():
            (place / name).write_bytes(content)
        return place

    return fill


def refusal(dataset, path, **settings):
    with pytest.raises(BadData) as refused:
        dataset(path=str(path), **settings)
    return str(refused.value)


@pytest.mark.parametrize("settings", [{}, {"resolution": 8, "channels": 3}], ids=["own format", "given format"])
def test_all_broken_images_are_named_at_once(folder, settings):
    message = refusal(Folder, folder("a.png", "b-cut.png", "c.png"), **settings)
    assert "a.png is no PNG" in message
    assert (
        "Of the 11 pictures 2 more cannot be read: " in message
        and message.count("b-cut.png") == message.count("c.png") == 1
    )


def test_one_broken_image_is_named_alone(folder):
    message = refusal(Folder, folder("03-cut.png"))
    assert "03-cut.png cannot be decoded" in message and "more" not in message


def test_a_few_are_named_and_all_are_counted(folder):
    message = refusal(Folder, folder(*(f"x{number}.png" for number in range(9))))
    assert "8 more cannot be read: " in message and message.endswith("and 3 more") and message.count(".png") == 6


def test_only_the_first_are_tried_in_a_large_set(folder, monkeypatch):
    monkeypatch.setattr(refusals, "MAX_TRIED", GOOD + 2)
    message = refusal(Folder, folder("a.png", "b.png", "c.png"))
    assert f"Of the first {GOOD + 2} of {GOOD + 3} pictures 1 more cannot be read: " in message


def test_images_of_a_zip_are_named_too(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        for name, content in pictures("a.png", "b-cut.png").items():
            archive.writestr(name, content)
    assert "1 more cannot be read: " in refusal(Zip, tmp_path / "pictures.zip")
