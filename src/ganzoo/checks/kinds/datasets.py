"""The checks of a data set."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ganzoo.assembly.build import open_dataset
from ganzoo.checks.data import private_cache, write_data_files
from ganzoo.checks.runs import KIT, find_fitting_run, shrink_config
from ganzoo.checks.subject import SHAPES, CheckFunction, Skip, Subject
from ganzoo.config.layers import Config
from ganzoo.config.resolution import change
from ganzoo.errors import BadData, GanzooError
from ganzoo.interfaces.data import Dataset
from ganzoo.registry.registry import Registry

FORMS = {form: len(shape) for form, shape in SHAPES.items()}
"""Number of dimensions of a sample, by capability."""


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one data set."""
    yield from (check_describes, check_samples, check_labels, check_order, check_threads, check_fingerprint)


def check_describes(subject: Subject) -> None:
    """Shape, length and classes are given, and the shape agrees with what the record provides."""
    dataset = _open(subject)
    assert isinstance(dataset.shape, tuple), f"shape is {dataset.shape!r}, not a tuple"
    assert all(isinstance(n, int) and n > 0 for n in dataset.shape), f"shape is {dataset.shape!r}"
    assert len(dataset) > 0, "there are no samples"
    names, classes = dataset.class_names, dataset.num_classes
    assert len(names) == classes, f"{len(names)} class names for {classes} classes"
    for form, dimensions in FORMS.items():
        if form in subject.component.provides:
            assert len(dataset.shape) == dimensions, f"it provides '{form}', but a sample has shape {dataset.shape}"


def check_samples(subject: Subject) -> None:
    """Samples are uint8 or float32 of the stated shape; float images lie in [-1, 1]."""
    dataset = _open(subject)
    images = dataset.read(_some(dataset))["images"]
    assert images.shape == (len(_some(dataset)), *dataset.shape), f"images have shape {images.shape}"
    assert images.dtype in (np.uint8, np.float32), f"images are {images.dtype}, not uint8 or float32"
    assert np.isfinite(images).all(), "a sample is not finite"
    if "image" in subject.component.provides and images.dtype == np.float32:
        assert float(np.abs(images).max()) <= 1, "float images must lie in [-1, 1]"


def check_labels(subject: Subject) -> None:
    """Labels are int64, from 0 to the number of classes less one; zeros without classes."""
    dataset = _open(subject)
    labels = dataset.read(np.arange(len(dataset)))["labels"]
    assert labels.dtype == np.int64, f"labels are {labels.dtype}, not int64"
    assert labels.shape == (len(dataset),), f"labels have shape {labels.shape}, not ({len(dataset)},)"
    strange = set(labels.tolist()) - set(range(max(dataset.num_classes, 1)))
    assert not strange, f"there is a label {min(strange)}, with {dataset.num_classes} classes"


def check_order(subject: Subject) -> None:
    """A sample does not depend on when and with which others it is read, twice in one batch too."""
    dataset = _open(subject)
    some = _some(dataset)
    there, back = dataset.read(some), dataset.read(some[::-1])
    twice = dataset.read(np.concatenate([some[:1], some[:1]]))
    for name, values in there.items():
        assert np.array_equal(values, back[name][::-1]), f"{name} read in another order are other samples"
        assert np.array_equal(np.repeat(values[:1], 2, 0), twice[name]), f"{name} of one index read twice differ"


def check_threads(subject: Subject) -> None:
    """Several threads may read at once: batches are read ahead."""
    dataset = _open(subject)
    batches = [(np.arange(4) + start) % len(dataset) for start in range(8)]
    wanted = [dataset.read(batch)["images"] for batch in batches]
    again = _open(subject)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda batch: again.read(batch)["images"], batches))
    assert all(map(np.array_equal, wanted, found)), "threads that read at once got other samples"


def check_fingerprint(subject: Subject) -> None:
    """The fingerprint is a text, and the same each time the data set is opened."""
    one, other = (_open(subject).fingerprint() for _ in range(2))
    assert isinstance(one, str), f"fingerprint() returns {one!r}, not a text"
    assert one, "the fingerprint is empty"
    assert one == other, "the fingerprint changes from one opening to the next"


def open_fixture(registry: Registry, config: Config) -> tuple[Dataset, Config]:
    """Open the data set of a run, on tiny files where it needs a path.

    Returns:
        The data set, and the configuration it was opened with.

    Raises:
        Skip: it reads none of the tiny files.
    """
    if config.settings.get("dataset.path") is None or config["dataset.path"]:
        return open_dataset(registry, config), config
    with private_cache():
        for path in write_data_files():
            located = change(registry, config, {"dataset.path": str(path)}, KIT)
            try:
                return open_dataset(registry, located), located
            except BadData:
                continue
    raise Skip(f"data set '{config.name('dataset')}' needs data that the kit does not have")


def _open(subject: Subject) -> Dataset:
    config = shrink_config(subject.registry, _config(subject))
    return open_fixture(subject.registry, config)[0]


def _config(subject: Subject) -> Config:
    """Resolve any run on this data set."""
    try:
        return find_fitting_run(subject.registry, {"dataset": (subject.name,)})
    except GanzooError as error:
        raise Skip(f"no registered networks fit it: {error}") from error


def _some(dataset: Dataset) -> np.ndarray:
    return np.arange(min(len(dataset), 6))
