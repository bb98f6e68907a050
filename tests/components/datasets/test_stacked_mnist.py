from __future__ import annotations

import struct
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from ganzoo.components.datasets.stacked_mnist import StackedMNIST, find_stack_modes
from ganzoo.components.features.classifier_file import ClassifierMetadata, save_classifier
from ganzoo.components.features.classifier_network import ClassifierNetwork
from ganzoo.components.metrics.mode_coverage import ModeCoverage
from ganzoo.errors import BadData, BadSetting

CPU = torch.device("cpu")
CLASSES = 3


@pytest.fixture(autouse=True)
def separate_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def digits(tmp_path):
    """A folder of twelve constant images: the brightness is 10 times the class plus the number of the image in it."""
    numbers = np.arange(12, dtype=np.uint8)
    return written(tmp_path / "digits", brightness(numbers), numbers % CLASSES)


def brightness(numbers: np.ndarray) -> np.ndarray:
    return np.tile((10 * (numbers % CLASSES) + numbers // CLASSES)[:, None, None], (1, 8, 8)).astype(np.uint8)


def written(folder: Path, images: np.ndarray, labels: np.ndarray | None) -> str:
    folder.mkdir()
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        if array is not None:
            head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            (folder / f"train-{name}-ubyte").write_bytes(head + array.tobytes())
    return str(folder)


def test_a_stack_is_three_images_of_the_set(digits):
    data = StackedMNIST(path=digits, count=500)
    batch = data.read(np.arange(500))
    assert (data.shape, len(data), data.num_classes) == ((3, 8, 8), 500, 0)
    assert (batch["images"].dtype, batch["images"].shape) == (np.uint8, (500, 3, 8, 8))
    assert set(batch["images"].ravel()) == set(brightness(np.arange(12)).ravel())
    assert not batch["labels"].any()


def test_modes_are_uniform_and_channels_independent(digits):
    batch = StackedMNIST(path=digits, count=27_000, labels=True).read(np.arange(27_000))
    counts = np.bincount(batch["labels"], minlength=27)
    assert np.abs(counts - 1000).max() < 5 * 1000**0.5


def test_the_class_of_a_stack_is_its_digits_as_a_number(digits):
    data = StackedMNIST(path=digits, count=200, labels=True)
    batch = data.read(np.arange(200))
    first, second, third = (batch["images"][:, channel, 0, 0] // 10 for channel in range(3))
    assert np.array_equal(batch["labels"], 9 * first + 3 * second + third)
    assert data.class_names == tuple(" ".join(map(str, stack)) for stack in product(range(3), repeat=3))


def classify(pictures):
    assert pictures.shape[1:] == (1, 8, 8)
    return (pictures[:, :, 0, 0] // 10).long()


def test_classifying_each_channel_finds_the_mode_of_a_stack(digits):
    data = StackedMNIST(path=digits, count=50, labels=True)
    batch = data.read(np.arange(50))
    found = find_stack_modes(classify, CLASSES, torch.from_numpy(batch["images"]).float())
    assert (found.shape, found.dtype) == ((50, 1), torch.int64)
    assert np.array_equal(found[:, 0].numpy(), batch["labels"])


def test_the_true_mode_of_a_stack_is_known_without_labels(digits):
    labelled, plain = (StackedMNIST(path=digits, count=50, labels=labels) for labels in (True, False))
    wanted = labelled.read(np.arange(50))["labels"]
    assert np.array_equal(plain._true_modes(np.arange(50))[:, 0], wanted)


def test_a_stack_does_not_depend_on_the_batch(digits):
    data = StackedMNIST(path=digits, count=50)
    there, back = (data.read(order)["images"] for order in (np.arange(50), np.arange(50)[::-1]))
    assert np.array_equal(there, back[::-1])


def test_the_fingerprint_depends_on_images_and_stacks(digits):
    def fingerprint(**settings: int) -> str:
        return StackedMNIST(path=digits, **{"count": 9, **settings}).fingerprint()

    assert fingerprint() == fingerprint()
    assert len({fingerprint(), fingerprint(seed=1), fingerprint(count=8), fingerprint(resolution=16)}) == 4


def test_any_size_and_number_of_classes(digits):
    data = StackedMNIST(path=digits, count=4, resolution=16)
    assert data.read(np.arange(4))["images"].shape == (4, 3, 16, 16) == (4, *data.shape)


def test_images_without_labels_are_refused(tmp_path):
    folder = written(tmp_path / "bare", brightness(np.arange(4)), None)
    with pytest.raises(BadData, match="bare has no labels file beside its images"):
        StackedMNIST(path=folder)


def test_without_a_classifier_the_command_that_trains_one_is_named(digits):
    with pytest.raises(
        BadSetting,
        match=r"ganzoo classifier \S+digits --images 120k --out digits.safetensors.*\n.*metric.modes.classifier=d",
    ):
        StackedMNIST(path=digits, count=4).modes(None, CPU)


@pytest.mark.parametrize(("accuracy", "settings"), [(0.99, {}), (0.98, {"least_accuracy": 0.98})])
def test_an_accurate_classifier_is_accepted(digits, tmp_path, accuracy, settings):
    classifier = save_untrained(tmp_path, accuracy)
    assert ModeCoverage(classifier=classifier, **settings).metadata(StackedMNIST(path=digits, count=4), CPU)[
        "classifier"
    ]


def test_an_inaccurate_classifier_is_refused_with_what_to_type(digits, tmp_path):
    classifier = save_untrained(tmp_path, 0.9899)
    with pytest.raises(BadSetting, match=r"names 98.99% of held-out .* 99.00% are required.*\n.*least_accuracy=0$"):
        ModeCoverage(classifier=classifier).metadata(StackedMNIST(path=digits, count=4), CPU)


def save_untrained(folder: Path, accuracy: float) -> str:
    metadata = ClassifierMetadata(
        (1, 8, 8), {"class": ("a", "b", "c")}, {"class": accuracy}, "9", "toys", "abc", 9, "ganzoo classifier"
    )
    return str(save_classifier(ClassifierNetwork((1, 8, 8), {"class": CLASSES}), metadata, folder / "toys.safetensors"))
