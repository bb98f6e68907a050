"""Pictures of samples: a grid of images, or points over the modes of their distribution."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from ganzoo.storage.files import replace_file

_GAP, _BACKGROUND, _POINT, _MODE = 2, 255, (205, 60, 60), (190, 190, 190)


def to_uint8(samples: Tensor) -> np.ndarray:
    """Convert images in [-1, 1] to uint8 ``(B, C, H, W)``; points stay float32 ``(B, D)``."""
    samples = samples.detach().float().cpu()
    if samples.ndim != 4:
        return samples.numpy()
    return samples.add(1).mul(127.5).round().clamp(0, 255).byte().numpy()


def draw_sheet(samples: np.ndarray, columns: int, *, centres: np.ndarray | None = None) -> Image.Image:
    """Draw samples: images as a grid, points as a scatter plot.

    Args:
        samples: uint8 ``(B, C, H, W)`` or float32 ``(B, 2)``.
        columns: images per row.
        centres: modes ``(M, 2)`` drawn behind points.
    """
    return draw_grid(samples, columns) if samples.ndim == 4 else draw_points(samples, centres)


def draw_sample(sample: np.ndarray) -> Image.Image:
    """Draw one sample: an image ``(C, H, W)`` at its own size, or a point ``(2,)``."""
    return Image.fromarray(to_picture(sample)) if sample.ndim == 3 else draw_points(sample[None], None)


def draw_grid(images: np.ndarray, columns: int) -> Image.Image:
    """Draw uint8 images ``(B, C, H, W)`` in rows; small ones are enlarged by an integer factor."""
    pictures = np.stack([to_picture(image) for image in images])
    factor = max(1, 64 // pictures.shape[1])
    pictures = pictures.repeat(factor, 1).repeat(factor, 2)
    count, height, width, depth = pictures.shape
    rows = -(-count // columns)
    canvas = np.full((rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, depth), _BACKGROUND, np.uint8)
    for index, tile in enumerate(pictures):
        top, left = (_GAP + (index // columns) * (height + _GAP), _GAP + (index % columns) * (width + _GAP))
        canvas[top : top + height, left : left + width] = tile
    return Image.fromarray(canvas)


def to_picture(image: np.ndarray) -> np.ndarray:
    """Convert an image ``(C, H, W)`` to ``(H, W, 3 or 4)`` for display; with one or two channels it is grey."""
    channels = image.shape[0]
    colours = image if channels in (3, 4) else image[:3] if channels > 4 else image[:1].repeat(3, 0)
    return np.ascontiguousarray(colours.transpose(1, 2, 0))


def draw_points(points: np.ndarray, centres: np.ndarray | None, *, size: int = 512) -> Image.Image:
    """Draw points ``(B, 2)`` over circles that mark the modes ``(M, 2)``."""
    canvas = np.full((size, size, 3), _BACKGROUND, np.uint8)
    reach = 1.25 * float(np.abs(centres if centres is not None and len(centres) else points).max() or 1.0)
    for centre in centres if centres is not None else ():
        _draw_disk(canvas, centre, reach, radius=size // 50, colour=_MODE)
    for point in points:
        _draw_disk(canvas, point, reach, radius=2, colour=_POINT)
    return Image.fromarray(canvas)


def save_animation(samples: np.ndarray, path: Path, *, fps: int) -> Path:
    """Write samples as an animation that loops; small images are enlarged by an integer factor.

    Args:
        samples: uint8 ``(F, C, H, W)`` or float32 ``(F, 2)``.
        path: a .webp, .gif or .png file.
        fps: frames per second.
    """
    factor = max(1, 256 // samples.shape[-1]) if samples.ndim == 4 else 1
    pictures = [draw_sample(s.repeat(factor, -1).repeat(factor, -2) if samples.ndim == 4 else s) for s in samples]
    with replace_file(path) as temporary:
        pictures[0].save(
            temporary, format=path.suffix.lstrip(".").upper(), save_all=True, append_images=pictures[1:],
            duration=round(1000 / fps), loop=0, lossless=True,
        )  # fmt: skip
    return path


def save_picture(image: Image.Image, path: Path) -> Path:
    """Write a picture atomically."""
    with replace_file(path) as temporary:
        image.save(temporary, format=path.suffix.lstrip(".").upper().replace("JPG", "JPEG") or "PNG")
    return path


def _draw_disk(
    canvas: np.ndarray, at: Sequence[float] | np.ndarray, reach: float, *, radius: int, colour: tuple[int, int, int]
) -> None:
    size = canvas.shape[0]
    x, y = ((float(v) / reach + 1) * size / 2 for v in (at[0], -at[1]))
    if not (abs(x) < 2 * size and abs(y) < 2 * size):
        return
    rows, columns = np.ogrid[:size, :size]
    top, bottom, left, right = (int(max(0, v)) for v in (y - radius, y + radius + 1, x - radius, x + radius + 1))
    inside = (rows[top:bottom] - y) ** 2 + (columns[:, left:right] - x) ** 2 <= radius**2
    canvas[top:bottom, left:right][inside] = colour
