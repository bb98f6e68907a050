import pytest
import torch
from ganzoo_adaptive.adaptation import AdaptiveProbability


def make(**settings):
    return AdaptiveProbability(
        **{"probability": 0.0, "adaptive": True, "target": 0.6, "interval": 4, "speed": 500_000, **settings}
    )


def adapt(augmentation, times, logits):
    for _ in range(times):
        augmentation.adapt(logits)
    return augmentation


def test_p_rises_at_the_published_speed_while_all_logits_are_positive():
    augmentation = adapt(make(), 400, torch.ones(64))
    assert augmentation.p.item() == pytest.approx(400 * 64 / 500_000)
    assert augmentation.overfit == 1


def test_half_a_million_images_take_p_from_0_to_1_and_no_further():
    augmentation = adapt(make(), 500_000 // 5_000, torch.ones(5_000))
    assert augmentation.p.item() == pytest.approx(1, abs=1e-6)
    assert adapt(augmentation, 8, torch.ones(5_000)).p == 1


@pytest.mark.parametrize("logits", [-torch.ones(64), torch.tensor([1.0] * 51 + [-1.0] * 13)])  # r_t of -1 and 0.59
def test_p_falls_below_the_target_and_never_below_0(logits):
    augmentation = adapt(make(probability=0.5), 40, logits)
    assert augmentation.p.item() == pytest.approx(0.5 - 40 * 64 / 500_000)
    assert adapt(make(probability=1e-5), 8, logits).p == 0


def test_p_stays_at_the_target():
    assert adapt(make(probability=0.5), 4, torch.tensor([1.0] * 4 + [-1.0])).p == 0.5


def test_p_changes_only_at_the_end_of_an_interval():
    augmentation = make(interval=3)
    heights = [adapt(augmentation, 1, torch.ones(10)).p.item() for _ in range(7)]
    assert heights == pytest.approx([0, 0, 30 / 500_000, 30 / 500_000, 30 / 500_000, 60 / 500_000, 60 / 500_000])


def test_the_mean_is_taken_over_the_whole_interval():
    augmentation = make(interval=2)
    augmentation.adapt(torch.ones(10))
    augmentation.adapt(-torch.ones(30))
    assert augmentation.overfit == -0.5
    adapt(augmentation, 2, torch.ones(4))
    assert augmentation.overfit == 1  # the sums start again


def test_every_patch_logit_counts_for_the_sign_and_each_image_once_for_the_speed():
    logits = torch.ones(8, 4, 4)
    logits[:, 0, 0] = -1
    augmentation = adapt(make(), 4, logits)
    assert augmentation.overfit.item() == pytest.approx(14 / 16)
    assert augmentation.p.item() == pytest.approx(32 / 500_000)


def test_packed_logits_count_as_the_images_in_them():
    augmentation = make()
    augmentation._remember_batch_size(torch.zeros(64, 1, 2, 2))
    assert adapt(augmentation, 4, torch.ones(32)).p.item() == pytest.approx(4 * 64 / 500_000)


def test_without_adaptation_it_measures_and_keeps_p():
    augmentation = adapt(make(adaptive=False, probability=0.3), 8, torch.ones(64))
    assert (augmentation.p.item(), augmentation.overfit.item()) == (pytest.approx(0.3), 1)


def test_setting_the_probability_ends_the_adaptation():
    augmentation = make()
    augmentation.probability = 0.25
    assert augmentation.probability == 0.25
    assert adapt(augmentation, 8, torch.ones(64)).p == 0.25


def test_the_state_dict_holds_all_state():
    first, second = make(), make()
    adapt(first, 6, torch.ones(64))
    second.load_state_dict(first.state_dict())
    for augmentation in (first, second):
        adapt(augmentation, 2, torch.ones(64))
    assert first.p == second.p == pytest.approx(8 * 64 / 500_000)
    assert {name: value.item() for name, value in first.logged().items()} == {"p": first.p.item(), "overfit": 1}


def test_nothing_is_read_on_the_host(watch):
    augmentation = make()
    with watch:
        adapt(augmentation, 5, torch.ones(64))
        augmentation.logged()


def test_p_has_no_gradient():
    logits = torch.ones(4, requires_grad=True)
    augmentation = adapt(make(), 4, logits)
    assert not augmentation.p.requires_grad
