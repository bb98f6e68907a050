"""Pictures of samples."""

import numpy as np
import pytest
import torch
from PIL import Image

from ganzoo.runs import sheets


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
def test_every_number_of_channels_can_be_shown(channels):
    images = np.arange(2 * channels * 16, dtype=np.uint8).reshape(2, channels, 4, 4)
    picture = sheets.draw_grid(images, 2)
    assert picture.mode == ("RGBA" if channels == 4 else "RGB")


def test_the_grid_holds_the_pixels_in_order():
    images = np.zeros((3, 1, 64, 64), np.uint8)
    images[1] = 100
    images[2] = 200
    picture = np.asarray(sheets.draw_grid(images, 2))
    assert picture.shape == (2 * 66 + 2, 2 * 66 + 2, 3)
    assert (picture[2:66, 2:66] == 0).all()
    assert (picture[2:66, 68:132] == 100).all()
    assert (picture[68:132, 2:66] == 200).all()
    assert (picture[68:132, 68:132] == 255).all()


def test_the_ends_of_the_range_become_black_and_white():
    assert sheets.to_uint8(torch.tensor([-1.0, 0.0, 1.0, 2.0]).view(1, 1, 2, 2)).ravel().tolist() == [0, 128, 255, 255]


def test_points_are_drawn_where_they_are():
    points = np.array([[0.0, 0.0], [9e9, 0.0], [np.inf, np.nan]])
    picture = np.asarray(sheets.draw_points(points, np.array([[1.0, 0.0]])))
    assert tuple(picture[256, 256]) == sheets._POINT
    assert tuple(picture[256, int((1 / 1.25 + 1) * 256)]) == sheets._MODE


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.JPEG"])
def test_saved_pictures_open_again(tmp_path, name):
    path = sheets.save_picture(Image.new("RGB", (4, 4)), tmp_path / "new" / name)
    assert Image.open(path).size == (4, 4)
    assert [p.name for p in path.parent.iterdir()] == [name]
