"""Laws of the factors: a pure function of (seed, index), uniform, independent, within the image."""

from dataclasses import fields

import numpy as np
import pytest

from ganzoo.components.datasets.sprites.factors import (
    MAX_EXTENT,
    MAX_OFFSET,
    MAX_SCALE,
    MAX_TILT,
    MIN_SCALE,
    Factors,
    sample_factors,
)

MANY = 8000
FACTORS = ("content", "style", "palette")


def same(a, b):
    return all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(Factors))


def test_factors_are_the_same_in_any_batch_and_order():
    order = np.random.default_rng(0).permutation(500)
    whole = sample_factors(7, np.arange(500))
    assert same(sample_factors(7, order), whole[order])
    assert same(sample_factors(7, [123]), whole[123:124])
    assert same(sample_factors(7, order.astype(np.int32)), whole[order])


def test_other_seeds_give_other_factors():
    a, b = sample_factors(0, np.arange(MANY)), sample_factors(1, np.arange(MANY))
    assert (a.content == b.content).mean() == pytest.approx(1 / 8, abs=0.02)
    assert len(np.intersect1d(a.x, b.x)) == 0


def test_known_factors_do_not_change():
    known = sample_factors(0, [0])
    assert (known.content[0], known.style[0], known.palette[0]) == (7, 2, 7)
    assert known.angle[0] == pytest.approx(-0.2093, abs=1e-3)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_factors_are_uniform(factor, seed):
    counts = np.bincount(getattr(sample_factors(seed, np.arange(MANY)), factor), minlength=8)
    chi_square = ((counts - MANY / 8) ** 2 / (MANY / 8)).sum()
    assert len(counts) == 8
    assert chi_square < 24.3, "7 degrees of freedom: once in a thousand"


def test_factors_are_independent():
    factors = sample_factors(0, np.arange(MANY))
    values = np.stack([getattr(factors, f.name) for f in fields(Factors)])
    apart = np.corrcoef(values) - np.eye(len(values))
    in_scale = np.ix_([3, 4, 5], [3, 4, 5])
    apart[in_scale] = 0
    assert np.abs(apart).max() < 0.05


def test_shapes_stay_near_the_middle_and_upright():
    s = sample_factors(3, np.arange(MANY))
    assert s.scale.min() >= MIN_SCALE
    assert s.scale.max() <= MAX_SCALE
    for centre in (s.x, s.y):
        assert np.abs(centre).max() <= MAX_OFFSET
        assert (np.abs(centre) + s.scale).max() <= MAX_EXTENT + 1e-9
        assert abs(centre.mean()) < 0.01
    assert np.abs(s.angle).max() <= MAX_TILT


@pytest.mark.parametrize("factor", FACTORS)
def test_replacing_a_factor_keeps_everything_else(factor):
    factors = sample_factors(0, np.arange(50))
    changed = getattr(factors, f"with_{factor}")(5)
    assert (getattr(changed, factor) == 5).all()
    assert all(
        np.array_equal(getattr(changed, f.name), getattr(factors, f.name)) for f in fields(Factors) if f.name != factor
    )
    wanted = np.arange(50) % 8
    assert np.array_equal(getattr(getattr(factors, f"with_{factor}")(wanted), factor), wanted)


def test_a_style_that_does_not_exist_is_refused():
    with pytest.raises(AssertionError, match=r"outside 0\.\.7"):
        sample_factors(0, np.arange(3)).with_style(8)


def test_picking_and_counting():
    factors = sample_factors(0, np.arange(20))
    assert len(factors) == 20
    assert len(factors[3:7]) == 4
    assert len(factors[factors.content == 99]) == 0
