"""Stacked-MNIST: a thousand modes out of ten digits, to count the modes that a generator drops.

Three grey images chosen at random are the channels of one, so K classes of images give K^3 modes.
Source: Metz et al. 2017, "Unrolled GAN" (arXiv 1611.02163), section 3.3.1; counted as by Srivastava et al. 2017,
"VEEGAN" (arXiv 1705.07761), and Lin et al. 2018, "PacGAN" (arXiv 1712.04086), section 4.2: 128,000 stacks to train on,
26,000 samples classified channel by channel.
Shapes: B samples, N samples classified at a time, K classes of a channel, H height, W width.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Annotated

import numpy as np
import torch
from annotated_types import Ge
from numpy.typing import NDArray
from torch import Tensor

from ganzoo.components.datasets.files.listing import Split
from ganzoo.components.datasets.images import Count, Idx
from ganzoo.components.features.classifier import load_classifier
from ganzoo.components.metrics.modes import Modes, modes_by_classifier
from ganzoo.errors import BadData, BadSetting
from ganzoo.registry.specs import Shape

VERSION = 1
"""Increased when the stacks of a seed change on purpose."""
STACKED = 3
"""Images in one stack, which are its channels."""
MINIMUM_ACCURACY = 0.99
"""Share of held-out images that a classifier must name rightly: then at most 3 % of stacks are misclassified."""
HEAD = "class"
"""The head of a classifier trained on data with one label."""


class StackedMNIST:
    """Three grey images of an IDX set as the channels of one.

    Args:
        path: the folder of ``*-images-idx3-ubyte[.gz]`` and ``*-labels-idx1-ubyte[.gz]``, or one images file.
        split: part to read from a folder; ignored if the path is one file.
        resolution: side in pixels to crop and resize to; none keeps the size.
        count: number of stacks.
        seed: seed of the choice of images.
        labels: whether the mode is the class; otherwise there are no classes.

    Raises:
        BadData: the files are missing or broken, or have no labels, without which the modes are unknown.
    """

    def __init__(
        self,
        *,
        path: str = "",
        split: Split = "train",
        resolution: Count | None = None,
        count: Count = 128_000,
        seed: Annotated[int, Ge(0)] = 0,
        labels: bool = False,
    ) -> None:
        self._path, self._labelled = path, labels
        self._digits = Idx(path=path, split=split, resolution=resolution, channels=1)
        if not self._digits.num_classes:
            raise BadData(f"{path} has no labels file beside its images: stacks of unknown digits have no known modes")
        self._picks = np.random.default_rng(seed).integers(len(self._digits), size=(count, STACKED))
        self.shape: Shape = (STACKED, *self._digits.shape[1:])
        names = product(self._digits.class_names, repeat=STACKED) if labels else ()
        self.class_names = tuple(" ".join(stack) for stack in names)
        self.num_classes = len(self.class_names)

    def __len__(self) -> int:
        """Return the number of stacks."""
        return len(self._picks)

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Return ``images`` as uint8 ``(B, 3, H, W)`` and ``labels``, the mode or 0, as int64 ``(B,)``."""
        picks = self._picks[indices]
        found = self._digits.read(picks.ravel())
        modes: NDArray[np.int64] = _encode_modes(found["labels"].reshape(picks.shape), self._digits.num_classes)
        images = found["images"].reshape(len(picks), *self.shape)
        return {"images": images, "labels": modes if self._labelled else np.zeros_like(modes)}

    def fingerprint(self) -> str:
        """Return the hash of the images and their stacks."""
        digest = hashlib.sha256(json.dumps([VERSION, self._digits.fingerprint(), self._labelled]).encode())
        digest.update(self._picks.astype("<i8").tobytes())
        return digest.hexdigest()

    def modes(self, classifier: str | None, device: torch.device) -> Modes:
        """Return the K^3 modes, found by classifying the channels one by one.

        Raises:
            BadSetting: no classifier is named, or it was trained on other classes.
        """
        if classifier is None:
            raise BadSetting(
                "metric.modes.classifier = none: stacked-mnist needs a classifier of its digits. "
                f"Train one with `ganzoo classifier {self._path} --images 120k --out digits.safetensors`,\n"
                "then --set metric.modes.classifier=digits.safetensors"
            )
        classes = self._digits.num_classes
        single = modes_by_classifier(load_classifier(classifier, self._digits.shape, device), {HEAD: classes})
        values = partial(find_stack_modes, single.values, classes)
        return Modes({"stack": classes**STACKED}, values, classifier=single.classifier, truth=self._true_modes,
                     accuracy=single.accuracy, least_accuracy=MINIMUM_ACCURACY)  # fmt: skip

    def _true_modes(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the mode, ``(B, 1)``."""
        picks = self._picks[indices]
        classes = self._digits.read(picks.ravel())["labels"].reshape(picks.shape)
        return _encode_modes(classes, self._digits.num_classes)[:, None]


def find_stack_modes(values: Callable[[Tensor], Tensor], num_classes: int, images: Tensor) -> Tensor:
    """Return the mode of each stack.

    Args:
        values: maps single images ``(N, 1, H, W)`` to their classes ``(N, 1)`` int64.
        num_classes: K.
        images: ``(N, 3, H, W)``.

    Returns:
        ``(N, 1)`` int64 from 0 to K^3 - 1.
    """
    classes = values(images.flatten(0, 1).unsqueeze(1)).view(-1, STACKED)
    weights = torch.tensor([num_classes**place for place in reversed(range(STACKED))], device=classes.device)
    return (classes * weights).sum(1, keepdim=True)


def _encode_modes(classes_B3: NDArray[np.int64], num_classes: int) -> NDArray[np.int64]:
    return classes_B3 @ num_classes ** np.arange(STACKED - 1, -1, -1)
