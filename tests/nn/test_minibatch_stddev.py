from __future__ import annotations

import pytest
import torch

from ganzoo.nn.minibatch_stddev import MinibatchStdDev


def test_by_hand() -> None:
    x = torch.tensor([[1.0, 0.0], [5.0, 0.0], [3.0, 4.0], [5.0, 0.0]]).view(4, 2, 1, 1)
    y = MinibatchStdDev(2)(x)
    # groups are samples (0, 2) and (1, 3): deviations (1, 2) and (0, 0)
    torch.testing.assert_close(y[:, 2, 0, 0], torch.tensor([1.5, 0.0, 1.5, 0.0]), rtol=1e-3, atol=1e-3)
    assert torch.equal(y[:, :2], x)


@pytest.mark.parametrize(("batch", "size"), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 1), (6, 3), (7, 1), (8, 4)])
def test_a_group_is_the_largest_divisor_of_the_batch_up_to_the_setting(batch, size) -> None:
    x = torch.randn(batch, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    expected = x.unflatten(0, (size, -1)).std(0, correction=0).mean((1, 2, 3)).repeat(size)
    torch.testing.assert_close(MinibatchStdDev(4)(x)[:, 3, 0, 0], expected, rtol=1e-3, atol=1e-3)


def test_equal_samples_have_almost_no_deviation_and_finite_second_derivatives() -> None:
    x = torch.ones(4, 2, 3, 3, requires_grad=True)
    y = MinibatchStdDev(4)(x)
    torch.testing.assert_close(y[:, 2], torch.full((4, 3, 3), 1e-4))
    (slope,) = torch.autograd.grad(y.square().sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert torch.isfinite(x.grad).all()


def test_second_derivatives_are_right() -> None:
    x = torch.randn(4, 2, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradgradcheck(MinibatchStdDev(2), x.requires_grad_())


def test_half_precision_keeps_small_differences() -> None:
    x = (1 + 1e-2 * torch.randn(4, 8, 4, 4, generator=torch.Generator().manual_seed(0))).bfloat16()
    y = MinibatchStdDev(4)(x)
    assert y.dtype == torch.bfloat16
    assert y[0, 8, 0, 0].item() == pytest.approx(x.float().std(0, correction=0).mean().item(), rel=0.05)
