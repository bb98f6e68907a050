"""Health metrics in closed form."""

import math

import pytest
import torch

from ganzoo.training.health.measures import distinct, gradient_norm, overfitting, separation, spread, spread_within


def rows(*values):
    return torch.tensor(values, dtype=torch.float64)[:, None]


def test_spread_is_the_mean_distance_of_pairs():
    assert spread(rows(0.0, 1.0, 3.0)).item() == pytest.approx((1 + 3 + 2) / 3)
    assert spread(rows(5.0, 5.0, 5.0)).item() == 0.0


def test_spread_does_not_depend_on_where_the_samples_are():
    x = torch.randn(20, 7, generator=torch.Generator().manual_seed(0))
    assert spread(x + 1e4).item() == pytest.approx(spread(x).item(), rel=1e-3)


def test_samples_far_apart_are_all_distinct_and_copies_count_once():
    assert distinct(rows(0.0, 100.0, 200.0, 300.0), 1.0).item() == pytest.approx(4.0)
    assert distinct(rows(0.0, 0.0, 0.0), 1.0).item() == pytest.approx(1.0)
    assert distinct(rows(*[0.0, 100.0, 200.0] * 8), 1.0).item() == pytest.approx(3.0)


def test_unequal_shares_count_by_their_entropy():
    shares = (0.75, 0.25)
    value = distinct(rows(0.0, 0.0, 0.0, 100.0), 1.0).item()
    assert value == pytest.approx(math.exp(-sum(p * math.log(p) for p in shares)))


def test_two_samples_count_by_their_kernel():
    k = math.exp(-0.5 * 0.8**2)
    shares = ((1 + k) / 2, (1 - k) / 2)
    assert distinct(rows(0.0, 0.8), 1.0).item() == pytest.approx(math.exp(-sum(p * math.log(p) for p in shares)))


def test_spread_within_uses_pairs_of_one_class():
    labels = torch.tensor([0, 0, 1, 1, 2])
    assert spread_within(rows(0.0, 1.0, 10.0, 13.0, 99.0), labels).item() == pytest.approx((1 + 3) / 2)
    assert math.isnan(spread_within(rows(0.0, 1.0), torch.tensor([0, 1])).item())


def test_separation_is_the_share_of_pairs_in_order():
    assert separation(torch.tensor([1.0, 2.0]), torch.tensor([-1.0, 0.0])).item() == 1.0
    assert separation(torch.tensor([0.0, 2.0]), torch.tensor([1.0])).item() == 0.5
    assert separation(torch.zeros(3), torch.zeros(5)).item() == 0.5


@pytest.mark.parametrize(("held_out", "value"), [(3.0, 0.0), (-1.0, 1.0), (1.0, 0.5), (4.0, -0.25)])
def test_overfitting_places_unseen_reals_between_seen_ones_and_fakes(held_out, value):
    sway = torch.tensor([-0.1, 0.1])
    assert overfitting(3 + sway, held_out + sway, -1 + sway).item() == pytest.approx(value, abs=1e-6)


def test_overfitting_of_a_discriminator_that_guesses_is_nan():
    random = torch.Generator().manual_seed(0)
    real, held_out, fake = torch.randn(3, 200, generator=random)
    assert math.isnan(overfitting(real, held_out, fake).item())
    assert math.isnan(overfitting(fake - 5, held_out, fake).item())


def test_the_gradient_norm_is_over_all_parameters():
    first, second, idle = (torch.zeros(n, requires_grad=True) for n in (2, 1, 3))
    assert gradient_norm([first, idle]) is None
    first.grad, second.grad = torch.tensor([2.0, 3.0]), torch.tensor([6.0])
    assert gradient_norm([first, second, idle]).item() == pytest.approx(7.0)


def test_equal_samples_count_as_one():
    assert distinct(torch.ones(6, 3), 0.0) == pytest.approx(1.0)
