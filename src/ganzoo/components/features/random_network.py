"""Random features: an untrained network with fixed weights, the same on every machine, without a download.

Its distances show whether two sets of samples differ, and by how much more than another two; they say nothing about
what a person sees. Convolutions, moduli and averages keep much of an image even without training: Saxe et al. 2011, "On
Random Weights and Unsupervised Feature Learning"; Bruna & Mallat 2013, "Invariant Scattering Convolution Networks",
arXiv 1203.1513. For points: Rahimi & Recht 2007, "Random Features for Large-Scale Kernel Machines", section 3.
Shapes: N samples, C channels, H height, W width, D features.
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, conv2d, pad

from ganzoo.components.features.fixed_rng import FixedRng
from ganzoo.components.features.frozen import FrozenFeatures
from ganzoo.errors import DoesNotFit
from ganzoo.registry.specs import Shape

SEED = 20_240_229
"""Seed of the weights; it never changes, or no score could be compared with an older one."""
WIDTHS = (32, 64, 96)
GRIDS = (1, 1, 2)
"""Cells a side over which the activations of each depth are averaged; the deepest keeps the layout."""
COLOUR_SHARE = 0.3
"""Share of their response to plain colour that the first filters keep: with all of it, noise and blur hardly show
beside a missing palette; measured on sprites."""
SCALES = (0.1, 0.3, 1.0, 3.0)
"""Distances between points that each quarter of the features resolves."""
WAVES = 64
"""Waves a scale; each gives a sine and a cosine."""


class RandomFeatures(FrozenFeatures):
    """Features of a fixed network with random weights; needs no download and takes any shape.

    Args:
        shape: of one sample: an image of any size and channels, or a point.

    Raises:
        DoesNotFit: the samples are neither.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        if len(shape) not in (1, 3):
            raise DoesNotFit(f"random features take images or points, not samples of shape {shape}.")
        self.network = RandomConvolutions(shape[0]) if len(shape) == 3 else RandomWaves(shape[0])
        self.dim = self.network.dim
        self.name, self.resizer = "random", "none"
        self.freeze()

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, D)``."""
        return cast(Tensor, self.network(images))

    def maps(self, images: Tensor) -> list[Tensor]:
        """Return the activations ``(N, C, H, W)`` of three depths.

        Raises:
            DoesNotFit: points have none.
        """
        if not isinstance(self.network, RandomConvolutions):
            raise DoesNotFit("random features of points have no maps: a metric of maps needs images.")
        return self.network.maps(images)


class RandomConvolutions(nn.Module):
    """Three convolutions with random filters, each halving the image, and averages of their moduli.

    Args:
        channels: of the images.
    """

    dim = sum(width * grid**2 for width, grid in zip(WIDTHS, GRIDS, strict=True))

    def __init__(self, channels: int) -> None:
        super().__init__()
        rng = FixedRng(SEED)
        inputs = channels
        for depth, width in enumerate(WIDTHS):
            # Moduli share a mean, which would drown the rest: later filters sum to zero over all of them.
            groups, keep = (1, 0.0) if depth else (inputs, COLOUR_SHARE)
            weight = rng.balanced(width, inputs, 3, 3, groups=groups, keep=keep)
            self.register_buffer(f"weight{depth}", weight * math.sqrt(2 / (inputs * 9)))
            self.register_buffer(f"bias{depth}", rng.uniform(width) * 0.1)
            inputs = width

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, D)``."""
        parts = [adaptive_avg_pool2d(x, grid).flatten(1) for x, grid in zip(self.maps(images), GRIDS, strict=True)]
        return torch.cat(parts, 1)

    def maps(self, images: Tensor) -> list[Tensor]:
        """Return the activations ``(N, C, H, W)`` after every convolution."""
        maps: list[Tensor] = []
        for depth in range(len(WIDTHS)):
            x = pad(maps[-1] if maps else images.float(), (1, 1, 1, 1), mode="replicate")
            weight, bias = self.get_buffer(f"weight{depth}"), self.get_buffer(f"bias{depth}")
            maps.append(conv2d(x, weight, bias, stride=2).abs())
        return maps


class RandomWaves(nn.Module):
    """Sines and cosines of random directions and lengths: inner products approximate Gaussian kernels.

    Args:
        dimensions: of the points.
    """

    dim = 2 * WAVES * len(SCALES)

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        rng = FixedRng(SEED)
        self.register_buffer("waves", torch.cat([rng.normal(dimensions, WAVES) / scale for scale in SCALES], 1))

    def forward(self, points: Tensor) -> Tensor:
        """Map ``(N, D)`` to sines and cosines, whose squares sum to 1 a sample."""
        phases = points.float() @ self.get_buffer("waves")
        return torch.cat([phases.cos(), phases.sin()], 1) / math.sqrt(self.dim / 2)
