"""Making images along maps: pixels copied where they fall on pixels, else resampled without blur.

Shapes: B batch, C channels, H height, W width; U, V places along the twice as fine axes. Maps are those of ``maps``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import grid_sample

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


class Resampler(nn.Module):
    """Resamples images of one size: doubled by an orthogonal low-pass, taken linearly along the map, halved again.

    Linear interpolation alone would blur and, by how much it blurs, tell the critic of the transform. Here the
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
        grid_BUV2 = torch.stack([_fraction(x, self.size[1]), _fraction(y, self.size[0])], -1)
        taken = grid_sample(fine_BCUV, grid_BUV2, mode="bilinear", padding_mode="border", align_corners=True)
        return self.down_rows.to(dtype) @ taken @ self.down_columns.to(dtype).T


def _sources(maps: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Say where each place of a grid comes from, both ``(B, U, V)``; no ``matmul``, as in ``composed``."""
    m = maps[:, :2, :, None, None]
    from_x, from_y = (m[:, i, 0] * x + m[:, i, 1] * y[:, None] + m[:, i, 2] for i in (0, 1))
    return from_x, from_y


def _fraction(place: Tensor, size: int) -> Tensor:
    """Say where between the fine axis's ends, -1 and 1, a place counted from the centre lies.

    Places beyond the ends are mirrored into the image; those of the filter's own overlap stay, which keeps the
    identity exact to the border.
    """
    first, last = fine_ends(size)
    place = place + (size - 1) / 2
    inside = (first - 0.25 < place) & (place < last + 0.25)  # half a step of the fine axis, for rounding
    return 2 * (torch.where(inside, place, mirrored(place, size)) - first) / (last - first) - 1
