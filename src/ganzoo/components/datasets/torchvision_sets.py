"""Any data set of torchvision by its name, downloaded to the cache folder."""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from ganzoo.components.datasets.files.cache import cache_root
from ganzoo.components.datasets.files.listing import Content, Item, Listing, Split
from ganzoo.errors import BadData

# what constructors and readers of torchvision raise: no network, checksum, a split of another name, a missing package
_FAILURES = (OSError, RuntimeError, ValueError, TypeError, ImportError, LookupError, EOFError)


class TorchvisionReader:
    """Lists the images of a torchvision data set.

    Args:
        name: class in ``torchvision.datasets``.
        split: part to read.
    """

    def __init__(self, name: str, split: Split) -> None:
        self.where = f"torchvision:{name}"
        self._name, self._split = name, split

    def key(self) -> str:
        """Return name, part and version of torchvision, so that a valid cache is opened without importing it."""
        try:
            version = importlib.metadata.version("torchvision")
        except importlib.metadata.PackageNotFoundError as error:
            raise BadData(f"{self.where} needs torchvision: pip install torchvision") from error
        return f"{self.where}:{self._split}:{version}"

    def listing(self, *, labels: bool) -> Listing:
        """Download the data set if necessary and list its samples."""
        samples = _create_dataset(_find_class(self._name), self._split, self.where)

        def items() -> Iterator[Item]:
            for number in range(len(samples)):
                image, target = _read_sample(samples, number, self.where)
                content = partial(_check_image, image, self.where)
                yield Item(
                    f"image {number} of {self.where}", content, _check_label(target, self.where) if labels else None
                )

        return Listing(len(samples), items, _class_names(samples))


def _find_class(name: str) -> Callable[..., Any]:
    from torchvision import datasets  # imports torch: seconds, only needed to build the cache

    known = {each: getattr(datasets, each) for each in datasets.__all__}
    if name in known:
        return known[name]  # type: ignore[no-any-return]
    spelled = {each.lower(): each for each in known}
    close = get_close_matches(name.lower(), spelled, n=1, cutoff=0.5)
    hint = (
        f" Did you mean 'torchvision:{spelled[close[0]]}'?"
        if close
        else " Try torchvision:MNIST, torchvision:FashionMNIST or torchvision:CIFAR10."
    )
    raise BadData(f"torchvision has no data set '{name}'.{hint}")


def _create_dataset(kind: Callable[..., Any], split: Split, where: str) -> Sequence[Any]:
    """Create the data set with the arguments that its constructor knows."""
    folder = cache_root() / "torchvision"
    offered = {"root": str(folder), "download": True, "train": split == "train", "split": split}
    known = inspect.signature(kind).parameters
    try:
        return kind(**{key: value for key, value in offered.items() if key in known})  # type: ignore[no-any-return]
    except _FAILURES as error:
        reason = " ".join(str(error).split())[:200]
        raise BadData(
            f"{where} could not be created or downloaded to {folder} ({reason}).\n"
            "Try again with a network, or fetch the images yourself and give their folder or zip with --data PATH"
        ) from error


def _read_sample(samples: Sequence[Any], number: int, where: str) -> tuple[object, object]:
    try:
        sample = samples[number]
    except _FAILURES as error:
        raise BadData(f"image {number} of {where} cannot be read ({error})") from error
    if not isinstance(sample, tuple) or len(sample) != 2:
        raise BadData(f"{where} gives no (image, class) pairs: it cannot be trained on as images")
    return sample


def _check_image(image: object, where: str) -> Content:
    if not isinstance(image, Image.Image):
        raise BadData(f"{where} gives {type(image).__name__}, not images")
    return image


def _check_label(target: object, where: str) -> int:
    if not isinstance(target, int | np.integer):
        raise BadData(f"{where} gives {type(target).__name__} labels, not classes: add --set dataset.labels=false")
    return int(target)


def _class_names(samples: Sequence[Any]) -> tuple[str, ...] | None:
    names = getattr(samples, "classes", None)
    return tuple(map(str, names)) if isinstance(names, list | tuple) else None
