"""Inception-v3 with the weights of 2015-12-05, the network of every published FID and inception score.

The weights are TensorFlow's; torch-fidelity converted them, and ours is tested against its network. Images come
as 8-bit values, are resized as TensorFlow 1 did, and scaled to ``(x - 128) / 128``. Only ``maps`` takes them unrounded:
a path length (Karras et al. 2019, arXiv 1812.04948, section 4.1) consists of steps far smaller than a level.
Shapes: N samples.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, cast

import torch
from torch import Tensor

from ganzoo.components.datasets.files.cache import cache_root
from ganzoo.components.features.frozen import FrozenFeatures
from ganzoo.components.features.inception_network import InceptionNetwork
from ganzoo.components.features.preprocessing import (
    assert_channels,
    assert_images,
    convert_channels,
    to_bytes,
    to_levels,
)
from ganzoo.components.features.weights_file import CONVERT, load_weights, read_weights
from ganzoo.errors import BadSetting
from ganzoo.registry.specs import Shape

SIDE = 299
FILE = "weights-inception-2015-12-05-6726825d"
URL = f"https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/{FILE}.pth"
"""The certified weights; the SHA-256 of this file begins with the last part of its name."""


class InceptionFeatures(FrozenFeatures):
    """Inception-v3 as FID and the inception score use it: 2,048 pooled features, 1,008 classes.

    Args:
        shape: of one image, with 1 to 4 channels and any size.
        path: safetensors file with the weights; none takes the one in ``$GANZOO_CACHE/weights``.

    Raises:
        BadSetting: the weights are missing; says what to fetch and how to convert it.
        DoesNotFit: the file holds other weights, or the data are no images.
    """

    argument: ClassVar[str] = "path"
    dim = 2048

    def __init__(self, shape: Shape, *, path: str | None = None) -> None:
        super().__init__()
        assert_images(shape, "Inception features")
        assert_channels(shape, 3, "Inception features")
        file = Path(path).expanduser() if path is not None else cache_root() / "weights" / f"{FILE}.safetensors"
        if not file.exists():
            command = CONVERT.format(source=f"{FILE}.pth", target=f"{FILE}.safetensors")
            name = f"put it there or name it with --features inception:{FILE}.safetensors"
            raise BadSetting(
                f"no Inception weights at {file}. Fetch {URL}, convert it with the command at the end, and "
                f"{name}: {command}"
            )
        self.network = InceptionNetwork()
        load_weights(self.network, read_weights(file)[0], file, "Inception-v3 of torch-fidelity")
        self.name, self.resizer = "inception", f"bilinear tensorflow-1 {SIDE}"
        self.freeze()

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, 2048)``."""
        return cast(Tensor, self.network(_preprocess(to_bytes(images))))

    def probabilities(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, 1008)``; the classifier's bias is left out, as in the published scores.

        Source: Salimans et al. 2016, "Improved Techniques for Training GANs", and the code published with it.
        """
        logits = cast(Tensor, self(images)) @ self.network.fc.weight.T
        return logits.softmax(1)

    def maps(self, images: Tensor) -> list[Tensor]:
        """Return the activations ``(N, C, H, W)`` of 64, 192, 768 and 2,048 channels."""
        return self.network.maps(_preprocess(to_levels(images)))


def resize_as_tensorflow(images: Tensor, side: int) -> Tensor:
    """Resize images as TensorFlow 1 did: bilinear, corners unaligned, pixel centres off by half, no antialiasing.

    Pixel ``i`` of the result lies at ``i * size / side`` of the image; Parmar et al. 2022, "On Aliased Resizing and
    Surprising Subtleties in GAN Evaluation", arXiv 2104.11222, section 3 shows the effect on FID.

    Args:
        images: ``(N, C, H, W)``.
        side: of the result, in pixels.
    """
    for axis in (2, 3):
        size = images.shape[axis]
        position = torch.arange(side, dtype=torch.float32, device=images.device) * (size / side)
        low = position.long()
        share = (position - low).view(-1, *[1] * (3 - axis))
        near, far = (images.index_select(axis, index) for index in (low, (low + 1).clamp_max(size - 1)))
        images = near + (far - near) * share
    return images


def _preprocess(levels: Tensor) -> Tensor:
    return (resize_as_tensorflow(convert_channels(levels, 3), SIDE) - 128) / 128
