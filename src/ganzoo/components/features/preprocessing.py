"""Conversion of images to what a trained network takes: its channels, its size, its pixel values.

Shapes: N samples, C channels, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from ganzoo.errors import DoesNotFit
from ganzoo.registry.specs import Shape

_BT709 = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue in a grey value, as in ``ganzoo.components.datasets.sprites``."""


def assert_images(shape: Shape, who: str) -> None:
    """Refuse data that is no image.

    Raises:
        DoesNotFit: a sample is not ``(C, H, W)``.
    """
    if len(shape) != 3:
        raise DoesNotFit(f"{who} take images, but a sample here has shape {shape}. Choose --features random or raw.")


def assert_channels(shape: Shape, channels: int, who: str) -> None:
    """Refuse images that ``convert_channels`` cannot convert.

    Args:
        shape: of one image.
        channels: number of channels that the network takes.
        who: name of the network in the message.

    Raises:
        DoesNotFit: there is no rule for the conversion.
    """
    if shape[0] != channels and (shape[0] > 4 or channels not in (1, 3)):
        wanted = (
            f"{channels} channels" if channels not in (1, 3) else "1 to 4 channels (grey or colour, coverage or not)"
        )
        raise DoesNotFit(f"images for {who} have {wanted}, not {shape[0]}. Choose --features random.")


def convert_channels(images: Tensor, channels: int) -> Tensor:
    """Convert images to the number of channels that a network takes.

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
    """Resize images, bilinear with antialiasing; images of that size stay as they are.

    Args:
        images: ``(N, C, H, W)``.
        size: height and width.
    """
    if tuple(images.shape[2:]) == size:
        return images
    return interpolate(images, size, mode="bilinear", antialias=True, align_corners=False)


def resizer_name(size: tuple[int, int]) -> str:
    """Return the name of ``resize`` in the evaluation protocol."""
    return f"bilinear antialias {size[0]}" if size[0] == size[1] else f"bilinear antialias {size[0]}x{size[1]}"


def to_levels(images: Tensor) -> Tensor:
    """Map [-1, 1] to pixel values from 0 to 255 as float32, not rounded."""
    return (images.float() + 1) * 127.5


def to_bytes(images: Tensor) -> Tensor:
    """Map [-1, 1] to pixel values from 0 to 255 as float32, rounded as in a saved file."""
    return to_levels(images).round().clamp(0, 255)


def to_unit_range(images: Tensor) -> Tensor:
    """Map stored images, uint8 or float, to [-1, 1]."""
    return images.float() / 127.5 - 1 if images.dtype == torch.uint8 else images.float()
