"""Making images along maps: pixels copied where they fall on pixels, else resampled without blur.

Shapes: B batch, C channels, H height, W width; U, V places along the twice as fine axes. Maps are those of ``maps``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo_adaptive.wavelets import fine_ends, fine_places, gathering, mirrored, spreading


def copies(images_BCHW: Tensor, maps: Tensor) -> Tensor:
    """Copy the nearest pixel; exact for maps that put pixels on pixels. What enters mirrors what was there."""
    channels, height, width = images_BCHW.shape[1:]
    rows, columns = (torch.arange(n, device=maps.device, dtype=maps.dtype) for n in (height, width))
    x, y = _sources(maps, columns - (width - 1) / 2, rows - (height - 1) / 2)
    column = mirrored((x + (width - 1) / 2).round(), width)
    row = mirrored((y + (height - 1) / 2).round(), height)
    index_B1K = (row * width + column).long().flatten(1)[:, None]
    return images_BCHW.flatten(2).gather(2, index_B1K.expand(-1, channels, -1)).view_as(images_BCHW)


def between(images_BCHW: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Take images bilinearly at columns ``x`` and rows ``y``, each ``(B, U, V)``, counted from 0; the border goes on.

    Gathers, because ``grid_sample`` of torch 2.11 differentiates only once, and terms on slopes go through here.

    Returns:
        ``(B, C, U, V)``, exact where ``x`` and ``y`` are whole.
    """
    channels, height, width = images_BCHW.shape[1:]
    (left, across), (top, down) = _split(x, width), _split(y, height)
    flat, corner = images_BCHW.flatten(2), top * width + left

    def taken(offset: int) -> Tensor:
        index_B1K = (corner + offset).flatten(1)[:, None].expand(-1, channels, -1)
        return flat.gather(2, index_B1K).unflatten(2, corner.shape[1:])

    upper, lower = (torch.lerp(taken(start), taken(start + 1), across[:, None]) for start in (0, width))
    return torch.lerp(upper, lower, down[:, None])


def _split(place: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Part a place into the pixel before it, int64, and how far it lies on towards the next."""
    inside = place.clamp(0, size - 1)
    before = inside.floor().clamp_max(size - 2)
    return before.long(), inside - before


class Resampler(nn.Module):
    """Resamples images of one size: doubled by an orthogonal low-pass, taken linearly along the map, halved again.

    Linear interpolation alone would blur and, by how much it blurs, tell the discriminator of the transform. Here the
    identity is exact and so is a ramp, wherever it is taken.

    Source: Karras et al. 2020, arXiv 2006.06676, appendix B.1. Differs in that the mirrored image goes on for ever,
    where the paper pads as far as the farthest map of the batch reaches, and that maps turn about the true centre of
    the filtered image: the filter's taps are not symmetric.

    Args:
        size: H and W.
    """

    up_rows: Tensor
    up_columns: Tensor
    down_rows: Tensor
    down_columns: Tensor
    rows: Tensor
    columns: Tensor

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size
        for name, length in zip(("rows", "columns"), size, strict=True):
            self.register_buffer(f"up_{name}", spreading(length).float(), persistent=False)
            self.register_buffer(f"down_{name}", gathering(length).float(), persistent=False)
            self.register_buffer(name, (fine_places(length) - (length - 1) / 2).float(), persistent=False)

    def forward(self, images_BCHW: Tensor, maps: Tensor) -> Tensor:
        """Resample each image along its map; what enters mirrors what was there."""
        dtype = images_BCHW.dtype
        fine_BCUV = self.up_rows.to(dtype) @ images_BCHW @ self.up_columns.to(dtype).T
        x, y = _sources(maps, self.columns.to(dtype), self.rows.to(dtype))
        height, width = fine_BCUV.shape[2:]
        taken = between(fine_BCUV, _along(x, self.size[1], width), _along(y, self.size[0], height))
        return self.down_rows.to(dtype) @ taken @ self.down_columns.to(dtype).T


def _sources(maps: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Say where each place of a grid comes from, both ``(B, U, V)``; no ``matmul``, as in ``composed``."""
    m = maps[:, :2, :, None, None]
    from_x, from_y = (m[:, i, 0] * x + m[:, i, 1] * y[:, None] + m[:, i, 2] for i in (0, 1))
    return from_x, from_y


def _along(place: Tensor, size: int, fine: int) -> Tensor:
    """Say at which of ``fine`` pixels of the fine axis a place counted from the centre lies.

    Places beyond the ends are mirrored into the image; those of the filter's own overlap stay, which keeps the
    identity exact to the border.
    """
    first, last = fine_ends(size)
    place = place + (size - 1) / 2
    inside = (first - 0.25 < place) & (place < last + 0.25)  # half a step of the fine axis, for rounding
    return (torch.where(inside, place, mirrored(place, size)) - first) / (last - first) * (fine - 1)
