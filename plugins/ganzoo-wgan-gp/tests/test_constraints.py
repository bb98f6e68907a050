import pytest
import torch
from ganzoo_wgan_gp.constraints import WeightClipping
from torch import nn


@pytest.fixture
def critic():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))


@pytest.mark.parametrize("method", ["prepare", "project"])
def test_no_weight_is_beyond_the_limit(critic, method):
    getattr(WeightClipping(limit=0.05), method)(critic)
    assert max(p.abs().max().item() for p in critic.parameters()) == pytest.approx(0.05)


def test_weights_inside_the_limit_stay_bit_for_bit(critic):
    before = critic[0].weight.detach().clone()
    WeightClipping(limit=0.2).project(critic)
    inside = before.abs() <= 0.2
    assert inside.any()
    assert not inside.all()
    assert torch.equal(critic[0].weight[inside], before[inside])


def test_projecting_twice_is_projecting_once(critic):
    clipping = WeightClipping(limit=0.1)
    clipping.project(critic)
    once = [p.detach().clone() for p in critic.parameters()]
    clipping.project(critic)
    assert all(torch.equal(a, b) for a, b in zip(once, critic.parameters(), strict=True))


def test_parameters_remain_the_optimisers_own(critic):
    before = list(critic.parameters())
    WeightClipping().prepare(critic)
    assert all(a is b and b.requires_grad for a, b in zip(before, critic.parameters(), strict=True))


def test_statistics_are_not_clipped(critic):
    critic(torch.randn(16, 6) * 9)
    before = critic[1].running_var.clone()
    WeightClipping(limit=0.01).project(critic)
    assert torch.equal(critic[1].running_var, before)


def test_projection_reads_nothing_on_the_host(critic):
    WeightClipping().project(critic.to("meta"))  # a meta tensor has no value to read
