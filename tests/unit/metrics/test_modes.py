from __future__ import annotations

import numpy as np
import pytest

from ganzoo.metrics.modes import mode_counts, mode_readings

CENTRES = np.array([[0.0, 0], [10, 0], [0, 10], [10, 10]])
STD = 0.5


def readings(*samples):
    return mode_readings(np.array(samples, np.float32), CENTRES, STD)


def test_even_modes_have_no_divergence():
    assert mode_readings(CENTRES, CENTRES, STD) == {"modes": 4, "high_quality": 1, "reverse_kl": 0}


@pytest.mark.parametrize("reached", [1, 2, 3])
def test_evenly_reaching_k_of_m_modes_diverges_by_log_m_over_k(reached):
    result = mode_readings(np.repeat(CENTRES[:reached], 7, 0), CENTRES, STD)
    assert result["modes"] == reached
    assert result["reverse_kl"] == pytest.approx(np.log(4 / reached))


def test_uneven_modes_diverge_by_the_definition():
    p = np.array([0.75, 0.25])
    result = readings((0, 0), (0, 0), (0, 0), (10, 0))
    assert result["reverse_kl"] == pytest.approx(float((p * np.log(p / 0.25)).sum()))


def test_high_quality_is_within_three_standard_deviations_of_the_nearest_centre():
    assert readings((1.49, 0), (1.51, 0), (10, 8.6), (5, 5))["high_quality"] == 0.5
    assert mode_counts(np.array([[1.49, 0], [1.51, 0], [10, 8.6], [5, 5]]), CENTRES, STD).tolist() == [1, 0, 0, 1]


def test_poor_samples_do_not_enter_the_divergence():
    good = [tuple(centre) for centre in CENTRES]
    assert readings(*good, (5, 5), (3, 3))["reverse_kl"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("value", [5, 1e30, float("inf"), float("nan")])
def test_no_good_sample_is_the_worst_reading(value):
    assert readings((value, value)) == {"modes": 0, "high_quality": 0, "reverse_kl": pytest.approx(np.log(4))}
