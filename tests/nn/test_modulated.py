from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d
from torch.utils._python_dispatch import TorchDispatchMode

from ganzoo.nn.equalized import equalize
from ganzoo.nn.modulated import ModulatedConv2d

GROUPS = 8  # place of `groups` among the arguments of aten::convolution
both = pytest.mark.parametrize("doubles", [False, True], ids=["plain", "double"])


class Groups(TorchDispatchMode):
    """Records the groups of every convolution that runs, in whichever direction."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None) -> object:
        if func is torch.ops.aten.convolution.default:
            self.seen.append(args[GROUPS])
        if func is torch.ops.aten.convolution_backward.default:
            self.seen.append(args[GROUPS + 1])
        return func(*args, **(kwargs or {}))


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def looped(layer: ModulatedConv2d, x: Tensor, style: Tensor) -> Tensor:
    """Equations 1 and 3 sample by sample, on the weights."""
    outputs = []
    for sample, scales in zip(x, style, strict=True):
        weight = layer.weight * scales[None, :, None, None]
        if layer.demodulate:
            weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        if layer.doubles:
            outputs.append(conv_transpose2d(sample[None], weight.transpose(0, 1), stride=2))
        else:
            outputs.append(conv2d(sample[None], weight, padding=layer.padding))
    return torch.cat(outputs)


@both
@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("demodulate", [False, True])
def test_it_equals_a_loop_of_plain_convolutions(kernel, demodulate, doubles) -> None:
    layer = equalize(ModulatedConv2d(5, 7, kernel, demodulate=demodulate, doubles=doubles))
    x, style = torch.randn(4, 5, 6, 8), torch.randn(4, 5)
    torch.testing.assert_close(layer(x, style), looped(layer, x, style))


def test_demodulation_keeps_unit_variance_whatever_the_style() -> None:
    layer = ModulatedConv2d(32, 64, 3)
    style = torch.rand(8, 32) * torch.tensor([0.01, 100.0]).repeat(4)[:, None]
    inner = layer(torch.randn(8, 32, 34, 34), style)[..., 1:-1, 1:-1]
    for sample in inner:
        assert sample.var().item() == pytest.approx(1.0, abs=0.1)


def test_without_demodulation_the_style_scales_the_output() -> None:
    layer, x = ModulatedConv2d(3, 3, 1, demodulate=False), torch.randn(2, 3, 4, 4)
    torch.testing.assert_close(layer(x, torch.full((2, 3), 5.0)), 5 * conv2d(x, layer.weight))


@both
def test_the_size_is_kept_or_doubled_and_one_more(doubles) -> None:
    y = ModulatedConv2d(2, 3, 3, doubles=doubles)(torch.randn(1, 2, 4, 6), torch.ones(1, 2))
    assert y.shape == ((1, 3, 9, 13) if doubles else (1, 3, 4, 6))


@both
def test_second_derivatives_are_right(doubles) -> None:
    layer = ModulatedConv2d(2, 3, 3, doubles=doubles).double()
    x, style = torch.randn(2, 2, 3, 3, dtype=torch.float64), torch.randn(2, 2, dtype=torch.float64)
    inputs = [t.requires_grad_() for t in (x, style)]
    assert torch.autograd.gradgradcheck(lambda x, style: layer(x, style).square(), inputs)


@both
def test_no_convolution_of_the_double_backward_has_groups(doubles) -> None:
    layer, style = ModulatedConv2d(4, 6, 3, doubles=doubles), torch.randn(5, 4, requires_grad=True)
    with Groups() as groups:
        y = layer(torch.randn(5, 4, 6, 6), style)
        (slope,) = torch.autograd.grad(y.square().sum(), style, create_graph=True)
        slope.square().sum().backward()
    assert len(groups.seen) >= 3
    assert set(groups.seen) == {1}


def test_channels_last_computes_the_same() -> None:
    layer, x, style = ModulatedConv2d(4, 6, 3), torch.randn(2, 4, 6, 6), torch.randn(2, 4)
    expected = layer(x, style)
    layer.to(memory_format=torch.channels_last)
    torch.testing.assert_close(layer(x.to(memory_format=torch.channels_last), style), expected)


def test_autocast_demodulates_at_full_precision() -> None:
    layer, x = ModulatedConv2d(64, 4, 1), torch.randn(2, 64, 4, 4)
    style = 1 + torch.rand(2, 64)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x, style)
    assert y.dtype == torch.bfloat16
    torch.testing.assert_close(y.float(), layer(x, style), rtol=0.03, atol=0.03)
