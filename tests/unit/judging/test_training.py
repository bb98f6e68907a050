"""A judge learns what can be seen, is measured on what it never saw, and is written as measured."""

import pytest
import torch

from ganzoo.features.judge import Judge
from ganzoo.judging.lesson import lesson_of
from ganzoo.judging.training import Budget, accuracy_of, coarsened, judge_of, pace, shifted, train_judge


@pytest.fixture(scope="module")
def lesson(bars):
    return lesson_of(bars(256), bars(200, seed=1))


@pytest.fixture(scope="module")
def trained(lesson):
    return train_judge(lesson, Budget(images=1500))


def test_it_learns_what_can_be_seen(lesson, trained):
    assert accuracy_of(trained[0], lesson)["class"] > 0.95


def test_equal_seeds_train_equal_judges(lesson):
    ones, others, third = (train_judge(lesson, Budget(images=200), seed=seed)[0].state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(ones[name], others[name]) for name in ones)
    assert not torch.equal(ones["heads.class.weight"], third["heads.class.weight"])


def test_training_leaves_the_callers_randomness_alone(lesson):
    torch.manual_seed(0)
    wanted = torch.rand(1)
    torch.manual_seed(0)
    train_judge(lesson, Budget(images=64))
    assert torch.equal(torch.rand(1), wanted)


def test_a_budget_of_images_is_kept_to_a_batch(trained):
    assert 1500 <= trained[1] < 1500 + 64


def test_a_budget_ends_with_whichever_is_spent_first():
    assert Budget(seconds=10.0, images=100).spent(5, 20) == 0.5
    assert Budget(seconds=10.0, images=100).spent(1, 20) == 0.2
    assert Budget(seconds=10.0).spent(20, 1_000_000) == 2


def test_the_file_says_what_was_measured(lesson, tmp_path):
    told = []
    facts = judge_of(
        lesson, Budget(images=1500), tmp_path / "bars.safetensors", origin=("bars", "ganzoo judge bars"),
        observe=lambda spent, loss: told.append(spent),
    )  # fmt: skip
    judge = Judge((1, 12, 12), path=str(tmp_path / "bars.safetensors"))
    assert judge.facts_of_training == facts
    assert judge.accuracy == accuracy_of(judge.network, lesson)
    assert facts.data_hash == lesson.learnt.dataset.fingerprint()
    assert facts.held_out == "200 samples that the data hold apart"
    assert told == sorted(told)


def test_the_rate_rises_along_a_line_and_falls_to_nothing():
    assert [pace(0), pace(0.075), pace(0.15)] == pytest.approx([0, 0.5, 1])
    assert pace(1) == pytest.approx(0)
    assert pace(0.3) > pace(0.6) > pace(0.9)


def test_a_shifted_image_is_a_window_of_it():
    image = torch.arange(49.0).view(1, 1, 7, 7)
    moved = shifted(image.repeat(32, 1, 1, 1), torch.Generator().manual_seed(0))
    starts = moved[:, 0, 3, 3] - image[0, 0, 3, 3]
    down, right = torch.round(starts / 7), starts - 7 * torch.round(starts / 7)
    assert set(down.tolist()) == set(right.tolist()) == {-2, -1, 0, 1, 2}
    for window, i, j in zip(moved, down.long().tolist(), right.long().tolist(), strict=True):
        assert torch.equal(window[0, 2:5, 2:5], image[0, 0, 2 + i : 5 + i, 2 + j : 5 + j])


def test_coarsened_images_keep_their_size_and_lose_detail():
    images = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    seen = [coarsened(images, torch.Generator().manual_seed(seed)) for seed in range(8)]
    assert all(each.shape == images.shape for each in seen)
    assert min(float(each.var()) for each in seen) < 0.5 * float(images.var())
