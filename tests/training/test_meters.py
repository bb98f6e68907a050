"""The meter returns means since the last read, and which value was not finite first."""

import pytest
import torch

from ganzoo.training.meters import Meter


def test_means_since_the_last_read():
    meter = Meter()
    for value in (1.0, 2.0, 6.0):
        meter.add(("loss", "classes"), torch.tensor([value, -value]))
    meter.add(("term",), torch.tensor([5.0]))
    assert meter.read() == pytest.approx({"loss": 3.0, "classes": -3.0, "term": 5.0})
    assert meter.read() == {}


def test_added_tensors_may_change_later():
    meter, value = Meter(), torch.tensor([1.0])
    meter.add(("loss",), value)
    value.fill_(7.0)
    assert meter.read() == {"loss": 1.0}


def test_the_first_value_that_is_not_finite_is_named_and_the_sums_stay():
    meter = Meter()
    meter.add(("discriminator/loss", "discriminator/mine"), torch.tensor([1.0, float("nan")]))
    meter.add(("generator/loss",), torch.tensor([float("nan")]))
    meter.add(("discriminator/loss", "discriminator/mine"), torch.tensor([float("inf"), 2.0]))
    assert meter.first_broken() == ("discriminator/mine", True)
    assert meter.first_broken() == ("discriminator/mine", True)
    assert len(meter.read()) == 3
    assert meter.first_broken() is None


def test_the_first_is_found_among_values_added_at_different_rates():
    """Of five discriminator steps the second breaks, and later the generator."""
    meter, nan = Meter(), float("nan")
    for step in range(20):
        for repetition in range(5):
            meter.add(("discriminator/loss",), torch.tensor([nan if (step, repetition) >= (9, 2) else 1.0]))
        meter.add(("generator/loss",), torch.tensor([nan if step >= 9 else 1.0]))
    assert meter.first_broken() == ("discriminator/loss", False)


def test_one_name_in_two_groups_has_one_mean():
    meter = Meter()
    meter.add(("p", "q"), torch.tensor([1.0, 5.0]))
    meter.add(("p",), torch.tensor([3.0]))
    assert meter.read() == {"p": 2.0, "q": 5.0}


def test_finite_values_have_no_first_broken():
    meter = Meter()
    meter.add(("loss",), torch.tensor([1.0]))
    assert meter.first_broken() is None


def test_means_are_weighted():
    meter = Meter()
    meter.add(("loss",), torch.tensor([1.0]), 0.75)
    meter.add(("loss",), torch.tensor([5.0]), 0.25)
    assert meter.read() == {"loss": 2.0}
