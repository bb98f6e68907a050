"""Bringing images to what a trained network looks at: its channels, its size, its pixel values.

Shapes: N samples, C channels, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from ganzoo.errors import DoesNotFit
from ganzoo.registry.specs import Shape

_BT709 = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue in a grey value, as ``ganzoo.components.datasets.sprites`` draws it."""


def assert_images(shape: Shape, who: str) -> None:
    """Refuse data that is no image.

    Raises:
        DoesNotFit: a sample is not ``(C, H, W)``.
    """
    if len(shape) != 3:
        raise DoesNotFit(f"{who} look at images, but a sample here has shape {shape}. Choose --features random or raw.")


def assert_channels(shape: Shape, channels: int, who: str) -> None:
    """Refuse images that cannot be brought to so many channels.

    Args:
        shape: of one image.
        channels: what the network looks at.
        who: names it in the message.

    Raises:
        DoesNotFit: no rule of ``convert_channels`` leads there.
    """
    if shape[0] != channels and (shape[0] > 4 or channels not in (1, 3)):
        wanted = (
            f"{channels} channels" if channels not in (1, 3) else "1 to 4 channels (grey or colour, coverage or not)"
        )
        raise DoesNotFit(f"{who} look at images of {wanted}, not {shape[0]}. Choose --features random.")


def convert_channels(images: Tensor, channels: int) -> Tensor:
    """Bring images to as many channels as a network looks at.

    Equal numbers stay as they are. Otherwise coverage (the last of two or four channels) is left out, grey is
    repeated, and colour becomes its lightness by ITU-R BT.709.

    Args:
        images: ``(N, 1 to 4, H, W)``.
        channels: 1 or 3, or the images' own number.

    Returns:
        ``(N, channels, H, W)``.
    """
    if images.shape[1] == channels:
        return images
    colours = images[:, : 1 if images.shape[1] < 3 else 3]
    if channels == 1 and colours.shape[1] == 3:
        return (colours * images.new_tensor(_BT709)[:, None, None]).sum(1, keepdim=True)
    return colours.expand(-1, channels, -1, -1)


def resize(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Bring images to a size, bilinear with antialiasing; images of that size stay as they are.

    Args:
        images: ``(N, C, H, W)``.
        size: height and width.
    """
    if tuple(images.shape[2:]) == size:
        return images
    return interpolate(images, size, mode="bilinear", antialias=True, align_corners=False)


def resizer_name(size: tuple[int, int]) -> str:
    """Say in the protocol stamp what ``resize`` does."""
    return f"bilinear antialias {size[0]}" if size[0] == size[1] else f"bilinear antialias {size[0]}x{size[1]}"


def to_levels(images: Tensor) -> Tensor:
    """Pixel values as float32, not rounded.

    Args:
        images: ``(N, C, H, W)``; [-1, 1] becomes 0 to 255.
    """
    return (images.float() + 1) * 127.5


def to_bytes(images: Tensor) -> Tensor:
    """Pixel values 0 to 255 as float32, rounded as a saved file would be.

    Args:
        images: float32 in [-1, 1].
    """
    return to_levels(images).round().clamp(0, 255)


def to_unit_range(images: Tensor) -> Tensor:
    """Images in [-1, 1] from stored ones, uint8 or float."""
    return images.float() / 127.5 - 1 if images.dtype == torch.uint8 else images.float()
