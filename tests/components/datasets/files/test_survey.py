from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ganzoo.components.datasets.files.decode import ImageFormat
from ganzoo.components.datasets.files.listing import Item, Listing
from ganzoo.components.datasets.files.survey import settle_format, suggest_resolution
from ganzoo.errors import BadData, BadSetting


def listing(*images):
    items = [Item(f"{number}.png", lambda image=image: image) for number, image in enumerate(images)]
    return Listing(len(items), lambda: iter(items))


def grey(width, height):
    return Image.new("L", (width, height))


def colour(width, height):
    return Image.new("RGB", (width, height))


def test_a_common_size_is_kept_at_any_aspect():
    assert settle_format(listing(grey(6, 4), grey(6, 4)), ImageFormat(), "cats") == (ImageFormat(1), (1, 4, 6))


def test_channels_are_one_only_if_all_are_grey():
    assert settle_format(listing(grey(4, 4), grey(4, 4)), ImageFormat(), "cats")[1] == (1, 4, 4)
    assert settle_format(listing(grey(4, 4), colour(4, 4)), ImageFormat(), "cats")[1] == (3, 4, 4)


def test_mixed_sizes_are_refused_with_two_files_and_what_to_type():
    with pytest.raises(BadData) as caught:
        settle_format(listing(grey(30, 40), grey(70, 50), grey(70, 50)), ImageFormat(), "cats")
    assert str(caught.value) == ("cats mixes 2 sizes: 1.png is 70x50, 0.png is 30x40. Add --resolution 48")


def test_mixed_sizes_need_a_resolution():
    assert settle_format(listing(grey(30, 40), colour(70, 50)), ImageFormat(resolution=16), "cats")[1] == (3, 16, 16)


@pytest.mark.parametrize(("side", "size"), [(64, 64), (180, 160), (100, 96), (28, 28), (127, 112), (5, 5), (1, 3)])
def test_the_suggested_resolution_is_one_that_networks_can_make(side, size):
    assert suggest_resolution(side) == size


def test_no_images_are_refused():
    with pytest.raises(BadData, match="cats holds no images"):
        settle_format(listing(), ImageFormat(), "cats")


@pytest.mark.parametrize(("native", "wanted"), [(3, 2), (1, 5), (5, 3), (5, 4)])
@pytest.mark.parametrize("resolution", [None, 4])
def test_impossible_channels_are_refused(native, wanted, resolution):
    array = np.zeros((native, 8, 8), np.uint8)
    with pytest.raises(BadSetting, match=f"dataset.channels = {wanted}: images of {native} channels"):
        settle_format(listing(array), ImageFormat(wanted, resolution), "cats")


def test_an_array_keeps_its_own_channels():
    assert settle_format(listing(np.zeros((5, 8, 8), np.uint8)), ImageFormat(), "cats")[1] == (5, 8, 8)
    assert settle_format(listing(np.zeros((5, 8, 8), np.uint8)), ImageFormat(5), "cats")[1] == (5, 8, 8)


def test_a_resolution_above_what_pillow_reads_is_refused_before_decoding():
    with pytest.raises(BadSetting, match=r"--resolution 100000: a picture has at most [\d,]+ pixels; ask for \d+ or"):
        settle_format(listing(grey(2, 2)), ImageFormat(1, 100_000), "here")
