"""Transform images by affine maps: copy pixels where they fall on pixels, else resample without blur.

Shapes: B batch, C channels, H height, W width; U, V positions along the axes of twice the resolution. Maps are those of
``affine_maps``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo_adaptive.wavelets import fine_ends, fine_positions, make_downsampling, make_upsampling, mirror


def copy_pixels(images_BCHW: Tensor, maps: Tensor) -> Tensor:
    """Copy the nearest pixel, exact for maps of pixels onto pixels; the image is mirrored at its edges."""
    channels, height, width = images_BCHW.shape[1:]
    rows, columns = (torch.arange(n, device=maps.device, dtype=maps.dtype) for n in (height, width))
    x, y = _apply_maps(maps, columns - (width - 1) / 2, rows - (height - 1) / 2)
    column = mirror((x + (width - 1) / 2).round(), width)
    row = mirror((y + (height - 1) / 2).round(), height)
    index_B1K = (row * width + column).long().flatten(1)[:, None]
    return images_BCHW.flatten(2).gather(2, index_B1K.expand(-1, channels, -1)).view_as(images_BCHW)


def interpolate(images_BCHW: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Interpolate images bilinearly at columns ``x`` and rows ``y``, each ``(B, U, V)``, counted from 0.

    Positions outside take the nearest edge. Uses ``gather``, because ``grid_sample`` of torch 2.11 differentiates only
    once, and gradient terms differentiate twice.

    Returns:
        ``(B, C, U, V)``, exact where ``x`` and ``y`` are whole.
    """
    channels, height, width = images_BCHW.shape[1:]
    (left, across), (top, down) = _split_position(x, width), _split_position(y, height)
    flat, corner = images_BCHW.flatten(2), top * width + left

    def gather_corner(offset: int) -> Tensor:
        index_B1K = (corner + offset).flatten(1)[:, None].expand(-1, channels, -1)
        return flat.gather(2, index_B1K).unflatten(2, corner.shape[1:])

    upper, lower = (torch.lerp(gather_corner(start), gather_corner(start + 1), across[:, None]) for start in (0, width))
    return torch.lerp(upper, lower, down[:, None])


def _split_position(position: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Split a position into the pixel before it, int64, and the share of the way to the next."""
    inside = position.clamp(0, size - 1)
    before = inside.floor().clamp_max(size - 2)
    return before.long(), inside - before


class Resampler(nn.Module):
    """Resamples images of one size: upsample by an orthogonal low-pass, interpolate along the map, downsample again.

    Linear interpolation alone blurs, and the blur shows the discriminator the transform. Here the identity is exact and
    so is a ramp.

    Source: Karras et al. 2020, arXiv 2006.06676, appendix B.1. Differs in two points: the image is mirrored without
    end, where the paper pads as far as the farthest map of the batch reaches; and maps rotate about the true centre of
    the filtered image, because the filter's taps are not symmetric.

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
            self.register_buffer(f"up_{name}", make_upsampling(length).float(), persistent=False)
            self.register_buffer(f"down_{name}", make_downsampling(length).float(), persistent=False)
            self.register_buffer(name, (fine_positions(length) - (length - 1) / 2).float(), persistent=False)

    def forward(self, images_BCHW: Tensor, maps: Tensor) -> Tensor:
        """Resample each image along its map; the image is mirrored at its edges."""
        dtype = images_BCHW.dtype
        fine_BCUV = self.up_rows.to(dtype) @ images_BCHW @ self.up_columns.to(dtype).T
        x, y = _apply_maps(maps, self.columns.to(dtype), self.rows.to(dtype))
        height, width = fine_BCUV.shape[2:]
        resampled = interpolate(fine_BCUV, _locate(x, self.size[1], width), _locate(y, self.size[0], height))
        return self.down_rows.to(dtype) @ resampled @ self.down_columns.to(dtype).T


def _apply_maps(maps: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Map each position of a grid to its source, both ``(B, U, V)``; no ``matmul``, as in ``compose``."""
    m = maps[:, :2, :, None, None]
    from_x, from_y = (m[:, i, 0] * x + m[:, i, 1] * y[:, None] + m[:, i, 2] for i in (0, 1))
    return from_x, from_y


def _locate(position: Tensor, size: int, fine: int) -> Tensor:
    """Convert a position from the image's centre to an index among the ``fine`` pixels of the fine axis.

    Positions beyond the ends are mirrored into the image; those that the filter itself adds stay, which keeps the
    identity exact at the border.
    """
    first, last = fine_ends(size)
    position = position + (size - 1) / 2
    inside = (first - 0.25 < position) & (position < last + 0.25)  # half a step of the fine axis, for rounding
    return (torch.where(inside, position, mirror(position, size)) - first) / (last - first) * (fine - 1)
