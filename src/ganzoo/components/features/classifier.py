"""Classifiers: small classifiers trained here, to count classes and to measure distances in what they look at.

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
    """A small classifier trained by ``ganzoo classifier``, one of those shipped or your own.

    Args:
        shape: of one image, of 1 to 4 channels and any size.
        path: ``sprites``, or a file that ``ganzoo classifier`` wrote.

    Raises:
        BadSetting: there is no such judge.
        DoesNotFit: the data are no images, or of channels it cannot look at.
    """

    argument: ClassVar[str] = "path"
    made_for: ClassVar[str] = "sprites"
    """The data set whose judge it is if nobody says which."""

    def __init__(self, shape: Shape, *, path: str = "sprites") -> None:
        super().__init__()
        self.network, self.facts_of_training = read_classifier(path)
        assert_images(shape, "classifiers")
        assert_channels(shape, self.network.shape[0], "this classifier's eyes")
        self._size = cast(tuple[int, int], tuple(self.network.shape[1:]))
        self.dim = self.network.dim
        self.name = f"classifier:{self.facts_of_training.data}"
        self.resizer = resizer_name(self._size)
        self.freeze()

    @property
    def heads(self) -> dict[str, tuple[str, ...]]:
        """Class names by name of head, such as ``content``, or ``class`` of any labelled data."""
        return dict(self.facts_of_training.heads)

    @property
    def accuracy(self) -> dict[str, float]:
        """Share of held-out samples it named rightly after training, by head."""
        return dict(self.facts_of_training.accuracy)

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, D)``."""
        return cast(Tensor, self.network(self._seen(images)))

    def logits(self, images: Tensor) -> dict[str, Tensor]:
        """Map ``(N, *shape)`` to ``(N, K)`` by name of head."""
        return self.network.logits(self._seen(images))

    def predict(self, images: Tensor) -> dict[str, Tensor]:
        """Name the classes.

        Returns:
            ``(N,)`` int64 by name of head: the number of the likeliest class in ``heads``.
        """
        return {name: logits.argmax(1) for name, logits in self.logits(images).items()}

    def probabilities(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, K)``; with several heads, of every combination of their classes.

        The first head's class changes slowest, and the heads count as independent given the image.
        """
        joint: Tensor | None = None
        for logits in self.logits(images).values():
            own = logits.softmax(1)
            joint = own if joint is None else (joint[:, :, None] * own[:, None, :]).flatten(1)
        assert joint is not None, "a classifier has at least one head"
        return joint

    def maps(self, images: Tensor) -> list[Tensor]:
        """Activations ``(N, C, H, W)`` after every convolution."""
        return self.network.maps(self._seen(images))

    def _seen(self, images: Tensor) -> Tensor:
        return resize(convert_channels(images, self.network.shape[0]), self._size)


def load_classifier(name: str, shape: Shape, device: torch.device | str = "cpu") -> ReferenceClassifier:
    """Load a classifier for data of some shape.

    Args:
        name: of a shipped one (``sprites``), or the path of a file that ``ganzoo classifier`` wrote.
        shape: of one image.
        device: where it shall look.

    Raises:
        BadSetting: there is no such judge.
        DoesNotFit: it cannot look at such data.
    """
    return ReferenceClassifier(shape, path=name).to(device)
