"""Inception-v3 as a table, with the pooling in which the network of the FID weights differs from the paper.

Source: Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision", arXiv 1512.00567, table 1 and
figures 5 to 7; names of the layers as in the certified weights file. Where the paper's network pads an average with
zeros, TensorFlow's averages leave the padding out; the last block takes a maximum instead of an average.
Shapes: N samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, max_pool2d

Kernel: TypeAlias = tuple[int, int]
ConvolutionSpec: TypeAlias = tuple[str, int, Kernel, int]
"""A convolution of a branch: name, output channels, kernel and stride. With stride 2 there is no padding."""
Pool: TypeAlias = Callable[[Tensor], Tensor]

ONE, THREE, FIVE, WIDE, TALL = (1, 1), (3, 3), (5, 5), (1, 7), (7, 1)
CLASSES = 1008


def average_pool(x: Tensor) -> Tensor:
    """Average over 3x3, without the padding."""
    return avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def maximum_pool(x: Tensor) -> Tensor:
    """Take the maximum over 3x3."""
    return max_pool2d(x, 3, stride=1, padding=1)


def halve(x: Tensor) -> Tensor:
    """Take the maximum over 3x3 with stride 2."""
    return max_pool2d(x, 3, stride=2)


class Convolution(nn.Module):
    """A convolution without bias, a batch normalisation and a rectifier."""

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
        inputs: input channels.
        branches: the convolutions of each, in order; one whose name ends in ``a`` runs in parallel with the next.
        pool: pooling that begins the last branch.
        pooled: output channels of the convolution after the pooling; 0 without one.
    """

    def __init__(self, inputs: int, branches: tuple[tuple[ConvolutionSpec, ...], ...], pool: Pool, pooled: int) -> None:
        super().__init__()
        self._branches, self._pool = branches, pool
        for branch in branches:
            width = inputs
            for name, outputs, kernel, stride in branch:
                self.add_module(name, Convolution(width, outputs, kernel, stride))
                width = width if name.endswith("a") else outputs
        self.branch_pool = Convolution(inputs, pooled, ONE) if pooled else None

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, inputs, H, W)`` to the branches' outputs, ``(N, C, H, W)``."""
        parts = [part for branch in self._branches for part in self._run_branch(branch, x)]
        pooled = self._pool(x)
        return torch.cat([*parts, pooled if self.branch_pool is None else self.branch_pool(pooled)], 1)

    def _run_branch(self, branch: tuple[ConvolutionSpec, ...], x: Tensor) -> list[Tensor]:
        parallel: list[Tensor] = []
        for name, *_ in branch:
            y = cast(Tensor, self.get_submodule(name)(x))
            if name.endswith("a"):
                parallel.append(y)
            else:
                x = y
        return [*parallel, x]


def _block_35(inputs: int, pooled: int) -> Block:
    """Return the block of figure 5, at 35 x 35."""
    one: tuple[ConvolutionSpec, ...] = (("branch1x1", 64, ONE, 1),)
    five: tuple[ConvolutionSpec, ...] = (("branch5x5_1", 48, ONE, 1), ("branch5x5_2", 64, FIVE, 1))
    double: tuple[ConvolutionSpec, ...] = (
        ("branch3x3dbl_1", 64, ONE, 1), ("branch3x3dbl_2", 96, THREE, 1), ("branch3x3dbl_3", 96, THREE, 1),
    )  # fmt: skip
    return Block(inputs, (one, five, double), average_pool, pooled)


def _reduce_35_to_17(inputs: int) -> Block:
    """Return the block from 35 x 35 to 17 x 17."""
    double: tuple[ConvolutionSpec, ...] = (
        ("branch3x3dbl_1", 64, ONE, 1), ("branch3x3dbl_2", 96, THREE, 1), ("branch3x3dbl_3", 96, THREE, 2),
    )  # fmt: skip
    return Block(inputs, ((("branch3x3", 384, THREE, 2),), double), halve, 0)


def _block_17(inputs: int, width: int) -> Block:
    """Return the block of figure 6, at 17 x 17, with each 7 x 7 as 1 x 7 and 7 x 1."""
    seven: tuple[ConvolutionSpec, ...] = (
        ("branch7x7_1", width, ONE, 1), ("branch7x7_2", width, WIDE, 1), ("branch7x7_3", 192, TALL, 1),
    )  # fmt: skip
    double: tuple[ConvolutionSpec, ...] = (
        ("branch7x7dbl_1", width, ONE, 1), ("branch7x7dbl_2", width, TALL, 1), ("branch7x7dbl_3", width, WIDE, 1),
        ("branch7x7dbl_4", width, TALL, 1), ("branch7x7dbl_5", 192, WIDE, 1),
    )  # fmt: skip
    return Block(inputs, ((("branch1x1", 192, ONE, 1),), seven, double), average_pool, 192)


