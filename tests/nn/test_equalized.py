from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from ganzoo.nn.equalized import equalize

LAYERS = {
    "linear": (lambda: nn.Linear(300, 200), 300),
    "conv": (lambda: nn.Conv2d(30, 200, 3), 270),
    "bare": (lambda: nn.Conv2d(30, 200, 1, bias=False), 30),
}
layers = pytest.mark.parametrize(("make", "fan_in"), LAYERS.values(), ids=LAYERS)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def raw(layer: nn.Module, name: str = "weight") -> Tensor:
    return layer.parametrizations[name].original


@layers
@pytest.mark.parametrize("multiplier", [1.0, 0.01])
def test_initial_weights_have_the_variance_of_he_whatever_the_multiplier(make, fan_in, multiplier) -> None:
    layer = equalize(make(), multiplier=multiplier)
    assert layer.weight.std().item() == pytest.approx(1 / math.sqrt(fan_in), rel=0.03)
    assert raw(layer).std().item() == pytest.approx(1 / multiplier, rel=0.03)


@layers
def test_an_optimiser_step_changes_every_layer_by_the_same_fraction(make, fan_in) -> None:
    layer = equalize(make())
    before = layer.weight.detach().clone()
    optimizer = torch.optim.SGD([raw(layer)], lr=1.0)
    raw(layer).grad = torch.full_like(raw(layer), 0.1)
    optimizer.step()
    torch.testing.assert_close(before - layer.weight, torch.full_like(before, 0.1 / math.sqrt(fan_in)))


def test_the_multiplier_slows_weight_and_bias() -> None:
    layer = equalize(nn.Linear(4, 2), multiplier=0.01, bias=0.5)
    torch.testing.assert_close(layer.bias, torch.full((2,), 0.5))
    layer(torch.ones(1, 4)).sum().backward()
    torch.testing.assert_close(raw(layer, "bias").grad, torch.full((2,), 0.01))
    torch.testing.assert_close(raw(layer).grad, torch.full((2, 4), 0.005))


def test_outputs_of_unit_inputs_have_unit_variance() -> None:
    assert equalize(nn.Linear(256, 256))(torch.randn(256, 256)).var().item() == pytest.approx(1.0, abs=0.05)


def test_a_constraint_on_the_weight_applies_to_what_the_layer_computes_with() -> None:
    class Seen(nn.Module):
        def forward(self, weight: Tensor) -> Tensor:
            return weight / torch.linalg.matrix_norm(weight, 2)

    layer = equalize(nn.Linear(8, 8, bias=False))
    parametrize.register_parametrization(layer, "weight", Seen())
    x = torch.linalg.svd(layer.weight.detach()).Vh[0]
    torch.testing.assert_close(layer(x).norm(), torch.tensor(1.0))


def test_a_copy_is_independent() -> None:
    layer = equalize(nn.Linear(3, 3))
    twin = copy.deepcopy(layer)
    with torch.no_grad():
        raw(layer).zero_()
    assert twin.weight.abs().sum() > 0
    twin.load_state_dict(layer.state_dict())
    assert twin.weight.abs().sum() == 0
