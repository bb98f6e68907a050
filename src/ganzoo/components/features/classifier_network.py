"""The network of every reference classifier: one trunk, several heads.

Shapes: N samples, D features, K classes of a head.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import cast

from torch import Tensor, nn

from ganzoo.registry.specs import Shape

WIDTHS = (32, 48, 64, 96, 128)
STRIDES = (1, 2, 2, 1, 2)


class ClassifierNetwork(nn.Module):
    """Five convolutions, an average over the image and a linear layer a head; about 0.2 million weights.

    Args:
        shape: of the images it takes.
        heads: number of classes by name of head.
    """

    dim = WIDTHS[-1]

    def __init__(self, shape: Shape, heads: Mapping[str, int]) -> None:
        super().__init__()
        self.shape = shape
        sizes = zip(pairwise((shape[0], *WIDTHS)), STRIDES, strict=True)
        self.layers = nn.ModuleList(_layer(inputs, outputs, stride) for (inputs, outputs), stride in sizes)
        self.heads = nn.ModuleDict({name: nn.Linear(self.dim, count) for name, count in heads.items()})

    def maps(self, images: Tensor) -> list[Tensor]:
        """Return the activations ``(N, C, H, W)`` after every convolution."""
        maps: list[Tensor] = []
        for layer in self.layers:
            maps.append(layer(maps[-1] if maps else images))
        return maps

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to features ``(N, D)``."""
        return self.maps(images)[-1].mean((2, 3))

    def logits(self, images: Tensor) -> dict[str, Tensor]:
        """Map ``(N, *shape)`` to ``(N, K)`` by name of head."""
        features = self(images)
        return {name: cast(Tensor, head(features)) for name, head in self.heads.items()}


def _layer(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())