def _reduce_17_to_8(inputs: int) -> Block:
    """Return the block from 17 x 17 to 8 x 8."""
    three: tuple[ConvolutionSpec, ...] = (("branch3x3_1", 192, ONE, 1), ("branch3x3_2", 320, THREE, 2))
    seven: tuple[ConvolutionSpec, ...] = (
        ("branch7x7x3_1", 192, ONE, 1), ("branch7x7x3_2", 192, WIDE, 1), ("branch7x7x3_3", 192, TALL, 1),
        ("branch7x7x3_4", 192, THREE, 2),
    )  # fmt: skip
    return Block(inputs, (three, seven), halve, 0)


def _block_8(inputs: int, pool: Pool) -> Block:
    """Return the block of figure 7, at 8 x 8, with 1 x 3 and 3 x 1 in parallel."""
    three: tuple[ConvolutionSpec, ...] = (
        ("branch3x3_1", 384, ONE, 1), ("branch3x3_2a", 384, (1, 3), 1), ("branch3x3_2b", 384, (3, 1), 1),
    )  # fmt: skip
    double: tuple[ConvolutionSpec, ...] = (
        ("branch3x3dbl_1", 448, ONE, 1), ("branch3x3dbl_2", 384, THREE, 1),
        ("branch3x3dbl_3a", 384, (1, 3), 1), ("branch3x3dbl_3b", 384, (3, 1), 1),
    )  # fmt: skip
    return Block(inputs, ((("branch1x1", 320, ONE, 1),), three, double), pool, 192)


def _stem() -> dict[str, nn.Module]:
    """Return the first seven rows of table 1: from 299 x 299 x 3 to 35 x 35 x 192."""
    return {
        "Conv2d_1a_3x3": Convolution(3, 32, THREE, 2),
        "Conv2d_2a_3x3": Convolution(32, 32, THREE, padded=False),
        "Conv2d_2b_3x3": Convolution(32, 64, THREE),
        "MaxPool_1": nn.MaxPool2d(3, 2),
        "Conv2d_3b_1x1": Convolution(64, 80, ONE),
        "Conv2d_4a_3x3": Convolution(80, 192, THREE, padded=False),
        "MaxPool_2": nn.MaxPool2d(3, 2),
    }


def _inception_blocks() -> dict[str, nn.Module]:
    """Return the inception blocks of table 1: from 35 x 35 x 192 to 8 x 8 x 2048."""
    return {
        "Mixed_5b": _block_35(192, 32), "Mixed_5c": _block_35(256, 64), "Mixed_5d": _block_35(288, 64),
        "Mixed_6a": _reduce_35_to_17(288),
        "Mixed_6b": _block_17(768, 128), "Mixed_6c": _block_17(768, 160), "Mixed_6d": _block_17(768, 160),
        "Mixed_6e": _block_17(768, 192),
        "Mixed_7a": _reduce_17_to_8(768),
        "Mixed_7b": _block_8(1280, average_pool), "Mixed_7c": _block_8(2048, maximum_pool),
    }  # fmt: skip


class InceptionNetwork(nn.Module):
    """Maps images ``(N, 3, 299, 299)`` to 2,048 features; ``fc`` is the classifier."""

    def __init__(self) -> None:
        super().__init__()
        self._layers: Mapping[str, nn.Module] = {**_stem(), **_inception_blocks()}
        for name, layer in self._layers.items():
            self.add_module(name, layer)
        self.fc = nn.Linear(2048, CLASSES)

    def maps(self, images: Tensor) -> list[Tensor]:
        """Return the activations ``(N, C, H, W)`` of 64, 192, 768 and 2,048 channels."""
        maps, x = [], images
        for name, layer in self._layers.items():
            x = layer(x)
            if name in ("MaxPool_1", "MaxPool_2", "Mixed_6e", "Mixed_7c"):
                maps.append(x)
        return maps

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, 3, 299, 299)`` to ``(N, 2048)``."""
        return self.maps(images)[-1].mean((2, 3))
