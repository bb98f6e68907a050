"""A reference classifier learns, is measured on held-out samples, and is saved with its accuracy."""

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
def splits(bars):
    return split_for_classifier(bars(256), bars(200, seed=1))


@pytest.fixture(scope="module")
def trained(splits):
    return train_classifier(splits, TrainingBudget(images=1500))


def test_it_learns_visible_classes(splits, trained):
    assert measure_accuracy(trained[0], splits)["class"] > 0.95


def test_equal_seeds_train_equal_classifiers(splits):
    ones, others, third = (
        train_classifier(splits, TrainingBudget(images=200), seed=seed)[0].state_dict() for seed in (3, 3, 4)
    )
    assert all(torch.equal(ones[name], others[name]) for name in ones)
    assert not torch.equal(ones["heads.class.weight"], third["heads.class.weight"])


def test_training_does_not_touch_the_global_rng(splits):
    torch.manual_seed(0)
    wanted = torch.rand(1)
    torch.manual_seed(0)
    train_classifier(splits, TrainingBudget(images=64))
    assert torch.equal(torch.rand(1), wanted)


def test_an_image_limit_is_kept_to_a_batch(trained):
    assert 1500 <= trained[1] < 1500 + 64


def test_a_budget_ends_with_its_first_limit():
    assert TrainingBudget(seconds=10.0, images=100).share_used(5, 20) == 0.5
    assert TrainingBudget(seconds=10.0, images=100).share_used(1, 20) == 0.2
    assert TrainingBudget(seconds=10.0).share_used(20, 1_000_000) == 2


def test_the_file_holds_what_was_measured(splits, tmp_path):
    shares = []
    metadata = train_and_save_classifier(
        splits, TrainingBudget(images=1500), tmp_path / "bars.safetensors", origin=("bars", "ganzoo classifier bars"),
        progress=lambda share, loss: shares.append(share),
    )  # fmt: skip
    classifier = ReferenceClassifier((1, 12, 12), path=str(tmp_path / "bars.safetensors"))
    assert classifier.metadata == metadata
    assert classifier.accuracy == measure_accuracy(classifier.network, splits)
    assert metadata.data_hash == splits.train.dataset.fingerprint()
    assert metadata.held_out == "200 held-out samples"
    assert shares == sorted(shares)


def test_the_rate_rises_linearly_and_falls_to_zero():
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
