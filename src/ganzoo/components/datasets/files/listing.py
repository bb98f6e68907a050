"""What a reader finds: named images that are not decoded yet, and their classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels: TypeAlias = NDArray[np.uint8]
"""One image as ``(C, H, W)``."""

Content: TypeAlias = IO[bytes] | Image.Image | Pixels
"""An image before decoding: an encoded file, a Pillow image, or pixels."""


Split: TypeAlias = Literal["train", "test"]
"""A part of a data set that comes in parts."""


@dataclass(frozen=True)
class Item:
    """One image of a source.

    Args:
        name: name of the image in messages.
        content: reads the image; valid until the next item is requested.
        label: class number, or None without classes.
    """

    name: str
    content: Callable[[], Content]
    label: int | None = None


@dataclass(frozen=True)
class Listing:
    """All images of a source, in an order that does not depend on the machine.

    Args:
        count: number of images.
        items: starts a pass over them.
        class_names: names of the classes; with fewer names than classes, or None, all classes are named by number.
    """

    count: int
    items: Callable[[], Iterator[Item]]
    class_names: tuple[str, ...] | None = None


class Reader(Protocol):
    """Finds the images of one source."""

    where: str
    """Name of the source in messages."""

    def key(self) -> str:
        """Identify the source's content without reading it all: while the key is the same, the cache is valid."""

    def listing(self, *, labels: bool) -> Listing:
        """List the images.

        Args:
            labels: find classes; otherwise every label is None.
        """
