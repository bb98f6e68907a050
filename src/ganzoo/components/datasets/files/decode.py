"""Decoding of an image in any usual format to uint8 ``(C, H, W)``.

- Images are turned upright by their EXIF orientation.
- 16-bit grey, and 32-bit integers within 0..65535, are scaled by the full range (65535 becomes 255) and never
  clipped; float grey within [0, 1] is scaled; other ranges are refused.
- 1-bit, palette, YCbCr and CMYK become grey or RGB, without colour profiles; 16-bit colour keeps its high byte,
  as Pillow reads it.
- Transparency (RGBA, LA, a transparent palette entry or colour) is composited on ``background``, or kept with
  4 channels.
- Colour becomes grey by the luma of ITU-R 601; grey becomes colour by repetition.
- With a ``resolution``, the image is cropped to its central square and resized with Lanczos, after all of the above.
- An animation, a file of several pages, a truncated or unreadable file and one with more pixels than Pillow's limit
  for decompression bombs are refused by name. Of a multi-picture JPEG (MPO, from phones) the first picture is used.
"""

from __future__ import annotations

import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import IO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ganzoo.components.datasets.files.listing import Item, Pixels
from ganzoo.errors import BadData

FORMATS = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
}
"""The only decoders that run, with their extensions: others start Ghostscript, or are rarely fuzzed."""

EXTENSIONS = tuple(extension for extensions in FORMATS.values() for extension in extensions)
UNSUPPORTED = (
    ".avif",
    ".heic",
    ".heif",
    ".jxl",
    ".jp2",
    ".tga",
    ".qoi",
    ".psd",
    ".exr",
    ".dcm",
    ".dng",
    ".cr2",
    ".nef",
)
"""Images that are not read: they are refused by name, as skipping them would lose data silently."""

MAX_BYTES = 2**30
_ORIENTATION = 0x0112
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# what Pillow and zipfile raise on cut and mutated files of the formats above (found by fuzzing)
_BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, RuntimeError, EOFError, LookupError, ArithmeticError),
    *(MemoryError, struct.error, zlib.error, zipfile.BadZipFile),
)


class BadImage(BadData):
    """An image that is refused.

    Args:
        name: of the image.
        message: what is wrong with it and what to do; begins with its name.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class ImageFormat:
    """The format that images are converted to.

    Args:
        channels: 1, 3 or 4; arrays may keep any other number; None keeps grey grey and colour RGB.
        resolution: side in pixels; None keeps the size.
        background: colour behind transparent pixels.
    """

    channels: int | None = None
    resolution: int | None = None
    background: str = "white"


@dataclass(frozen=True)
class Header:
    """Facts about an image before it is decoded.

    Args:
        size: width and height, upright.
        channels: 1 for grey, 3 for colour (a palette counts as colour); an array's own number.
    """

    size: tuple[int, int]
    channels: int


def read_header(item: Item) -> Header:
    """Read size and channels of an image without decoding it.

    Raises:
        BadImage: it is broken, animated or a bomb.
    """
    with _refuse_broken(item.name):
        content = item.content()
        if isinstance(content, np.ndarray):
            channels, height, width = content.shape
            return Header((width, height), channels)
        with content, _open_image(content, item.name) as image:
            # PngImageFile.getexif would decode the whole image to find a late chunk
            turned = Image.Image.getexif(image).get(_ORIENTATION, 1) in (5, 6, 7, 8)
            width, height = image.size[::-1] if turned else image.size
            return Header((width, height), 1 if _is_grey(image) else 3)


def decode(item: Item, image_format: ImageFormat) -> Pixels:
    """Decode one image.

    Returns:
        ``(C, H, W)`` uint8.

    Raises:
        BadImage: the image is broken, animated, a bomb, or holds values that no rule scales.
    """
    with _refuse_broken(item.name):
        content = item.content()
        if isinstance(content, np.ndarray):
            return _decode_array(content, image_format)
        with content, _open_image(_read_whole(content, item.name), item.name) as image:
            return _to_pixels(_to_8_bit(ImageOps.exif_transpose(image), item.name), image_format)


def _read_whole(content: IO[bytes] | Image.Image, name: str) -> IO[bytes] | Image.Image:
    """Read an encoded file to its end, so that the checksum of a zip's member is verified."""
    if isinstance(content, Image.Image):
        return content
    data = content.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadData(f"{name} is larger than {MAX_BYTES:,} bytes: leave it out")
    return BytesIO(data)


