"""The image data sets: images decoded once, then read by index from the cache."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import numpy as np
from annotated_types import Ge, Le

from ganzoo.components.datasets.files.archive import ZipReader
from ganzoo.components.datasets.files.arrays import ArraysReader
from ganzoo.components.datasets.files.cache import load_cached
from ganzoo.components.datasets.files.decode import ImageFormat
from ganzoo.components.datasets.files.folder import FolderReader
from ganzoo.components.datasets.files.idx import IdxReader
from ganzoo.components.datasets.files.listing import Reader, Split
from ganzoo.components.datasets.torchvision_sets import TorchvisionReader

Count: TypeAlias = Annotated[int, Ge(1)]
Side: TypeAlias = Annotated[int, Ge(1), Le(2**16)]
Background: TypeAlias = Literal["white", "black"]


class ImageSet:
    """Images of one shape, uint8, with or without classes.

    Args:
        reader: finds the images.
        image_format: format to convert them to.
        labels: whether to use the classes.
    """

    def __init__(self, reader: Reader, image_format: ImageFormat, *, labels: bool) -> None:
        store = load_cached(reader, image_format, labels=labels)
        self._images, self._labels, self._fingerprint = store.images, store.labels, store.fingerprint
        self.shape: tuple[int, ...] = tuple(store.images.shape[1:])
        self.class_names = store.class_names
        self.num_classes = len(store.class_names)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._labels)

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Return ``images`` as uint8 ``(B, C, H, W)`` and ``labels`` as int64 ``(B,)``."""
        return {"images": np.asarray(self._images[indices]), "labels": self._labels[indices]}

    def fingerprint(self) -> str:
        """Return the hash of the decoded pixels and the labels."""
        return self._fingerprint


class Folder(ImageSet):
    """Images in a folder, at any depth; its sub-folders are classes.

    A folder around everything is no class; images without sub-folders have no classes. The labels of StyleGAN's
    ``dataset.json`` replace those of the folders.

    Args:
        path: the folder.
        resolution: side in pixels to crop and resize to; none keeps the size, which must be the same for all.
        channels: 1 grey, 3 colour, 4 with transparency; none means 1 if every image is grey, else 3.
        labels: whether to use the classes.
        background: colour behind transparent pixels.
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
        super().__init__(FolderReader(path), ImageFormat(channels, resolution, background), labels=labels)


class Zip(ImageSet):
    """Images in a zip, read in place; its folders are classes, as in a folder.

    Args:
        path: the zip; StyleGAN's archives with a ``dataset.json`` are read with their labels.
        resolution: side in pixels to crop and resize to; none keeps the size, which must be the same for all.
        channels: 1 grey, 3 colour, 4 with transparency; none means 1 if every image is grey, else 3.
        labels: whether to use the classes.
        background: colour behind transparent pixels.
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
        super().__init__(ZipReader(path), ImageFormat(channels, resolution, background), labels=labels)


class Idx(ImageSet):
    """Images in IDX files, the format of MNIST.

    Args:
        path: the folder of ``*-images-idx3-ubyte[.gz]`` and ``*-labels-idx1-ubyte[.gz]``, or one images file.
        split: part to read from a folder; ignored if the path is one file.
        resolution: side in pixels to crop and resize to; none keeps the size.
        channels: 1 grey, 3 colour; none means 1.
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
        super().__init__(IdxReader(path, split), ImageFormat(channels, resolution), labels=labels)


class Arrays(ImageSet):
    """Images in a NumPy ``.npz`` or ``.npy``, with any number of channels.

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
        super().__init__(ArraysReader(path), ImageFormat(channels, resolution), labels=labels)


class Torchvision(ImageSet):
    """A data set of torchvision by its name, downloaded once.

    Args:
        path: name of a class in ``torchvision.datasets``, such as ``CIFAR10``.
        split: ``train`` or ``test``, if the data set has such parts.
        resolution: side in pixels to crop and resize to; none keeps the size, which must be the same for all.
        channels: 1 grey, 3 colour, 4 with transparency; none means 1 if every image is grey, else 3.
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
        super().__init__(TorchvisionReader(path, split), ImageFormat(channels, resolution), labels=labels)
