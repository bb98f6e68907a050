import pytest
import torch
from ganzoo_wgan_gp.constraints import WeightClipping
from torch import nn


@pytest.fixture
def discriminator():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))


@pytest.mark.parametrize("method", ["prepare", "project"])
def test_all_weights_are_within_the_limit(discriminator, method):
    getattr(WeightClipping(limit=0.05), method)(discriminator)
    assert max(p.abs().max().item() for p in discriminator.parameters()) == pytest.approx(0.05)


def test_weights_within_the_limit_stay_bit_for_bit(discriminator):
    before = discriminator[0].weight.detach().clone()
    WeightClipping(limit=0.2).project(discriminator)
    inside = before.abs() <= 0.2
    assert inside.any()
    assert not inside.all()
    assert torch.equal(discriminator[0].weight[inside], before[inside])


def test_projecting_twice_is_projecting_once(discriminator):
    clipping = WeightClipping(limit=0.1)
    clipping.project(discriminator)
    once = [p.detach().clone() for p in discriminator.parameters()]
    clipping.project(discriminator)
    assert all(torch.equal(a, b) for a, b in zip(once, discriminator.parameters(), strict=True))


def test_parameters_stay_the_same_objects(discriminator):
    before = list(discriminator.parameters())
    WeightClipping().prepare(discriminator)
    assert all(a is b and b.requires_grad for a, b in zip(before, discriminator.parameters(), strict=True))


def test_statistics_are_not_clipped(discriminator):
    discriminator(torch.randn(16, 6) * 9)
    before = discriminator[1].running_var.clone()
    WeightClipping(limit=0.01).project(discriminator)
    assert torch.equal(discriminator[1].running_var, before)


def test_projection_reads_nothing_on_the_host(discriminator):
    WeightClipping().project(discriminator.to("meta"))  # a meta tensor has no value to read
