import pytest
import torch
from ganzoo_adaptive.adaptation import AdaptiveProbability


def make(**settings):
    return AdaptiveProbability(
        **{"probability": 0.0, "adaptive": True, "target": 0.6, "interval": 4, "speed": 500_000, **settings}
    )


def adapt(part, times, logits):
    for _ in range(times):
        part.adapt(logits)
    return part


def test_p_rises_at_the_published_speed_while_the_discriminator_is_sure_of_reals():
    part = adapt(make(), 400, torch.ones(64))
    assert part.p.item() == pytest.approx(400 * 64 / 500_000)
    assert part.overfit == 1


def test_half_a_million_images_take_p_from_0_to_1_and_no_further():
    part = adapt(make(), 500_000 // 5_000, torch.ones(5_000))
    assert part.p.item() == pytest.approx(1, abs=1e-6)
    assert adapt(part, 8, torch.ones(5_000)).p == 1


@pytest.mark.parametrize("logits", [-torch.ones(64), torch.tensor([1.0] * 51 + [-1.0] * 13)])  # r_t of -1 and 0.59
def test_p_falls_otherwise_and_never_below_0(logits):
    part = adapt(make(probability=0.5), 40, logits)
    assert part.p.item() == pytest.approx(0.5 - 40 * 64 / 500_000)
    assert adapt(make(probability=1e-5), 8, logits).p == 0


def test_it_stands_at_the_target():
    assert adapt(make(probability=0.5), 4, torch.tensor([1.0] * 4 + [-1.0])).p == 0.5


def test_it_moves_only_every_interval():
    part = make(interval=3)
    heights = [adapt(part, 1, torch.ones(10)).p.item() for _ in range(7)]
    assert heights == pytest.approx([0, 0, 30 / 500_000, 30 / 500_000, 30 / 500_000, 60 / 500_000, 60 / 500_000])


def test_the_mean_is_taken_over_the_whole_interval():
    part = make(interval=2)
    part.adapt(torch.ones(10))
    part.adapt(-torch.ones(30))
    assert part.overfit == -0.5
    adapt(part, 2, torch.ones(4))
    assert part.overfit == 1  # sums start anew


def test_every_place_of_a_patch_discriminator_has_a_vote_but_images_are_counted_once():
    logits = torch.ones(8, 4, 4)
    logits[:, 0, 0] = -1
    part = adapt(make(), 4, logits)
    assert part.overfit.item() == pytest.approx(14 / 16)
    assert part.p.item() == pytest.approx(32 / 500_000)


def test_packed_logits_count_as_the_images_in_them():
    part = make()
    part._saw(torch.zeros(64, 1, 2, 2))
    assert adapt(part, 4, torch.ones(32)).p.item() == pytest.approx(4 * 64 / 500_000)


def test_unsteered_it_measures_and_stands():
    part = adapt(make(adaptive=False, probability=0.3), 8, torch.ones(64))
    assert (part.p.item(), part.overfit.item()) == (pytest.approx(0.3), 1)


def test_who_sets_the_probability_has_the_wheel():
    part = make()
    part.probability = 0.25
    assert part.probability == 0.25
    assert adapt(part, 8, torch.ones(64)).p == 0.25


def test_all_it_knows_is_in_the_state_dict():
    first, second = make(), make()
    adapt(first, 6, torch.ones(64))
    second.load_state_dict(first.state_dict())
    for part in (first, second):
        adapt(part, 2, torch.ones(64))
    assert first.p == second.p == pytest.approx(8 * 64 / 500_000)
    assert {name: value.item() for name, value in first.logged().items()} == {"p": first.p.item(), "overfit": 1}


def test_nothing_is_read_on_the_host(watch):
    part = make()
    with watch:
        adapt(part, 5, torch.ones(64))
        part.logged()


def test_it_takes_no_part_in_the_gradient():
    logits = torch.ones(4, requires_grad=True)
    part = adapt(make(), 4, logits)
    assert not part.p.requires_grad
