"""A data set so easy that a classifier learns it in a second."""

import hashlib

import numpy as np
import pytest


class Bars:
    """Images with a bright bar, upright or lying."""

    class_names = ("upright", "lying")
    num_classes = 2

    def __init__(self, count=256, seed=0, shape=(1, 12, 12)) -> None:
        random = np.random.default_rng(seed)
        self.shape = shape
        self._labels = random.integers(2, size=count)
        self._images = random.integers(80, size=(count, *shape)).astype(np.uint8)
        for image, label, place in zip(self._images, self._labels, random.integers(1, 7, count), strict=True):
            image[:, :, place] = 255 if label == 0 else image[:, :, place]
            image[:, place] = 255 if label == 1 else image[:, place]

    def __len__(self) -> int:
        return len(self._labels)

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        return {"images": self._images[indices], "labels": self._labels[indices]}

    def fingerprint(self) -> str:
        return hashlib.sha256(self._images.tobytes()).hexdigest()


@pytest.fixture(scope="session")
def bars():
    return Bars
