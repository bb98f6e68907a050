from __future__ import annotations

import struct
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from ganzoo.components.datasets.stacked_mnist import StackedMNIST, modes_of_stacks
from ganzoo.components.features.classifier_file import ClassifierFacts, save_classifier
from ganzoo.components.features.classifier_network import ClassifierNetwork
from ganzoo.components.metrics.mode_coverage import ModeCoverage
from ganzoo.errors import BadData, BadSetting

CPU = torch.device("cpu")
CLASSES = 3


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def digits(tmp_path):
    """A folder of twelve even pictures: the class is the brightness over 10, the picture's number the rest."""
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


def test_a_stack_is_three_pictures_of_the_set(digits):
    data = StackedMNIST(path=digits, count=500)
    batch = data.read(np.arange(500))
    assert (data.shape, len(data), data.num_classes) == ((3, 8, 8), 500, 0)
    assert (batch["images"].dtype, batch["images"].shape) == (np.uint8, (500, 3, 8, 8))
    assert set(batch["images"].ravel()) == set(brightness(np.arange(12)).ravel())
    assert not batch["labels"].any()


def test_all_modes_are_drawn_alike_and_channels_apart(digits):
    batch = StackedMNIST(path=digits, count=27_000, labels=True).read(np.arange(27_000))
    counts = np.bincount(batch["labels"], minlength=27)
    assert np.abs(counts - 1000).max() < 5 * 1000**0.5


def test_the_class_of_a_stack_is_read_like_a_number(digits):
    data = StackedMNIST(path=digits, count=200, labels=True)
    batch = data.read(np.arange(200))
    first, second, third = (batch["images"][:, channel, 0, 0] // 10 for channel in range(3))
    assert np.array_equal(batch["labels"], 9 * first + 3 * second + third)
    assert data.class_names == tuple(" ".join(map(str, stack)) for stack in product(range(3), repeat=3))


def named_right(pictures):
    assert pictures.shape[1:] == (1, 8, 8)
    return (pictures[:, :, 0, 0] // 10).long()


def test_judging_channel_by_channel_finds_the_mode_of_a_stack(digits):
    data = StackedMNIST(path=digits, count=50, labels=True)
    batch = data.read(np.arange(50))
    found = modes_of_stacks(named_right, CLASSES, torch.from_numpy(batch["images"]).float())
    assert (found.shape, found.dtype) == ((50, 1), torch.int64)
    assert np.array_equal(found[:, 0].numpy(), batch["labels"])


def test_the_truth_of_a_stack_needs_no_labels_of_the_data_set(digits):
    labelled, plain = (StackedMNIST(path=digits, count=50, labels=labels) for labels in (True, False))
    wanted = labelled.read(np.arange(50))["labels"]
    assert np.array_equal(plain._truth(np.arange(50))[:, 0], wanted)


def test_a_stack_is_the_same_beside_whatever_it_is_read(digits):
    data = StackedMNIST(path=digits, count=50)
    there, back = (data.read(order)["images"] for order in (np.arange(50), np.arange(50)[::-1]))
    assert np.array_equal(there, back[::-1])


def test_the_fingerprint_follows_pictures_and_stacks(digits):
    def fingerprint(**settings: int) -> str:
        return StackedMNIST(path=digits, **{"count": 9, **settings}).fingerprint()

    assert fingerprint() == fingerprint()
    assert len({fingerprint(), fingerprint(seed=1), fingerprint(count=8), fingerprint(resolution=16)}) == 4


def test_any_size_and_number_of_classes(digits):
    data = StackedMNIST(path=digits, count=4, resolution=16)
    assert data.read(np.arange(4))["images"].shape == (4, 3, 16, 16) == (4, *data.shape)


def test_pictures_without_labels_are_refused(tmp_path):
    folder = written(tmp_path / "bare", brightness(np.arange(4)), None)
    with pytest.raises(BadData, match="bare has no labels file beside its images"):
        StackedMNIST(path=folder)


def test_without_a_judge_the_command_that_makes_one_is_named(digits):
    with pytest.raises(
        BadSetting,
        match=r"ganzoo classifier \S+digits --images 120k --out digits.safetensors.*\n.*metric.modes.classifier=d",
    ):
        StackedMNIST(path=digits, count=4).modes(None, CPU)


@pytest.mark.parametrize(("accuracy", "settings"), [(0.99, {}), (0.98, {"least_accuracy": 0.98})])
def test_a_judge_that_is_right_often_enough_counts(digits, tmp_path, accuracy, settings):
    classifier = judging(tmp_path, accuracy)
    assert ModeCoverage(classifier=classifier, **settings).facts(StackedMNIST(path=digits, count=4), CPU)["classifier"]


def test_a_judge_that_is_wrong_too_often_is_refused_with_what_to_type(digits, tmp_path):
    classifier = judging(tmp_path, 0.9899)
    with pytest.raises(BadSetting, match=r"names 98.99% of held-out .* 99.00% are asked for.*\n.*least_accuracy=0$"):
        ModeCoverage(classifier=classifier).facts(StackedMNIST(path=digits, count=4), CPU)


def judging(folder: Path, accuracy: float) -> str:
    facts = ClassifierFacts(
        (1, 8, 8), {"class": ("a", "b", "c")}, {"class": accuracy}, "9", "toys", "abc", 9, "ganzoo classifier"
    )
    return str(save_classifier(ClassifierNetwork((1, 8, 8), {"class": CLASSES}), facts, folder / "judge.safetensors"))
