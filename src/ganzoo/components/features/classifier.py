"""Reference classifiers: small classifiers that count classes and give features for distances.

Shapes: N samples, D features, K classes.
"""

from __future__ import annotations

from typing import ClassVar, cast

import torch
from torch import Tensor

from ganzoo.components.features.classifier_file import read_classifier
from ganzoo.components.features.frozen import FrozenFeatures
from ganzoo.components.features.preprocessing import (
    assert_channels,
    assert_images,
    convert_channels,
    resize,
    resizer_name,
)
from ganzoo.registry.specs import Shape


class ReferenceClassifier(FrozenFeatures):
    """A small classifier trained by ``ganzoo classifier``, shipped or your own.

    Args:
        shape: of one image, with 1 to 4 channels and any size.
        path: ``sprites``, or a file that ``ganzoo classifier`` wrote.

    Raises:
        BadSetting: there is no such classifier.
        DoesNotFit: the data are no images, or have other channels.
    """

    argument: ClassVar[str] = "path"
    made_for: ClassVar[str] = "sprites"
    """The data set of the default classifier; other data need a path."""

    def __init__(self, shape: Shape, *, path: str = "sprites") -> None:
        super().__init__()
        self.network, self.metadata = read_classifier(path)
        channels, height, width = self.network.shape
        assert_images(shape, "classifiers")
        assert_channels(shape, channels, "this classifier")
        self._channels, self._size = channels, (height, width)
        self.dim = self.network.dim
        self.name = f"classifier:{self.metadata.data}"
        self.resizer = resizer_name(self._size)
        self.freeze()

    @property
    def heads(self) -> dict[str, tuple[str, ...]]:
        """Class names by name of head, such as ``content``, or ``class`` for data with one label."""
        return dict(self.metadata.heads)

    @property
    def accuracy(self) -> dict[str, float]:
        """Share of held-out samples it named rightly after training, by head."""
        return dict(self.metadata.accuracy)

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, D)``."""
        return cast(Tensor, self.network(self._preprocess(images)))

    def logits(self, images: Tensor) -> dict[str, Tensor]:
        """Map ``(N, *shape)`` to ``(N, K)`` by name of head."""
        return self.network.logits(self._preprocess(images))

    def predict(self, images: Tensor) -> dict[str, Tensor]:
        """Map ``(N, *shape)`` to the most likely class of each head, ``(N,)`` int64 by name of head."""
        return {name: logits.argmax(1) for name, logits in self.logits(images).items()}

    def probabilities(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, K)``; with several heads, K counts every combination of their classes.

        The first head's class changes slowest, and the heads count as independent given the image.
        """
        first, *others = (logits.softmax(1) for logits in self.logits(images).values())
        joint = first
        for other in others:
            joint = (joint[:, :, None] * other[:, None, :]).flatten(1)
        return joint

    def maps(self, images: Tensor) -> list[Tensor]:
        """Return the activations ``(N, C, H, W)`` after every convolution."""
        return self.network.maps(self._preprocess(images))

    def _preprocess(self, images: Tensor) -> Tensor:
        return resize(convert_channels(images, self._channels), self._size)


def load_classifier(name: str, shape: Shape, device: torch.device | str = "cpu") -> ReferenceClassifier:
    """Load a classifier for data of some shape.

    Args:
        name: of a shipped classifier (``sprites``), or the path of a file that ``ganzoo classifier`` wrote.
        shape: of one image.
        device: device of the classifier and its images.

    Raises:
        BadSetting: there is no such classifier.
        DoesNotFit: it does not take such data.
    """
    return ReferenceClassifier(shape, path=name).to(device)
