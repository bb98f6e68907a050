from __future__ import annotations

import random
from contextlib import suppress
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganzoo.components.datasets.files.decode import ImageFormat, decode, read_header
from ganzoo.components.datasets.files.listing import Item
from ganzoo.errors import BadData

NOISE = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def item(content: bytes | np.ndarray | Image.Image, name: str = "cats/x.png") -> Item:
    if isinstance(content, bytes):
        return Item(name, lambda: BytesIO(content))
    return Item(name, lambda: content)


def pixels(
    image: Image.Image, kind: str = "PNG", image_format: ImageFormat | None = None, **options: Any
) -> np.ndarray:
    return decode(item(encoded(image, kind, **options)), image_format or ImageFormat())


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_a_16_bit_ramp_keeps_its_ramp(kind):
    deep = np.arange(65536, dtype=np.uint16).reshape(256, 256)

    ramp = pixels(Image.fromarray(deep), kind)[0].ravel()

    assert np.array_equal(ramp, np.rint(np.arange(65536) / 257))
    assert ramp.mean() == 127.5


def test_big_endian_16_bit_grey_is_scaled_too():
    deep = (np.arange(256, dtype=">u2") * 257).reshape(16, 16)
    image = Image.frombytes("I;16B", (16, 16), deep.tobytes())
    assert np.array_equal(decode(item(image), ImageFormat())[0].ravel(), np.arange(256))


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (0, 65536)])
def test_integers_beyond_16_bits_are_refused_by_name(low, high):
    image = Image.fromarray(np.array([[low, high]], np.int32))
    with pytest.raises(BadData, match=r"cats/x.png holds values from .* rescale"):
        pixels(image, "TIFF")


def test_float_grey_within_0_and_1_is_scaled():
    image = Image.fromarray(np.array([[0, 0.5, 1]], np.float32))
    assert pixels(image, "TIFF").tolist() == [[[0, 128, 255]]]


@pytest.mark.parametrize("value", [-0.1, 1.5, 255.0, float("nan"), float("inf")])
def test_other_float_grey_is_refused_by_name(value):
    image = Image.fromarray(np.array([[0, value]], np.float32))
    with pytest.raises(BadData, match=r"cats/x.png holds float values .* rescale"):
        pixels(image, "TIFF")


UPRIGHT = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).T,
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_exif_orientation_is_applied(orientation, depth):
    stored = np.arange(6, dtype=depth).reshape(2, 3) * (257 if depth == np.uint16 else 1)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = item(encoded(Image.fromarray(stored), "PNG", exif=exif))

    upright = decode(picture, ImageFormat())

    assert np.array_equal(upright[0], UPRIGHT[orientation](np.arange(6).reshape(2, 3)))
    assert read_header(picture).size == upright.shape[:0:-1]


def test_cmyk_becomes_rgb():
    image = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
    assert pixels(image, "TIFF")[:, 0, 0].tolist() == [0, 255, 255]
    assert np.abs(pixels(image, "JPEG")[:, 4, 4].astype(int) - [0, 255, 255]).max() <= 4


def test_one_bit_becomes_black_and_white():
    assert pixels(Image.fromarray(np.array([[True, False]]))).tolist() == [[[255, 0]]]


def transparent_palette() -> Image.Image:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    image.info["transparency"] = 1
    return image


@pytest.mark.parametrize(("background", "shown"), [("white", [255] * 3), ("black", [0] * 3)])
@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_palette_entry_shows_the_background(kind, background, shown):
    both = pixels(transparent_palette(), kind, ImageFormat(background=background), transparency=1)
    assert both[:, 0, 0].tolist() == [10, 20, 30]
    assert both[:, 0, 1].tolist() == shown


def test_four_channels_keep_transparency():
    assert pixels(transparent_palette(), image_format=ImageFormat(4), transparency=1)[3].tolist() == [[255, 0]]
    assert pixels(Image.new("L", (1, 1), 7), image_format=ImageFormat(4)).ravel().tolist() == [7, 7, 7, 255]


def test_the_hidden_colour_of_transparent_pixels_does_not_show():
    assert pixels(Image.new("RGBA", (1, 1), (255, 0, 0, 0))).ravel().tolist() == [255, 255, 255]


@pytest.mark.parametrize("channels", [1, 3])
def test_half_transparent_black_on_white_is_grey(channels):
    image = Image.new("LA", (1, 1), (0, 128))
    assert pixels(image, image_format=ImageFormat(channels)).ravel().tolist() == [127] * channels


def test_a_transparent_grey_value_shows_the_background():
    image = Image.fromarray(np.array([[7, 9]], np.uint8))
    assert pixels(image, transparency=7).tolist() == [[[255, 9]]]


