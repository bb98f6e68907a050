"""What a classifier learns: labelled images to learn from, and others it is examined on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ganzoo.components.datasets.sprites.dataset import NAMES, Sprites
from ganzoo.config.parameters import find_parameter, read_parameters
from ganzoo.config.plugin_errors import plugin_errors
from ganzoo.errors import BadData, BadSetting, DoesNotFit
from ganzoo.interfaces.data import Dataset
from ganzoo.registry.registry import Registry, load_class
from ganzoo.registry.specs import Shape

SIDE = 32
"""Classifiers look at images of at most this height and width: larger ones are made smaller first."""
HELD_OUT, SHARE, FEWEST = 10_000, 6, 24
"""At most so many samples are held out, one in so many; a data set has at least so many."""

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Some samples of a data set.

    Args:
        dataset: where they lie.
        indices: which, ``(N,)``.
        name: says in a few words what part it is.
    """

    dataset: Dataset
    indices: Indices
    name: str


@dataclass(frozen=True)
class ClassifierData:
    """What a classifier learns, and what it is examined on.

    Args:
        heads: class names by name of head; each head's labels are read under ``keys``.
        keys: what ``Dataset.read`` calls the labels of a head.
        learnt: the samples it learns from.
        held_out: the samples it never sees before the examination.
    """

    heads: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, str]
    learnt: Split
    held_out: Split

    @property
    def any_size(self) -> bool:
        """Whether the classifier shall know the data at other resolutions too."""
        return isinstance(self.learnt.dataset, Sprites)

    @property
    def shape(self) -> Shape:
        """Of the images the classifier looks at: the data's own, at most ``SIDE`` a side."""
        channels, *size = self.learnt.dataset.shape
        return (channels, *(min(side, SIDE) for side in size))


def open_splits(registry: Registry, name: str, settings: Mapping[str, object]) -> tuple[Dataset, Dataset | None]:
    """Open data to learn from, and what they hold apart: their test split, or another draw of drawn data.

    Args:
        registry: where the data set is found.
        name: of its component.
        settings: ``dataset.SETTING`` to value.

    Returns:
        The data set, and its held-out samples; None if it holds none apart.

    Raises:
        GanzooError: the data are missing, or have no such setting.
    """
    entry = registry.find("dataset", name)
    target = load_class(registry.component("dataset", name))
    known = {f"dataset.{setting}": param for setting, param in read_parameters(target).items()}
    see = f"See: {entry.command('show')}"
    values = {path: find_parameter(path, known, see).coerce(value, path) for path, value in settings.items()}
    if issubclass(target, Sprites) and "dataset.label" in values:
        raise BadSetting(
            "a classifier of sprites learns content, style and palette, whatever the labels: drop dataset.label."
        )

    def opened(changes: Mapping[str, object]) -> Dataset:
        chosen = {path.removeprefix("dataset."): value for path, value in {**values, **changes}.items()}
        with plugin_errors([entry], called=entry):
            return cast(Dataset, target(**chosen))

    dataset = opened({})
    apart: dict[str, object] = {}
    if "dataset.split" in known and "dataset.split" not in values:
        apart = {"dataset.split": "test"}
    elif "dataset.seed" in known:
        apart = {"dataset.seed": int(str(values.get("dataset.seed", known["dataset.seed"].default))) + 1}
    try:
        test = opened(apart) if apart else None
    except BadData:  # no such split: some of the samples are held out instead
        return dataset, None
    return dataset, test if test and _alike(dataset, test) else None


def split_for_classifier(dataset: Dataset, test: Dataset | None = None, *, seed: int = 0) -> ClassifierData:
    """Tell what a classifier can learn from a data set.

    Sprites teach three heads, content, style and palette; other data teach one, ``class``.

    Args:
        dataset: labelled images.
        test: samples held out; one in six of the data set when None.
        seed: which are held out.

    Raises:
        BadData: there is nothing to learn: no labels, one class, or hardly any samples.
        DoesNotFit: the data are no images.
    """
    if len(dataset.shape) != 3:
        raise DoesNotFit(f"classifiers look at images, but a sample here has shape {dataset.shape}: points are told apart "
                         "by distance. Choose images, such as: ganzoo classifier sprites")  # fmt: skip
    heads, keys = _heads(dataset)
    if len(dataset) < FEWEST:
        raise BadData(
            f"{len(dataset)} samples are too few to train a classifier and hold some out: give at least {FEWEST}."
        )
    order = np.random.default_rng(seed).permutation(len(dataset))
    if test is not None:
        held = Split(test, np.arange(min(len(test), HELD_OUT)), "samples that the data hold apart")
        return ClassifierData(heads, keys, Split(dataset, order, "all samples"), held)
    apart = min(HELD_OUT, len(dataset) // SHARE)
    held = Split(dataset, np.sort(order[:apart]), f"samples drawn with seed {seed} and left out of training")
    return ClassifierData(heads, keys, Split(dataset, order[apart:], "the other samples"), held)


def _alike(dataset: Dataset, test: Dataset) -> bool:
    """Whether a test part can examine what was learnt: the same classes and shape, but other samples."""
    same = dataset.shape == test.shape and dataset.class_names == test.class_names
    return same and dataset.fingerprint() != test.fingerprint()


def _heads(dataset: Dataset) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    if isinstance(dataset, Sprites):
        factors = ("content", "style", "palette")
        return {name: NAMES[name] for name in factors}, {name: name for name in factors}
    if dataset.num_classes == 0:
        raise BadData(
            "these data have no labels, so there is nothing to classifier: sort the images into a folder a class."
        )
    if dataset.num_classes == 1:
        raise BadData(
            f"these data have one class, '{dataset.class_names[0]}': a classifier needs two or more to tell apart."
        )
    return {"class": dataset.class_names}, {"class": "labels"}
