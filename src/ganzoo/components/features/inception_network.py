"""Inception-v3 as a table, with the three averages and the one maximum in which the FID weights differ from it.

Source: Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision", arXiv 1512.00567, table 1 and
figures 5 to 7; names of the layers as in the certified weights file. Where the paper's network pads an average with
zeros, TensorFlow's leaves the padding out of it; the last block takes a maximum where the paper takes an average.
Shapes: N samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, max_pool2d

Kernel: TypeAlias = tuple[int, int]
Step: TypeAlias = tuple[str, int, Kernel, int]
"""A convolution of a branch: its name, channels, kernel and stride. With a stride nothing is padded."""
Pool: TypeAlias = Callable[[Tensor], Tensor]

ONE, THREE, FIVE, WIDE, TALL = (1, 1), (3, 3), (5, 5), (1, 7), (7, 1)
CLASSES = 1008


def average(x: Tensor) -> Tensor:
    """Average over 3x3, of what lies inside the image only."""
    return avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def maximum(x: Tensor) -> Tensor:
    """Maximum over 3x3."""
    return max_pool2d(x, 3, stride=1, padding=1)


def halved(x: Tensor) -> Tensor:
    """Maximum over 3x3 at every second place."""
    return max_pool2d(x, 3, stride=2)


class Convolution(nn.Module):
    """A convolution without bias, batch statistics of training time, and a rectifier."""

    def __init__(self, inputs: int, outputs: int, kernel: Kernel, stride: int = 1, *, padded: bool = True) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2) if padded and stride == 1 else 0
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, inputs, H, W)`` to ``(N, outputs, H, W)``."""
        return cast(Tensor, self.bn(self.conv(x))).relu()


class Block(nn.Module):
    """Branches side by side, their channels joined.

    Args:
        inputs: channels.
        branches: the convolutions of each, one after another; a step whose name ends in ``a`` stands beside the next.
        pool: begins the last branch; its convolution, if any, has ``pooled`` channels.
        pooled: 0 without a convolution.
    """

    def __init__(self, inputs: int, branches: tuple[tuple[Step, ...], ...], pool: Pool, pooled: int) -> None:
        super().__init__()
        self._branches, self._pool = branches, pool
        for branch in branches:
            seen = inputs
            for name, outputs, kernel, stride in branch:
                self.add_module(name, Convolution(seen, outputs, kernel, stride))
                seen = seen if name.endswith("a") else outputs
        self.branch_pool = Convolution(inputs, pooled, ONE) if pooled else None

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, inputs, H, W)`` to the branches' answers, ``(N, C, H, W)``."""
        parts = [part for branch in self._branches for part in self._followed(branch, x)]
        pooled = self._pool(x)
        return torch.cat([*parts, pooled if self.branch_pool is None else self.branch_pool(pooled)], 1)

    def _followed(self, branch: tuple[Step, ...], x: Tensor) -> list[Tensor]:
        beside: list[Tensor] = []
        for name, *_ in branch:
            y = cast(Tensor, self.get_submodule(name)(x))
            if name.endswith("a"):
                beside.append(y)
            else:
                x = y
        return [*beside, x]


def _fine(inputs: int, pooled: int) -> Block:
    """Figure 5: at 35 x 35."""
    one: tuple[Step, ...] = (("branch1x1", 64, ONE, 1),)
    five: tuple[Step, ...] = (("branch5x5_1", 48, ONE, 1), ("branch5x5_2", 64, FIVE, 1))
    double: tuple[Step, ...] = (
        ("branch3x3dbl_1", 64, ONE, 1), ("branch3x3dbl_2", 96, THREE, 1), ("branch3x3dbl_3", 96, THREE, 1),
    )  # fmt: skip
    return Block(inputs, (one, five, double), average, pooled)


def _shrinking(inputs: int) -> Block:
    """From 35 x 35 to 17 x 17."""
    double: tuple[Step, ...] = (
        ("branch3x3dbl_1", 64, ONE, 1), ("branch3x3dbl_2", 96, THREE, 1), ("branch3x3dbl_3", 96, THREE, 2),
    )  # fmt: skip
    return Block(inputs, ((("branch3x3", 384, THREE, 2),), double), halved, 0)


