"""The meter gives means since the last reading."""

import pytest
import torch

from ganzoo.engine.meter import Meter


def test_means_since_the_last_reading():
    meter = Meter()
    for value in (1.0, 2.0, 6.0):
        meter.add({"loss": torch.tensor(value)})
    meter.add({"penalty": torch.tensor(5.0)})
    assert meter.read() == pytest.approx({"loss": 3.0, "penalty": 5.0})
    assert meter.read() == {}
