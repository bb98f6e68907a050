"""Decision on the shape of a data set, from the headers of its images."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from math import isqrt

from PIL import Image

from ganzoo.components.datasets.files.decode import ImageFormat, read_header
from ganzoo.components.datasets.files.listing import Listing
from ganzoo.errors import BadData, BadSetting
from ganzoo.registry.specs import Shape

_CONVERTIBLE = (1, 3, 4)


def settle_format(listing: Listing, image_format: ImageFormat, where: str) -> tuple[ImageFormat, Shape]:
    """Decide channels and size.

    There is 1 channel if every image is grey according to its header, else 3; arrays keep their own number.

    Args:
        listing: the images.
        image_format: what the user asked for.
        where: name of the source in messages.

    Returns:
        The format with its channels filled in, and the shape ``(C, H, W)`` of every image.

    Raises:
        BadData: there are no images, or several sizes and no resolution.
        BadSetting: the images cannot be converted to the requested channels or resolution.
    """
    if listing.count == 0:
        raise BadData(f"{where} holds no images")
    side = image_format.resolution
    sizes, names, native = _count_sizes(listing, only_first=image_format.channels is not None and side is not None)
    channels = _choose_channels(image_format.channels, native)
    if side is not None:
        limit = Image.MAX_IMAGE_PIXELS
        if limit is not None and side * side > limit:
            raise BadSetting(
                f"--resolution {side}: a picture has at most {limit:,} pixels; ask for {isqrt(limit)} or less"
            )
        return replace(image_format, channels=channels), (channels, side, side)
    if len(sizes) > 1:
        (common, _), *_ = sizes.most_common(1)
        other = next(size for size in names if size != common)
        raise BadData(
            f"{where} mixes {len(sizes)} sizes: {names[common]} is {common[0]}x{common[1]}, "
            f"{names[other]} is {other[0]}x{other[1]}. Add --resolution {suggest_resolution(min(common))}"
        )
    ((width, height),) = sizes
    return replace(image_format, channels=channels), (channels, height, width)


def suggest_resolution(side: int) -> int:
    """Round down to the nearest size that every convolutional generator can make: ``base * 2^k``, base 3 to 7."""
    sizes = (base << k for base in (3, 4, 5, 6, 7) for k in range(side.bit_length()))
    return max((size for size in sizes if size <= side), default=3)


def _count_sizes(
    listing: Listing, *, only_first: bool
) -> tuple[Counter[tuple[int, int]], dict[tuple[int, int], str], int]:
    """Count the sizes, and return one name of each and the largest number of channels."""
    sizes: Counter[tuple[int, int]] = Counter()
    names: dict[tuple[int, int], str] = {}
    native = 0
    for item in islice(listing.items(), 1 if only_first else None):
        header = read_header(item)
        sizes[header.size] += 1
        names.setdefault(header.size, item.name)
        native = max(native, header.channels)
    return sizes, names, native


def _choose_channels(wanted: int | None, native: int) -> int:
    if wanted is None or wanted == native:
        return native
    if wanted in _CONVERTIBLE and native in _CONVERTIBLE:
        return wanted
    raise BadSetting(
        f"dataset.channels = {wanted}: images of {native} channels cannot be converted to it. "
        f"Use 1 (grey), 3 (colour) or 4 (with transparency), or leave it out"
    )