@contextmanager
def _refuse_broken(name: str) -> Iterator[None]:
    """Convert every error that Pillow raises on a broken image to one line that names it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except BadData as error:
        raise BadImage(name, str(error)) from error
    except _BOMBS as error:
        raise BadImage(
            name, f"{name} has more than {Image.MAX_IMAGE_PIXELS:,} pixels: shrink it or leave it out"
        ) from error
    except UnidentifiedImageError as error:
        raise BadImage(
            name, f"{name} is no {', '.join(FORMATS)} image, or is cut off: replace it or leave it out"
        ) from error
    except _BROKEN as error:
        raise BadImage(name, f"{name} cannot be decoded ({error}): replace it or leave it out") from error


@contextmanager
def _open_image(content: IO[bytes] | Image.Image, name: str) -> Iterator[Image.Image]:
    image = content if isinstance(content, Image.Image) else Image.open(content, formats=tuple(FORMATS))
    with image:
        frames = getattr(image, "n_frames", 1)
        if frames > 1 and image.format != "MPO":
            raise BadData(f"{name} is animated ({frames} frames): save the frames as single images, or leave it out")
        yield image


def _is_grey(image: Image.Image) -> bool:
    return image.mode in ("1", "L", "LA", "La", "F") or image.mode.startswith("I")


def _to_8_bit(image: Image.Image, name: str) -> Image.Image:
    """Convert any mode to L, LA, RGB or RGBA."""
    transparent = "transparency" in image.info
    if image.mode == "F" or image.mode.startswith("I"):
        if transparent:
            raise BadData(f"{name} is {image.mode} grey with a transparent value: save it without transparency")
        return Image.fromarray(_scale_grey(np.asarray(image), name))
    if image.mode in ("LA", "La") or (image.mode == "L" and transparent):
        return image.convert("LA")
    if image.mode in ("RGBA", "RGBa", "PA") or transparent:
        return image.convert("RGBA")
    return image.convert("L" if _is_grey(image) else "RGB")


def _scale_grey(grey: np.ndarray, name: str) -> Pixels:
    """Scale deep grey to 8 bits by the full range of its type."""
    low, high = grey.min(), grey.max()
    if grey.dtype.kind == "f":
        if not (low >= 0 and high <= 1):  # also true of NaN
            raise BadData(f"{name} holds float values from {low:g} to {high:g}: rescale them to 0..1")
        return np.asarray(np.rint(grey * 255), np.uint8)
    if low < 0 or high > 65535:
        raise BadData(f"{name} holds values from {low} to {high}: rescale them to 0..65535")
    return np.asarray((grey.astype(np.uint32) + 128) // 257, np.uint8)  # 65535 = 255 * 257


def _to_pixels(image: Image.Image, image_format: ImageFormat) -> Pixels:
    image = _convert_channels(image, image_format)
    if image_format.resolution is not None:
        image = ImageOps.fit(image, (image_format.resolution, image_format.resolution), Image.Resampling.LANCZOS)
    pixels = np.asarray(image)
    return np.ascontiguousarray(pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1))


def _convert_channels(image: Image.Image, image_format: ImageFormat) -> Image.Image:
    channels = image_format.channels or (1 if _is_grey(image) else 3)
    if channels == 4:
        return image.convert("RGBA")
    if image.mode in ("LA", "RGBA"):
        background = Image.new("RGBA", image.size, image_format.background)
        image = Image.alpha_composite(background, image.convert("RGBA")).convert("RGB")
    return image.convert("L" if channels == 1 else "RGB")


def _decode_array(pixels: Pixels, image_format: ImageFormat) -> Pixels:
    """Convert an array; one in the wanted format stays as it is, unusual channel numbers are resized plane by plane."""
    side, channels = image_format.resolution, pixels.shape[0]
    if image_format.channels in (None, channels) and (side is None or pixels.shape[1:] == (side, side)):
        return pixels
    if channels in (1, 3, 4):
        image = Image.fromarray(pixels[0] if channels == 1 else pixels.transpose(1, 2, 0))
        return _to_pixels(image, replace(image_format, channels=image_format.channels or channels))
    return np.concatenate([_to_pixels(Image.fromarray(plane), ImageFormat(1, side)) for plane in pixels])
