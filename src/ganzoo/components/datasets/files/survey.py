"""Looking over all pictures before any is decoded: which shape will the data set have?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from math import isqrt

from PIL import Image

from ganzoo.components.datasets.files.decode import Form, header
from ganzoo.components.datasets.files.listing import Listing
from ganzoo.errors import BadData, BadSetting
from ganzoo.registry.specs import Shape

_CONVERTIBLE = (1, 3, 4)


def settle_format(listing: Listing, form: Form, where: str) -> tuple[Form, Shape]:
    """Decide channels and size.

    Channels are 1 when every picture is grey, else 3, judged by the files' headers; arrays keep their own number.

    Args:
        listing: the pictures.
        form: what the user asked for.
        where: what messages call the source.

    Returns:
        The form with its channels filled in, and the shape ``(C, H, W)`` every picture will have.

    Raises:
        BadData: there are no pictures, or several sizes and no resolution.
        BadSetting: the channels asked for cannot be made.
    """
    if listing.count == 0:
        raise BadData(f"{where} holds no images")
    settled = form.channels is not None and form.resolution is not None
    sizes, names, native = _look(listing, only_first=settled)
    channels = _channels(form.channels, native)
    if form.resolution is not None:
        _assert_drawable(form.resolution)
        return replace(form, channels=channels), (channels, form.resolution, form.resolution)
    if len(sizes) > 1:
        raise BadData(_mixed(sizes, names, where))
    ((width, height),) = sizes
    return replace(form, channels=channels), (channels, height, width)


def _assert_drawable(side: int) -> None:
    """Refuse pictures larger than those that may be read."""
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and side * side > limit:
        raise BadSetting(f"--resolution {side}: a picture has at most {limit:,} pixels; ask for {isqrt(limit)} or less")


def suggested_resolution(side: int) -> int:
    """Round down to the nearest size every convolutional pair can make: ``base * 2^k``, base 3 to 7."""
    sizes = (base << k for base in (3, 4, 5, 6, 7) for k in range(side.bit_length()))
    return max((size for size in sizes if size <= side), default=3)


def _look(listing: Listing, *, only_first: bool) -> tuple[Counter[tuple[int, int]], dict[tuple[int, int], str], int]:
    """Count the sizes, remember one name of each, and find the largest channel number."""
    sizes: Counter[tuple[int, int]] = Counter()
    names: dict[tuple[int, int], str] = {}
    native = 0
    for item in islice(listing.items(), 1 if only_first else None):
        seen = header(item)
        sizes[seen.size] += 1
        names.setdefault(seen.size, item.name)
        native = max(native, seen.channels)
    return sizes, names, native


def _channels(wanted: int | None, native: int) -> int:
    if wanted in (None, native):
        return native
    assert wanted is not None
    if wanted in _CONVERTIBLE and native in _CONVERTIBLE:
        return wanted
    raise BadSetting(
        f"dataset.channels = {wanted}: images of {native} channels cannot be brought to it. "
        f"Use 1 (grey), 3 (colour) or 4 (with transparency), or leave it out"
    )


def _mixed(sizes: Counter[tuple[int, int]], names: dict[tuple[int, int], str], where: str) -> str:
    (common, _), *_ = sizes.most_common(1)
    other = next(size for size in names if size != common)
    return (
        f"{where} mixes {len(sizes)} sizes: {names[common]} is {common[0]}x{common[1]}, "
        f"{names[other]} is {other[0]}x{other[1]}. Add --resolution {suggested_resolution(min(common))}"
    )
