"""The same weights on every machine, with the documented mean and variance."""

import torch

from ganzoo.components.features.fixed_rng import FixedRng

UNIFORM = [-0.699416995048523, 0.9054046273231506, 0.9745428562164307]
BALANCED = [-1.666982650756836, 0.7257931232452393, 0.9411894679069519]
NORMAL = [-0.1436767578125, -1.389984130859375, -0.42254638671875]


def test_the_numbers_never_change():
    rng = FixedRng(20_240_229)
    assert [float(x) for x in rng.uniform(3)] == UNIFORM
    assert [float(x) for x in rng.balanced(1, 1, 3)[0, 0]] == BALANCED
    assert [float(x) for x in rng.normal(3)] == NORMAL


def test_equal_seeds_give_equal_numbers():
    assert torch.equal(FixedRng(3).normal(4, 5), FixedRng(3).normal(4, 5))
    assert not torch.equal(FixedRng(3).normal(4, 5), FixedRng(4).normal(4, 5))


def test_means_are_zero_and_variances_one():
    for numbers in (FixedRng(0).uniform(50_000), FixedRng(0).normal(50_000), FixedRng(0).balanced(2_000, 100)):
        assert abs(float(numbers.mean())) < 0.02
        assert abs(float(numbers.var()) - 1) < 0.02


def test_balanced_filters_do_not_respond_to_a_constant():
    filters = FixedRng(0).balanced(8, 5, 3, 3)
    assert float(filters.sum((1, 2, 3)).abs().max()) < 1e-5
    by_channel = FixedRng(0).balanced(8, 5, 3, 3, groups=5)
    assert float(by_channel.sum((2, 3)).abs().max()) < 1e-5


def test_a_kept_share_of_the_mean_is_that_share():
    whole = FixedRng(0).uniform(8, 5, 3, 3).mean((2, 3))
    kept = FixedRng(0).balanced(8, 5, 3, 3, groups=5, keep=0.3).mean((2, 3))
    torch.testing.assert_close(kept, 0.3 * whole)
