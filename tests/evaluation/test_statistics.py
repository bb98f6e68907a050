"""The interval over few seeds, against printed tables and closed forms."""

import math
import statistics

import numpy as np
import pytest

from ganzoo.evaluation.statistics import mean_with_interval, t_probability, t_quantile

TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 10: 2.228, 29: 2.045, 30: 2.042, 120: 1.980}
"""Two-sided 95 % points as every textbook prints them."""


@pytest.mark.parametrize(("freedom", "t"), TABLE.items())
def test_the_quantile_is_the_printed_one(freedom, t):
    assert t_quantile(freedom) == pytest.approx(t, abs=5e-4)


def test_one_and_two_degrees_have_closed_forms():
    for t in (0.1, 1.0, 7.0):
        assert t_probability(t, 1) == pytest.approx(2 / math.pi * math.atan(t))
        assert t_probability(t, 2) == pytest.approx(t / math.sqrt(2 + t * t))


def test_a_mean_of_one_has_no_interval():
    assert mean_with_interval([3.0]).half is None


def test_the_interval_is_that_of_the_textbook():
    found = mean_with_interval([1.0, 2.0, 4.0])
    assert found.mean == pytest.approx(7 / 3)
    assert found.half == pytest.approx(4.3027 * statistics.stdev([1, 2, 4]) / math.sqrt(3), rel=1e-4)


def test_the_interval_holds_the_mean_in_95_of_100_samples():
    samples = np.random.default_rng(0).standard_normal((2000, 3))
    held = np.mean([abs(found.mean) <= found.half for found in map(mean_with_interval, samples.tolist())])
    assert held == pytest.approx(0.95, abs=0.015)
