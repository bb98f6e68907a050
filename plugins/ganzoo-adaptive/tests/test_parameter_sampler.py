import pytest
import torch
from ganzoo_adaptive.parameter_sampler import changes_image


@pytest.mark.parametrize(("probability", "kept"), [(0.0, False), (1.0, True)])
def test_no_sample_is_selected_at_0_and_every_sample_at_1(sampler, probability, kept):
    values = torch.rand(1000, 2)
    assert torch.equal(sampler(probability, 1000).select(values, 7), values if kept else torch.full((1000, 2), 7.0))


def test_a_sample_is_selected_with_its_probability_and_as_a_whole(sampler):
    chosen = sampler(0.3, 20_000).select(torch.ones(20_000, 2), 0)
    assert chosen.mean().item() == pytest.approx(0.3, abs=4 * (0.21 / 20_000) ** 0.5)
    assert torch.equal(chosen[:, 0], chosen[:, 1])


def test_integers_are_equally_frequent(sampler):
    counts = sampler(1.0, 40_000).integers(4).long().bincount()
    assert counts.tolist() == pytest.approx([10_000] * 4, abs=4 * (40_000 * 0.1875) ** 0.5)


def test_factors_are_log_normal_around_1(sampler):
    octaves = sampler(1.0, 40_000).log_normal(0.2).log2()
    assert octaves.mean().item() == pytest.approx(0, abs=4 * 0.2 / 200)
    assert octaves.std().item() == pytest.approx(0.2, rel=0.02)


def test_uniform_and_normal_have_their_moments(sampler):
    uniform, normal = sampler(1.0, 40_000).uniform(-1, 3), sampler(1.0, 40_000, seed=1).normal(0.5)
    assert (uniform.mean().item(), uniform.var().item()) == pytest.approx((1, 16 / 12), rel=0.03)
    assert normal.mean().item() == pytest.approx(0, abs=0.01)
    assert normal.std().item() == pytest.approx(0.5, rel=0.02)


def test_only_the_identity_changes_nothing():
    maps = torch.eye(3).repeat(3, 1, 1)
    maps[1, 0, 2] = 1e-30
    assert changes_image(maps).flatten().tolist() == [False, True, False]
