"""Conversion of images to what a trained network takes."""

import pytest
import torch

from ganzoo.components.features.preprocessing import (
    assert_channels,
    assert_images,
    convert_channels,
    resize,
    resizer_name,
    to_bytes,
    to_unit_range,
)
from ganzoo.errors import DoesNotFit


def test_equal_channels_do_not_change(images):
    x = images(5, 4, 4)
    assert convert_channels(x, 5) is x


def test_grey_is_repeated_and_colour_becomes_lightness(images):
    grey = images(1, 4, 4)
    colour = convert_channels(grey, 3)
    assert torch.equal(colour, grey.repeat(1, 3, 1, 1))
    torch.testing.assert_close(convert_channels(colour, 1), grey)


@pytest.mark.parametrize(("channels", "colours"), [(2, 1), (4, 3)])
def test_coverage_is_left_out(images, channels, colours):
    x = images(channels, 4, 4)
    assert torch.equal(convert_channels(x, colours), x[:, :colours])


def test_to_bytes_inverts_to_unit_range():
    stored = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    assert torch.equal(to_bytes(to_unit_range(stored)), stored.float())


def test_values_beyond_the_range_are_clipped_as_in_a_file():
    assert to_bytes(torch.tensor([-3.0, 3.0])).tolist() == [0, 255]


def test_an_image_of_the_right_size_does_not_change(images):
    x = images(3, 8, 8)
    assert resize(x, (8, 8)) is x
    assert resize(x, (5, 6)).shape == (4, 3, 5, 6)


def test_a_constant_stays_constant_at_every_size():
    assert torch.allclose(resize(torch.full((1, 1, 9, 7), 0.3), (4, 16)), torch.tensor(0.3))


def test_the_name_of_the_resizer_holds_the_size():
    assert (resizer_name((32, 32)), resizer_name((32, 24))) == ("bilinear antialias 32", "bilinear antialias 32x24")


def test_points_are_refused():
    with pytest.raises(DoesNotFit, match="classifiers take images"):
        assert_images((2,), "classifiers")


@pytest.mark.parametrize(("shape", "channels"), [((5, 4, 4), 3), ((3, 4, 4), 4), ((1, 4, 4), 2)])
def test_channels_without_a_meaning_are_refused(shape, channels):
    with pytest.raises(DoesNotFit, match=f"not {shape[0]}"):
        assert_channels(shape, channels, "they")
