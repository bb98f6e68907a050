"""The meter gives means since the last reading, and says which reading broke first."""

import pytest
import torch

from ganzoo.engine.meter import Meter


def test_means_since_the_last_reading():
    meter = Meter()
    for value in (1.0, 2.0, 6.0):
        meter.add(("loss", "classes"), torch.tensor([value, -value]))
    meter.add(("penalty",), torch.tensor([5.0]))
    assert meter.read() == pytest.approx({"loss": 3.0, "classes": -3.0, "penalty": 5.0})
    assert meter.read() == {}


def test_what_is_added_may_change_later():
    meter, value = Meter(), torch.tensor([1.0])
    meter.add(("loss",), value)
    value.fill_(7.0)
    assert meter.read() == {"loss": 1.0}


def test_the_first_that_is_not_finite_is_named_and_nothing_is_taken_away():
    meter = Meter()
    meter.add(("critic/loss", "critic/mine"), torch.tensor([1.0, float("nan")]))
    meter.add(("generator/loss",), torch.tensor([float("nan")]))
    meter.add(("critic/loss", "critic/mine"), torch.tensor([float("inf"), 2.0]))
    assert meter.first_broken() == ("critic/mine", 0)
    assert meter.first_broken() == ("critic/mine", 0)
    assert len(meter.read()) == 3
    assert meter.first_broken() is None


def test_sound_readings_have_no_first_broken():
    meter = Meter()
    meter.add(("loss",), torch.tensor([1.0]))
    assert meter.first_broken() is None
