from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate

from ganzoo.nn.resample import (
    BINOMIAL,
    TENT,
    Resample,
    Stride,
    build_downsampling,
    build_upsampling,
    doubling,
    downsample,
    filter_matrix,
    halving,
    upsample,
)

kernels = pytest.mark.parametrize("kernel", [BINOMIAL, TENT, (1.0, 1.0)], ids=["1331", "121", "11"])


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@kernels
@pytest.mark.parametrize("resample", [upsample, downsample])
def test_a_constant_stays_constant_to_the_last_pixel(resample, kernel) -> None:
    y = resample(torch.full((2, 3, 6, 10), 0.7), kernel)
    torch.testing.assert_close(y, torch.full_like(y, 0.7))


@kernels
def test_doubling_and_halving_change_the_size_by_two(kernel) -> None:
    x = noise(2, 3, 6, 10)
    assert upsample(x, kernel).shape == (2, 3, 12, 20)
    assert downsample(x, kernel).shape == (2, 3, 3, 5)


def test_doubling_with_the_binomial_filter_is_bilinear_interpolation() -> None:
    x = noise(2, 3, 5, 7)
    expected = interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
    torch.testing.assert_close(upsample(x, BINOMIAL), expected, rtol=1e-6, atol=1e-6)


def test_the_tent_keeps_every_pixel_and_puts_their_means_between() -> None:
    x = noise(1, 1, 4, 4)
    y = upsample(x, TENT)
    torch.testing.assert_close(y[..., ::2, ::2], x)
    torch.testing.assert_close(y[..., ::2, 1:-1:2], (x[..., :-1] + x[..., 1:]) / 2)


def test_halving_is_a_strided_convolution_away_from_the_border() -> None:
    x, taps = noise(1, 1, 8, 8), torch.tensor(BINOMIAL, dtype=torch.float64) / 8
    expected = conv2d(x[..., 1:-1, 1:-1], torch.outer(taps, taps)[None, None], stride=2)
    torch.testing.assert_close(downsample(x)[..., 1:-1, 1:-1], expected)


@kernels
def test_doubling_is_shift_consistent(kernel) -> None:
    x = noise(1, 2, 8, 8)
    moved = upsample(x.roll((1, 1), (2, 3)), kernel)
    expected = upsample(x, kernel).roll((2, 2), (2, 3))
    torch.testing.assert_close(moved[..., 4:-2, 4:-2], expected[..., 4:-2, 4:-2])


@kernels
def test_halving_is_shift_consistent(kernel) -> None:
    x = noise(1, 2, 12, 12)
    moved = downsample(x.roll((2, 2), (2, 3)), kernel)
    expected = downsample(x, kernel).roll((1, 1), (2, 3))
    torch.testing.assert_close(moved[..., 2:-1, 2:-1], expected[..., 2:-1, 2:-1])


@kernels
def test_halving_is_the_adjoint_of_doubling_away_from_the_border(kernel) -> None:
    up, down = filter_matrix(8, kernel, doubling(kernel)), filter_matrix(16, kernel, halving(kernel))
    torch.testing.assert_close(up.mT[1:-1, 2:-2] / 2, down[1:-1, 2:-2])


@kernels
def test_layers_compute_what_functions_do(kernel) -> None:
    x = noise(2, 3, 6, 10).float()
    assert torch.equal(build_upsampling((6, 10), kernel)(x), upsample(x, kernel))
    assert torch.equal(build_downsampling((6, 10), kernel)(x), downsample(x, kernel))


@pytest.mark.parametrize("resample", [upsample, downsample])
def test_channels_last_computes_the_same_and_stays(resample) -> None:
    x = noise(2, 3, 6, 10)
    y = resample(x.to(memory_format=torch.channels_last))
    torch.testing.assert_close(y, resample(x))
    assert y.is_contiguous(memory_format=torch.channels_last)


def test_the_gain_scales_constants() -> None:
    smooth = Resample((5, 5), Stride(before=1, after=1), gain=4.0)
    torch.testing.assert_close(smooth(torch.ones(1, 1, 5, 5)), torch.full((1, 1, 4, 4), 4.0))


def test_a_layer_has_no_state() -> None:
    assert not build_upsampling((4, 4)).state_dict()


@pytest.mark.parametrize("resample", [upsample, downsample])
def test_second_derivatives_are_right(resample) -> None:
    x = noise(1, 2, 4, 6).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda t: resample(t).square(), x)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_autocast_leaves_the_precision(dtype) -> None:
    x = noise(1, 1, 4, 4).to(dtype)
    with torch.autocast("cpu", torch.bfloat16):
        y = upsample(x)
    assert y.dtype == dtype
    assert torch.equal(y, upsample(x))
