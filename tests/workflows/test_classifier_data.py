"""Training and held-out samples are disjoint, and data that cannot be classified are refused."""

import numpy as np
import pytest

from ganzoo.components.datasets.points import Ring
from ganzoo.components.datasets.sprites.dataset import NAMES, Sprites
from ganzoo.errors import BadData, DoesNotFit, UnknownName
from ganzoo.workflows.classifier_data import open_splits, split_for_classifier


def test_one_in_six_is_held_out_and_not_trained_on(bars):
    data = split_for_classifier(bars(120))
    train, held = set(data.train.indices), set(data.held_out.indices)
    assert len(held) == 20
    assert train | held == set(range(120))
    assert not train & held


def test_the_seed_decides_what_is_held_out(bars):
    held = [list(split_for_classifier(bars(120), seed=seed).held_out.indices) for seed in (0, 0, 1)]
    assert held[0] == held[1] != held[2]


def test_a_test_split_is_held_out(bars):
    one, other = bars(60), bars(60, seed=1)
    data = split_for_classifier(one, other)
    assert data.held_out.dataset is other
    assert set(data.train.indices) == set(range(60))


def test_large_images_are_downsampled(bars):
    assert split_for_classifier(bars(30, shape=(1, 48, 20))).shape == (1, 32, 20)


def test_sprites_have_a_head_per_factor():
    data = split_for_classifier(Sprites(count=48, label="none"))
    assert data.heads == {name: NAMES[name] for name in ("content", "style", "palette")}
    assert data.keys == {name: name for name in data.heads}


def test_labelled_data_have_one_head(bars):
    data = split_for_classifier(bars())
    assert data.heads == {"class": ("upright", "lying")}
    assert data.keys == {"class": "labels"}


def test_data_that_cannot_be_classified_are_refused(bars):
    unlabelled, single = bars(), bars()
    unlabelled.num_classes, single.num_classes = 0, 1
    for dataset, error, reason in (
        (unlabelled, BadData, "no labels"),
        (single, BadData, "one class, 'upright'"),
        (bars(5), BadData, "5 samples are too few"),
        (Ring(count=50), DoesNotFit, "needs images"),
    ):
        with pytest.raises(error, match=reason):
            split_for_classifier(dataset)


def test_generated_data_of_another_seed_are_held_out(catalogue):
    settings = {"dataset.count": "30", "dataset.seed": 4, "dataset.resolution": 8}
    dataset, test = open_splits(catalogue, "sprites", settings)
    wanted = Sprites(count=30, seed=5, resolution=8)
    assert len(dataset) == len(test) == 30
    assert np.array_equal(test.read(np.arange(30))["images"], wanted.read(np.arange(30))["images"])


def test_training_on_the_test_split_leaves_none(catalogue, shared_data):
    path = {"dataset.path": str(shared_data / "mnist"), "dataset.resolution": 8}
    test_only, nothing = open_splits(catalogue, "idx", {**path, "dataset.split": "test"})
    assert len(test_only) == 10_000
    assert nothing is None


def test_one_file_has_no_test_split(catalogue, shared_data):
    file = shared_data / "mnist" / "t10k-images-idx3-ubyte.gz"
    dataset, nothing = open_splits(catalogue, "idx", {"dataset.path": str(file), "dataset.resolution": 8})
    assert len(dataset) == 10_000
    assert nothing is None


def test_an_unknown_setting_is_refused(catalogue):
    with pytest.raises(UnknownName, match=r"dataset\.count"):
        open_splits(catalogue, "sprites", {"dataset.cuont": 3})
