"""A value that no file could hold or no table could show is refused when it is made."""

import math

import pytest
import torch

from ganzoo.errors import BadComponent
from ganzoo.interfaces.measurement import MetricValue


@pytest.mark.parametrize("value", [1, 0.5, math.inf, math.nan])
def test_numbers_are_taken_even_if_they_are_not_finite(value):
    assert MetricValue(value).better == "lower"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((torch.tensor(1.0),), "the value of a metric is a Tensor"),
        ((1.0, torch.tensor(1.0)), "the error of a metric is a Tensor"),
        ((1.0, -0.5), "a standard error is not negative"),
        ((1.0, None, "smaller"), "lower, higher, neither"),
    ],
)
def test_other_values_are_refused(arguments, said):
    with pytest.raises(BadComponent, match=said):
        MetricValue(*arguments)