def test_16_bit_grey_with_a_transparent_value_is_refused():
    image = Image.fromarray(np.array([[7, 9]], np.uint16))
    image.info["transparency"] = 7
    with pytest.raises(BadData, match=r"cats/x.png .* transparent value"):
        decode(item(image), ImageFormat())


def test_grey_is_repeated_and_colour_becomes_luma():
    assert pixels(Image.new("L", (1, 1), 90), image_format=ImageFormat(3)).ravel().tolist() == [90, 90, 90]
    assert pixels(Image.new("RGB", (1, 1), (255, 0, 0)), image_format=ImageFormat(1)).ravel().tolist() == [
        76
    ]  # 0.299 * 255


def test_resolution_crops_the_centre():
    wide = np.zeros((8, 20, 3), np.uint8)
    wide[:, 6:14] = (200, 100, 50)
    square = pixels(Image.fromarray(wide), image_format=ImageFormat(resolution=8))
    assert square.shape == (3, 8, 8)
    assert (square == np.array([200, 100, 50])[:, None, None]).all()


@pytest.mark.parametrize("side", [4, 16, 40])
def test_a_constant_picture_stays_constant_at_any_resolution(side):
    square = pixels(Image.new("RGB", (30, 17), (9, 99, 199)), image_format=ImageFormat(resolution=side))
    assert square.shape == (3, side, side)
    assert (square == np.array([9, 99, 199])[:, None, None]).all()


def test_its_own_resolution_changes_nothing():
    assert np.array_equal(
        pixels(Image.fromarray(NOISE), image_format=ImageFormat(resolution=16)), NOISE.transpose(2, 0, 1)
    )


FRAMES = [Image.new("RGB", (4, 4), colour) for colour in ("red", "green", "blue")]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
@pytest.mark.parametrize("read", [read_header, lambda picture: decode(picture, ImageFormat())])
def test_animations_are_refused_by_name(kind, read):
    data = encoded(FRAMES[0], kind, save_all=True, append_images=FRAMES[1:])
    with pytest.raises(BadData, match=r"cats/x.gif is animated \(3 frames\): save the frames"):
        read(item(data, "cats/x.gif"))


def test_the_first_picture_of_a_multi_picture_jpeg_is_used():
    data = encoded(FRAMES[0], "MPO", save_all=True, append_images=FRAMES[1:])
    assert np.abs(decode(item(data), ImageFormat())[:, 0, 0].astype(int) - [255, 0, 0]).max() <= 4


KINDS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_file_is_refused_by_name(kind):
    data = encoded(Image.fromarray(NOISE), kind)
    for share in (0, 0.1, 0.5, 0.9):
        with pytest.raises(BadData, match=r"cats/x.png .* leave it out"):
            decode(item(data[: int(share * len(data))]), ImageFormat())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore")
def test_mutated_files_raise_nothing_but_bad_data(kind):
    data, rng = encoded(Image.fromarray(NOISE), kind), random.Random(1)
    for _ in range(60):
        mutant = bytearray(data)
        for _ in range(3):
            mutant[rng.randrange(min(200, len(data)))] = rng.randrange(256)
        for read in (read_header, lambda picture: decode(picture, ImageFormat())):
            with suppress(BadData):
                read(item(bytes(mutant)))


def test_formats_that_start_other_programs_are_refused_under_any_name():
    with pytest.raises(BadData, match=r"cats/x.png is no PNG, JPEG"):
        decode(item(encoded(FRAMES[0], "EPS")), ImageFormat())


@pytest.mark.parametrize("limit", [200, 100])  # Pillow warns above the limit and raises above twice the limit
def test_decompression_bombs_are_refused_by_name(limit, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(BadData, match=f"cats/x.png has more than {limit} pixels"):
        decode(item(encoded(Image.fromarray(NOISE), "PNG")), ImageFormat())


def test_arrays_of_any_depth_are_kept_as_they_are():
    array = np.arange(5 * 4 * 6, dtype=np.uint8).reshape(5, 4, 6)
    assert decode(item(array), ImageFormat()) is array
    assert read_header(item(array)).channels == 5


def test_arrays_are_resized_plane_by_plane():
    array = np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((5, 4, 6), np.uint8)
    assert np.array_equal(decode(item(array), ImageFormat(resolution=2)), array[:, :2, :2])


def test_arrays_change_channels_as_files_do():
    array = NOISE.transpose(2, 0, 1)
    assert np.array_equal(
        decode(item(array), ImageFormat(1)), pixels(Image.fromarray(NOISE), image_format=ImageFormat(1))
    )


def test_a_header_distinguishes_grey_from_colour():
    for mode, channels in {"1": 1, "L": 1, "LA": 1, "P": 3, "RGB": 3, "RGBA": 3}.items():
        assert read_header(item(encoded(Image.new(mode, (3, 2)), "PNG"))).channels == channels
