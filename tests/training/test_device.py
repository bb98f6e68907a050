"""Devices and precisions by name."""

import pytest
import torch

from ganzoo.errors import BadSetting
from ganzoo.training.device import pick_device, pick_precision


def test_auto_takes_an_existing_device():
    wanted = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert pick_device("auto").type == wanted


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "xpu", "cuda:x"])
def test_a_missing_device_is_refused(name):
    with pytest.raises(BadSetting, match=name):
        pick_device(name)


def test_auto_precision_follows_the_device():
    assert pick_precision("auto", torch.device("cpu")) == "fp32"
    assert pick_precision("auto", torch.device("cuda")) == "tf32"
    assert pick_precision("bf16", torch.device("cpu")) == "bf16"
