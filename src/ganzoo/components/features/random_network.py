"""Random features: a network nobody trained, always there, the same on every machine.

Its numbers tell whether two sets of samples differ, and by how much more than another two; they say nothing of what a
person sees. Convolutions, moduli and averages keep much of an image even without training: Saxe et al. 2011, "On Random
Weights and Unsupervised Feature Learning"; Bruna & Mallat 2013, "Invariant Scattering Convolution Networks", arXiv
1203.1513. For points: Rahimi & Recht 2007, "Random Features for Large-Scale Kernel Machines", section 3.
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
"""Which draw; it never changes, or no score could be compared with an older one."""
WIDTHS = (32, 64, 96)
GRIDS = (1, 1, 2)
"""Into how many parts a side the activations of each depth are averaged; the layout shows in the deepest."""
COLOUR = 0.3
"""Share of their answer to plain colour that the first filters keep: with all of it, noise and blur hardly show beside
a missing palette; measured on sprites."""
SCALES = (0.1, 0.3, 1.0, 3.0)
"""Distances between points that the waves of each quarter of the features tell apart."""
WAVES = 64
"""Waves a scale; each gives a sine and a cosine."""


class RandomFeatures(FrozenFeatures):
    """What a fixed network of random weights sees; needs no download and takes any shape.

    Args:
        shape: of one sample: an image of any size and channels, or a point.

    Raises:
        DoesNotFit: the samples are neither.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        if len(shape) not in (1, 3):
            raise DoesNotFit(f"random features look at images or points, not at samples of shape {shape}.")
        self.network = RandomConvolutions(shape[0]) if len(shape) == 3 else RandomWaves(shape[0])
        self.dim = self.network.dim
        self.name, self.resizer = "random", "none"
        self.freeze()

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, D)``."""
        return cast(Tensor, self.network(images))

    def maps(self, images: Tensor) -> list[Tensor]:
        """Activations ``(N, C, H, W)`` of three depths.

        Raises:
            DoesNotFit: points have none.
        """
        if not isinstance(self.network, RandomConvolutions):
            raise DoesNotFit("random features of points have no maps: what looks at maps needs images.")
        return self.network.maps(images)


class RandomConvolutions(nn.Module):
    """Three convolutions with random filters, each halving the image, and averages of what they answer.

    Args:
        channels: of the images.
    """

    dim = sum(width * grid**2 for width, grid in zip(WIDTHS, GRIDS, strict=True))

    def __init__(self, channels: int) -> None:
        super().__init__()
        draws = FixedRng(SEED)
        inputs = channels
        for depth, width in enumerate(WIDTHS):
            # Moduli share a mean, which would drown the rest: later filters sum to zero over all of them.
            groups, keep = (1, 0.0) if depth else (inputs, COLOUR)
            weight = draws.balanced(width, inputs, 3, 3, groups=groups, keep=keep)
            self.register_buffer(f"weight{depth}", weight * math.sqrt(2 / (inputs * 9)))
            self.register_buffer(f"bias{depth}", draws.uniform(width) * 0.1)
            inputs = width

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, D)``."""
        parts = [adaptive_avg_pool2d(x, grid).flatten(1) for x, grid in zip(self.maps(images), GRIDS, strict=True)]
        return torch.cat(parts, 1)

    def maps(self, images: Tensor) -> list[Tensor]:
        """Activations ``(N, C, H, W)`` after every convolution."""
        found: list[Tensor] = []
        for depth in range(len(WIDTHS)):
            x = pad(found[-1] if found else images.float(), (1, 1, 1, 1), mode="replicate")
            weight, bias = self.get_buffer(f"weight{depth}"), self.get_buffer(f"bias{depth}")
            found.append(conv2d(x, weight, bias, stride=2).abs())
        return found


class RandomWaves(nn.Module):
    """Sines and cosines of random directions and lengths: inner products are those of Gaussian kernels.

    Args:
        dimensions: of the points.
    """

    dim = 2 * WAVES * len(SCALES)

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        draws = FixedRng(SEED)
        self.register_buffer("waves", torch.cat([draws.normal(dimensions, WAVES) / scale for scale in SCALES], 1))

    def forward(self, points: Tensor) -> Tensor:
        """Map ``(N, D)`` to sines and cosines, whose squares sum to 1 a sample."""
        phases = points.float() @ self.get_buffer("waves")
        return torch.cat([phases.cos(), phases.sin()], 1) / math.sqrt(self.dim / 2)
