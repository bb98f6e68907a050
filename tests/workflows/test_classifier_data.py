"""What is learnt is never what is examined, and what cannot be learnt is refused."""

import numpy as np
import pytest

from ganzoo.components.datasets.points import Ring
from ganzoo.components.datasets.sprites.dataset import NAMES, Sprites
from ganzoo.errors import BadData, DoesNotFit, UnknownName
from ganzoo.workflows.classifier_data import open_splits, split_for_classifier


def test_one_in_six_is_held_out_and_never_learnt(bars):
    lesson = split_for_classifier(bars(120))
    learnt, held = set(lesson.learnt.indices), set(lesson.held_out.indices)
    assert len(held) == 20
    assert learnt | held == set(range(120))
    assert not learnt & held


def test_the_seed_decides_what_is_held_out(bars):
    held = [list(split_for_classifier(bars(120), seed=seed).held_out.indices) for seed in (0, 0, 1)]
    assert held[0] == held[1] != held[2]


def test_what_data_hold_apart_is_the_examination(bars):
    one, other = bars(60), bars(60, seed=1)
    lesson = split_for_classifier(one, other)
    assert lesson.held_out.dataset is other
    assert set(lesson.learnt.indices) == set(range(60))


def test_large_images_are_looked_at_smaller(bars):
    assert split_for_classifier(bars(30, shape=(1, 48, 20))).shape == (1, 32, 20)


def test_sprites_teach_their_three_factors():
    lesson = split_for_classifier(Sprites(count=48, label="none"))
    assert lesson.heads == {name: NAMES[name] for name in ("content", "style", "palette")}
    assert lesson.keys == {name: name for name in lesson.heads}


def test_labelled_data_teach_their_classes(bars):
    lesson = split_for_classifier(bars())
    assert lesson.heads == {"class": ("upright", "lying")}
    assert lesson.keys == {"class": "labels"}


def test_what_cannot_be_learnt_is_refused(bars):
    unlabelled, single = bars(), bars()
    unlabelled.num_classes, single.num_classes = 0, 1
    for dataset, error, reason in (
        (unlabelled, BadData, "no labels"),
        (single, BadData, "one class, 'upright'"),
        (bars(5), BadData, "5 samples are too few"),
        (Ring(count=50), DoesNotFit, "look at images"),
    ):
        with pytest.raises(error, match=reason):
            split_for_classifier(dataset)


def test_another_draw_of_drawn_data_is_held_apart(catalogue):
    settings = {"dataset.count": "30", "dataset.seed": 4, "dataset.resolution": 8}
    dataset, test = open_splits(catalogue, "sprites", settings)
    wanted = Sprites(count=30, seed=5, resolution=8)
    assert len(dataset) == len(test) == 30
    assert np.array_equal(test.read(np.arange(30))["images"], wanted.read(np.arange(30))["images"])


def test_a_test_split_is_held_apart_unless_it_is_what_is_learnt(catalogue, shared_data):
    path = {"dataset.path": str(shared_data / "mnist"), "dataset.resolution": 8}
    test_only, nothing = open_splits(catalogue, "idx", {**path, "dataset.split": "test"})
    assert len(test_only) == 10_000
    assert nothing is None


def test_one_file_is_not_its_own_examination(catalogue, shared_data):
    file = shared_data / "mnist" / "t10k-images-idx3-ubyte.gz"
    dataset, nothing = open_splits(catalogue, "idx", {"dataset.path": str(file), "dataset.resolution": 8})
    assert len(dataset) == 10_000
    assert nothing is None


def test_a_setting_the_data_do_not_have_is_refused(catalogue):
    with pytest.raises(UnknownName, match=r"dataset\.count"):
        open_splits(catalogue, "sprites", {"dataset.cuont": 3})
