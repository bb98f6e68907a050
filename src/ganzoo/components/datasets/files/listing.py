"""What a reader finds: named pictures that are not decoded yet, and their classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels: TypeAlias = NDArray[np.uint8]
"""One picture as ``(C, H, W)``."""

Content: TypeAlias = IO[bytes] | Image.Image | Pixels
"""A picture as it lies there: an encoded file, a Pillow image, or pixels."""


Split: TypeAlias = Literal["train", "test"]
"""Which part of a set that comes in parts."""


@dataclass(frozen=True)
class Item:
    """One picture of a source.

    Args:
        name: what messages call it.
        content: reads it; valid only until the next item is asked for.
        label: its class, or None without classes.
    """

    name: str
    content: Callable[[], Content]
    label: int | None = None


@dataclass(frozen=True)
class Listing:
    """All pictures of a source, in an order that does not depend on the machine.

    Args:
        count: how many there are.
        items: starts a pass over them.
        class_names: names of the classes; labels beyond them, and None, have all classes called by number.
    """

    count: int
    items: Callable[[], Iterator[Item]]
    class_names: tuple[str, ...] | None = None


class Reader(Protocol):
    """Finds the pictures of one source."""

    where: str
    """What messages call the source."""

    def key(self) -> str:
        """Name the source's content cheaply: as long as it stays equal, a cache made from it serves."""

    def listing(self, *, labels: bool) -> Listing:
        """List the pictures.

        Args:
            labels: look for classes; otherwise every label is None.
        """


def held(pixels: Pixels) -> Callable[[], Pixels]:
    """Make the ``content`` of an item whose pixels are in memory already."""
    return lambda: pixels