def _middle(inputs: int, width: int) -> Block:
    """Figure 6: at 17 x 17, 7 x 7 in two halves."""
    seven: tuple[Step, ...] = (
        ("branch7x7_1", width, ONE, 1), ("branch7x7_2", width, WIDE, 1), ("branch7x7_3", 192, TALL, 1),
    )  # fmt: skip
    double: tuple[Step, ...] = (
        ("branch7x7dbl_1", width, ONE, 1), ("branch7x7dbl_2", width, TALL, 1), ("branch7x7dbl_3", width, WIDE, 1),
        ("branch7x7dbl_4", width, TALL, 1), ("branch7x7dbl_5", 192, WIDE, 1),
    )  # fmt: skip
    return Block(inputs, ((("branch1x1", 192, ONE, 1),), seven, double), average, 192)


def _closing(inputs: int) -> Block:
    """From 17 x 17 to 8 x 8."""
    three: tuple[Step, ...] = (("branch3x3_1", 192, ONE, 1), ("branch3x3_2", 320, THREE, 2))
    seven: tuple[Step, ...] = (
        ("branch7x7x3_1", 192, ONE, 1), ("branch7x7x3_2", 192, WIDE, 1), ("branch7x7x3_3", 192, TALL, 1),
        ("branch7x7x3_4", 192, THREE, 2),
    )  # fmt: skip
    return Block(inputs, (three, seven), halved, 0)


def _coarse(inputs: int, pool: Pool) -> Block:
    """Figure 7: at 8 x 8, 3 x 3 in two halves side by side."""
    three: tuple[Step, ...] = (
        ("branch3x3_1", 384, ONE, 1), ("branch3x3_2a", 384, (1, 3), 1), ("branch3x3_2b", 384, (3, 1), 1),
    )  # fmt: skip
    double: tuple[Step, ...] = (
        ("branch3x3dbl_1", 448, ONE, 1), ("branch3x3dbl_2", 384, THREE, 1),
        ("branch3x3dbl_3a", 384, (1, 3), 1), ("branch3x3dbl_3b", 384, (3, 1), 1),
    )  # fmt: skip
    return Block(inputs, ((("branch1x1", 320, ONE, 1),), three, double), pool, 192)


def _stem() -> dict[str, nn.Module]:
    """Table 1, the first seven rows: from 299 x 299 x 3 to 35 x 35 x 192."""
    return {
        "Conv2d_1a_3x3": Convolution(3, 32, THREE, 2),
        "Conv2d_2a_3x3": Convolution(32, 32, THREE, padded=False),
        "Conv2d_2b_3x3": Convolution(32, 64, THREE),
        "MaxPool_1": nn.MaxPool2d(3, 2),
        "Conv2d_3b_1x1": Convolution(64, 80, ONE),
        "Conv2d_4a_3x3": Convolution(80, 192, THREE, padded=False),
        "MaxPool_2": nn.MaxPool2d(3, 2),
    }


def _mixed() -> dict[str, nn.Module]:
    """Table 1, the inception blocks: from 35 x 35 x 192 to 8 x 8 x 2048."""
    return {
        "Mixed_5b": _fine(192, 32), "Mixed_5c": _fine(256, 64), "Mixed_5d": _fine(288, 64),
        "Mixed_6a": _shrinking(288),
        "Mixed_6b": _middle(768, 128), "Mixed_6c": _middle(768, 160), "Mixed_6d": _middle(768, 160),
        "Mixed_6e": _middle(768, 192),
        "Mixed_7a": _closing(768),
        "Mixed_7b": _coarse(1280, average), "Mixed_7c": _coarse(2048, maximum),
    }  # fmt: skip


class InceptionNetwork(nn.Module):
    """Images ``(N, 3, 299, 299)`` to 2,048 features, with the classifier ``fc`` beside them."""

    def __init__(self) -> None:
        super().__init__()
        self._layers: Mapping[str, nn.Module] = {**_stem(), **_mixed()}
        for name, layer in self._layers.items():
            self.add_module(name, layer)
        self.fc = nn.Linear(2048, CLASSES)

    def maps(self, images: Tensor) -> list[Tensor]:
        """Activations ``(N, C, H, W)`` of 64, 192, 768 and 2,048 channels."""
        found, x = [], images
        for name, layer in self._layers.items():
            x = layer(x)
            if name in ("MaxPool_1", "MaxPool_2", "Mixed_6e", "Mixed_7c"):
                found.append(x)
        return found

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, 3, 299, 299)`` to ``(N, 2048)``."""
        return self.maps(images)[-1].mean((2, 3))
