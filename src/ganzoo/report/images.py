"""Pictures inside a page, as ``data:`` addresses, so that the page is one file."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from PIL import Image

_T = TypeVar("_T")

LIGHT = 400_000
"""Bytes up to which a picture goes in as it is; a larger one is converted to WebP."""

SIDE, THUMB = 1600, 132
"""Widest a picture, and a thumbnail, is in the page."""


def inline(path: Path) -> str:
    """Return a picture as a ``data:`` address: unchanged if it is small, else scaled and compressed."""
    if path.stat().st_size <= LIGHT and path.suffix == ".png":
        return f"data:image/png;base64,{b64encode(path.read_bytes()).decode('ascii')}"
    return _webp(path, SIDE)


def thumbnail(path: Path) -> str:
    """Return a small version of a picture as a ``data:`` address."""
    return _webp(path, THUMB * 2)  # twice the width, for screens of high density


def spread(items: Sequence[_T], most: int) -> list[_T]:
    """Pick at most ``most`` items, evenly, the first and the last always among them."""
    if len(items) <= most:
        return list(items)
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]


def _webp(path: Path, side: int) -> str:
    with Image.open(path) as opened:
        picture = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
    picture.thumbnail((side, side * 4), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=88)
    return f"data:image/webp;base64,{b64encode(buffer.getvalue()).decode('ascii')}"
