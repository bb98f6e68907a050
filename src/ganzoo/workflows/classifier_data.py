"""Training and held-out images of a reference classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ganzoo.components.datasets.sprites.dataset import NAMES, Sprites
from ganzoo.config.arguments import read_integer
from ganzoo.config.parameters import find_parameter, read_parameters
from ganzoo.config.plugin_errors import plugin_errors
from ganzoo.errors import BadData, BadSetting, DoesNotFit
from ganzoo.interfaces.data import Dataset
from ganzoo.registry.registry import Registry, load_class
from ganzoo.registry.specs import Shape

MAX_SIDE = 32
"""Height and width of a classifier's images, at most; larger images are downsampled."""
MAX_HELD_OUT, HELD_OUT_SHARE, MIN_SAMPLES = 10_000, 6, 24
"""Held-out samples at most, one sample in how many is held out, samples of a data set at least."""

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Some samples of a data set.

    Args:
        dataset: the data set that holds them.
        indices: their positions, ``(N,)``.
        name: which samples they are, in a few words.
    """

    dataset: Dataset
    indices: Indices
    name: str


@dataclass(frozen=True)
class ClassifierData:
    """Training and held-out samples of a classifier, with what it classifies.

    Args:
        heads: class names by name of head.
        keys: name of each head's labels in what ``Dataset.read`` returns.
        train: samples to train on.
        held_out: samples to measure the accuracy on.
    """

    heads: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, str]
    train: Split
    held_out: Split

    @property
    def any_size(self) -> bool:
        """Whether the classifier is also trained on the data at lower resolutions."""
        return isinstance(self.train.dataset, Sprites)

    @property
    def shape(self) -> Shape:
        """Shape of the classifier's images: that of the data, at most ``MAX_SIDE`` high and wide."""
        channels, *size = self.train.dataset.shape
        return (channels, *(min(side, MAX_SIDE) for side in size))


def open_splits(registry: Registry, name: str, settings: Mapping[str, object]) -> tuple[Dataset, Dataset | None]:
    """Open a data set and its held-out samples: its test split, or the data of another seed if they are generated.

    Args:
        registry: the registry to find it in.
        name: name of the data set.
        settings: ``dataset.SETTING`` to value.

    Returns:
        The data set, and the held-out samples, or None if it has no test split and no seed.

    Raises:
        GanzooError: the data are missing, or have no such setting.
    """
    entry = registry.find("dataset", name)
    target = load_class(registry.component("dataset", name))
    known = {f"dataset.{setting}": param for setting, param in read_parameters(target).items()}
    see = f"See: {entry.command('show')}"
    values = {path: find_parameter(path, known, see).coerce(value, path) for path, value in settings.items()}
    if issubclass(target, Sprites) and "dataset.label" in values:
        raise BadSetting("a classifier of sprites has a head for content, style and palette each: drop dataset.label.")

    def open_with(changes: Mapping[str, object]) -> Dataset:
        chosen = {path.removeprefix("dataset."): value for path, value in {**values, **changes}.items()}
        with plugin_errors([entry], called=entry):
            return cast(Dataset, target(**chosen))

    dataset = open_with({})
    apart: dict[str, object] = {}
    if "dataset.split" in known and "dataset.split" not in values:
        apart = {"dataset.split": "test"}
    elif "dataset.seed" in known:
        apart = {
            "dataset.seed": read_integer("dataset.seed", values.get("dataset.seed", known["dataset.seed"].default)) + 1
        }
    try:
        test = open_with(apart) if apart else None
    except BadData:  # no such split: the caller holds out some samples
        return dataset, None
    return dataset, test if test and _is_held_out(dataset, test) else None


def split_for_classifier(dataset: Dataset, test: Dataset | None = None, *, seed: int = 0) -> ClassifierData:
    """Split data into training and held-out samples, and find what there is to classify.

    Sprites have three heads, content, style and palette; other data have one, ``class``.

    Args:
        dataset: labelled images.
        test: held-out samples; None holds out one sample in six of the data set.
        seed: seed of the split.

    Raises:
        BadData: there are no labels, only one class, or too few samples.
        DoesNotFit: the data are not images.
    """
    if len(dataset.shape) != 3:
        raise DoesNotFit(f"a classifier needs images, but a sample of these data has shape {dataset.shape}. Choose "
                         "images, such as: ganzoo classifier sprites")  # fmt: skip
    heads, keys = _find_heads(dataset)
    if len(dataset) < MIN_SAMPLES:
        raise BadData(
            f"{len(dataset)} samples are too few to train a classifier and hold some out: give at least {MIN_SAMPLES}."
        )
    order = np.random.default_rng(seed).permutation(len(dataset))
    if test is not None:
        held = Split(test, np.arange(min(len(test), MAX_HELD_OUT)), "held-out samples")
        return ClassifierData(heads, keys, Split(dataset, order, "all samples"), held)
    apart = min(MAX_HELD_OUT, len(dataset) // HELD_OUT_SHARE)
    held = Split(dataset, np.sort(order[:apart]), f"samples held out with seed {seed}")
    return ClassifierData(heads, keys, Split(dataset, order[apart:], "the other samples"), held)


def _is_held_out(dataset: Dataset, test: Dataset) -> bool:
    """Whether data have the same classes and shape, but other samples."""
    same = dataset.shape == test.shape and dataset.class_names == test.class_names
    return same and dataset.fingerprint() != test.fingerprint()


def _find_heads(dataset: Dataset) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    if isinstance(dataset, Sprites):
        factors = ("content", "style", "palette")
        return {name: NAMES[name] for name in factors}, {name: name for name in factors}
    if dataset.num_classes == 0:
        raise BadData("these data have no labels, so there is nothing to classify: put the images of each class into a "
                      "folder of its own.")  # fmt: skip
    if dataset.num_classes == 1:
        raise BadData(f"these data have one class, '{dataset.class_names[0]}': a classifier needs two or more.")
    return {"class": dataset.class_names}, {"class": "labels"}
