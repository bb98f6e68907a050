"""The image data sets: pictures decoded once, then read by index from the cache."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import numpy as np
from annotated_types import Ge, Le

from ganzoo.components.datasets.files.archive import ZipReader
from ganzoo.components.datasets.files.arrays import ArraysReader
from ganzoo.components.datasets.files.cache import load_cached
from ganzoo.components.datasets.files.decode import Form
from ganzoo.components.datasets.files.folder import FolderReader
from ganzoo.components.datasets.files.idx import IdxReader
from ganzoo.components.datasets.files.listing import Reader, Split
from ganzoo.components.datasets.torchvision_sets import TorchvisionReader

Count: TypeAlias = Annotated[int, Ge(1)]
Side: TypeAlias = Annotated[int, Ge(1), Le(2**16)]
Background: TypeAlias = Literal["white", "black"]


class ImageSet:
    """Images of one shape, uint8, with classes or without.

    Args:
        reader: finds the pictures.
        form: what they are brought to.
        labels: whether classes are wanted.
    """

    def __init__(self, reader: Reader, form: Form, *, labels: bool) -> None:
        store = load_cached(reader, form, labels=labels)
        self._images, self._labels, self._fingerprint = store.images, store.labels, store.fingerprint
        self.shape: tuple[int, ...] = tuple(store.images.shape[1:])
        self.class_names = store.class_names
        self.num_classes = len(store.class_names)

    def __len__(self) -> int:
        """How many images there are."""
        return len(self._labels)

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Read ``images`` as uint8 ``(B, C, H, W)`` and ``labels`` as int64 ``(B,)``."""
        return {"images": np.asarray(self._images[indices]), "labels": self._labels[indices]}

    def fingerprint(self) -> str:
        """Hash of the decoded pixels and the labels."""
        return self._fingerprint


class Folder(ImageSet):
    """Images in a folder, at any depth; its sub-folders are classes.

    A folder around everything is no class; images directly in the folder and no sub-folders mean no classes.
    StyleGAN's ``dataset.json`` goes before the folder rule.

    Args:
        path: the folder.
        resolution: side in pixels to crop and resize to; none keeps the size, which must then be one.
        channels: 1 grey, 3 colour, 4 with transparency; none takes 1 if every image is grey, else 3.
        labels: whether to use the classes.
        background: colour put below transparent pixels.
    """

    def __init__(
        self,
        *,
        path: str = "",
        resolution: Side | None = None,
        channels: Count | None = None,
        labels: bool = True,
        background: Background = "white",
    ) -> None:
        super().__init__(FolderReader(path), Form(channels, resolution, background), labels=labels)


class Zip(ImageSet):
    """Images in a zip, read in place; its folders are classes, by the same rule as in a folder.

    Args:
        path: the zip; StyleGAN's archives with a ``dataset.json`` are read with their labels.
        resolution: side in pixels to crop and resize to; none keeps the size, which must then be one.
        channels: 1 grey, 3 colour, 4 with transparency; none takes 1 if every image is grey, else 3.
        labels: whether to use the classes.
        background: colour put below transparent pixels.
    """

    def __init__(
        self,
        *,
        path: str = "",
        resolution: Side | None = None,
        channels: Count | None = None,
        labels: bool = True,
        background: Background = "white",
    ) -> None:
        super().__init__(ZipReader(path), Form(channels, resolution, background), labels=labels)


class Idx(ImageSet):
    """Images in IDX files, the layout of MNIST.

    Args:
        path: the folder of ``*-images-idx3-ubyte[.gz]`` and ``*-labels-idx1-ubyte[.gz]``, or one images file.
        split: which images of a folder; one file is read whatever it holds.
        resolution: side in pixels to crop and resize to; none keeps the size.
        channels: 1 grey, 3 colour; none takes 1.
        labels: whether to use the labels file, if there is one.
    """

    def __init__(
        self,
        *,
        path: str = "",
        split: Split = "train",
        resolution: Side | None = None,
        channels: Count | None = None,
        labels: bool = True,
    ) -> None:
        super().__init__(IdxReader(path, split), Form(channels, resolution), labels=labels)


class Arrays(ImageSet):
    """Images in a NumPy ``.npz`` or ``.npy``, any number of channels.

    Args:
        path: the file.
        resolution: side in pixels to crop and resize to; none keeps the size.
        channels: 1 grey, 3 colour, 4 with transparency; none keeps the array's own.
        labels: whether to use the labels array, if there is one.
    """

    def __init__(
        self,
        *,
        path: str = "",
        resolution: Side | None = None,
        channels: Count | None = None,
        labels: bool = True,
    ) -> None:
        super().__init__(ArraysReader(path), Form(channels, resolution), labels=labels)


class Torchvision(ImageSet):
    """A data set of torchvision by its name, downloaded once.

    Args:
        path: name of a class in ``torchvision.datasets``, such as ``CIFAR10``.
        split: ``train`` or ``test``, where the set has such parts.
        resolution: side in pixels to crop and resize to; none keeps the size, which must then be one.
        channels: 1 grey, 3 colour, 4 with transparency; none takes 1 if every image is grey, else 3.
        labels: whether to use the classes.
    """

    def __init__(
        self,
        *,
        path: str = "",
        split: Split = "train",
        resolution: Side | None = None,
        channels: Count | None = None,
        labels: bool = True,
    ) -> None:
        super().__init__(TorchvisionReader(path, split), Form(channels, resolution), labels=labels)
