"""A classifier learns what can be seen, is measured on what it never saw, and is written as measured."""

import pytest
import torch

from ganzoo.components.features.classifier import ReferenceClassifier
from ganzoo.workflows.classifier_data import split_for_classifier
from ganzoo.workflows.train_classifier import (
    TrainingBudget,
    coarsen_images,
    learning_rate_share,
    measure_accuracy,
    shift_images,
    train_and_save_classifier,
    train_classifier,
)


@pytest.fixture(scope="module")
def lesson(bars):
    return split_for_classifier(bars(256), bars(200, seed=1))


@pytest.fixture(scope="module")
def trained(lesson):
    return train_classifier(lesson, TrainingBudget(images=1500))


def test_it_learns_what_can_be_seen(lesson, trained):
    assert measure_accuracy(trained[0], lesson)["class"] > 0.95


def test_equal_seeds_train_equal_judges(lesson):
    ones, others, third = (
        train_classifier(lesson, TrainingBudget(images=200), seed=seed)[0].state_dict() for seed in (3, 3, 4)
    )
    assert all(torch.equal(ones[name], others[name]) for name in ones)
    assert not torch.equal(ones["heads.class.weight"], third["heads.class.weight"])


def test_training_leaves_the_callers_randomness_alone(lesson):
    torch.manual_seed(0)
    wanted = torch.rand(1)
    torch.manual_seed(0)
    train_classifier(lesson, TrainingBudget(images=64))
    assert torch.equal(torch.rand(1), wanted)


def test_a_budget_of_images_is_kept_to_a_batch(trained):
    assert 1500 <= trained[1] < 1500 + 64


def test_a_budget_ends_with_whichever_is_spent_first():
    assert TrainingBudget(seconds=10.0, images=100).spent(5, 20) == 0.5
    assert TrainingBudget(seconds=10.0, images=100).spent(1, 20) == 0.2
    assert TrainingBudget(seconds=10.0).spent(20, 1_000_000) == 2


def test_the_file_says_what_was_measured(lesson, tmp_path):
    told = []
    facts = train_and_save_classifier(
        lesson, TrainingBudget(images=1500), tmp_path / "bars.safetensors", origin=("bars", "ganzoo classifier bars"),
        observe=lambda spent, loss: told.append(spent),
    )  # fmt: skip
    classifier = ReferenceClassifier((1, 12, 12), path=str(tmp_path / "bars.safetensors"))
    assert classifier.facts_of_training == facts
    assert classifier.accuracy == measure_accuracy(classifier.network, lesson)
    assert facts.data_hash == lesson.learnt.dataset.fingerprint()
    assert facts.held_out == "200 samples that the data hold apart"
    assert told == sorted(told)


def test_the_rate_rises_along_a_line_and_falls_to_nothing():
    assert [learning_rate_share(0), learning_rate_share(0.075), learning_rate_share(0.15)] == pytest.approx([0, 0.5, 1])
    assert learning_rate_share(1) == pytest.approx(0)
    assert learning_rate_share(0.3) > learning_rate_share(0.6) > learning_rate_share(0.9)


def test_a_shifted_image_is_a_window_of_it():
    image = torch.arange(49.0).view(1, 1, 7, 7)
    moved = shift_images(image.repeat(32, 1, 1, 1), torch.Generator().manual_seed(0))
    starts = moved[:, 0, 3, 3] - image[0, 0, 3, 3]
    down, right = torch.round(starts / 7), starts - 7 * torch.round(starts / 7)
    assert set(down.tolist()) == set(right.tolist()) == {-2, -1, 0, 1, 2}
    for window, i, j in zip(moved, down.long().tolist(), right.long().tolist(), strict=True):
        assert torch.equal(window[0, 2:5, 2:5], image[0, 0, 2 + i : 5 + i, 2 + j : 5 + j])


def test_coarsened_images_keep_their_size_and_lose_detail():
    images = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    seen = [coarsen_images(images, torch.Generator().manual_seed(seed)) for seed in range(8)]
    assert all(each.shape == images.shape for each in seen)
    assert min(float(each.var()) for each in seen) < 0.5 * float(images.var())
