from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
import torch

from ganzoo.components.metrics.modes import count_by_mode, measure_modes, modes_by_classifier, nearest_mode
from ganzoo.errors import BadSetting

CENTRES = np.array([[0.0, 0], [10, 0], [0, 10], [10, 10]])
STD = 0.5


def measure(*samples):
    return measure_modes(np.array(samples, np.float32), CENTRES, STD)


def test_even_modes_have_no_divergence():
    assert measure_modes(CENTRES, CENTRES, STD) == {"modes": 4, "high_quality": 1, "reverse_kl": 0}


@pytest.mark.parametrize("reached", [1, 2, 3])
def test_evenly_reaching_k_of_m_modes_diverges_by_log_m_over_k(reached):
    result = measure_modes(np.repeat(CENTRES[:reached], 7, 0), CENTRES, STD)
    assert result["modes"] == reached
    assert result["reverse_kl"] == pytest.approx(np.log(4 / reached))


def test_uneven_modes_diverge_by_the_definition():
    p = np.array([0.75, 0.25])
    result = measure((0, 0), (0, 0), (0, 0), (10, 0))
    assert result["reverse_kl"] == pytest.approx(float((p * np.log(p / 0.25)).sum()))


def test_high_quality_is_within_three_standard_deviations_of_the_nearest_centre():
    assert measure((1.49, 0), (1.51, 0), (10, 8.6), (5, 5))["high_quality"] == 0.5
    assert count_by_mode(np.array([[1.49, 0], [1.51, 0], [10, 8.6], [5, 5]]), CENTRES, STD).tolist() == [1, 0, 0, 1]


def test_poor_samples_do_not_enter_the_divergence():
    good = [tuple(centre) for centre in CENTRES]
    assert measure(*good, (5, 5), (3, 3))["reverse_kl"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("value", [5, 1e30, float("inf"), float("nan")])
def test_without_a_good_sample_values_are_the_worst(value):
    assert measure((value, value)) == {"modes": 0, "high_quality": 0, "reverse_kl": pytest.approx(np.log(4))}


def test_a_sample_belongs_to_its_nearest_mode_or_to_none():
    found = nearest_mode(np.array([[9.9, 0.2], [0.1, 9], [5, 5], [np.nan, 0]]), CENTRES, STD)
    assert (found.tolist(), found.dtype) == ([1, 2, -1, -1], np.int64)


class Classifier:
    """Finds the hue in the first channel, the size in the second."""

    name = "classifier:eyes.safetensors"
    heads: ClassVar = {"size": ("small", "large"), "hue": ("red", "green", "blue")}
    accuracy: ClassVar = {"size": 0.98, "hue": 0.995}

    def fingerprint(self):
        return "0f3a"

    def predict(self, images):
        return {"size": images[:, 1].long(), "hue": images[:, 0].long()}


def test_a_classifier_finds_the_factors_in_the_order_of_the_data():
    modes = modes_by_classifier(Classifier(), {"hue": 3, "size": 2})
    assert (modes.factors, modes.strict) == ({"hue": 3, "size": 2}, False)
    assert modes.values(torch.tensor([[2.0, 0.0], [1.0, 1.0]])).tolist() == [[2, 0], [1, 1]]
    assert modes.classifier == "classifier:eyes.safetensors 0f3a"
    assert modes_by_classifier(Classifier(), {"size": 2}).values(torch.tensor([[2.0, 1.0]])).tolist() == [[1]]
    assert (modes.accuracy, modes_by_classifier(Classifier(), {"hue": 3}).accuracy) == (0.98, 0.995)


@pytest.mark.parametrize("factors", [{"hue": 4}, {"class": 3}])
def test_a_classifier_of_other_classes_is_refused(factors):
    with pytest.raises(
        BadSetting, match=r"classifier = eyes.safetensors distinguishes 2 values of 'size', 3 values of 'hue', the"
    ):
        modes_by_classifier(Classifier(), factors)
