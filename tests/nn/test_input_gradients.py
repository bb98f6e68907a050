"""Gradients of logits with respect to images."""

import pytest
import torch

from ganzoo.interfaces.losses import ScoredSamples
from ganzoo.nn.input_gradients import input_gradients


def scored(discriminator, images) -> ScoredSamples:
    images = images.requires_grad_()
    return ScoredSamples(images, discriminator(images))


def test_of_a_linear_discriminator_it_is_the_weight():
    weight = torch.randn(3)
    slopes = input_gradients(scored(lambda x: x @ weight, torch.randn(4, 3)))
    assert torch.allclose(slopes, weight.expand(4, 3))


@pytest.mark.parametrize("size", [4, 5])
def test_of_a_packed_discriminator_it_is_the_weight_over_the_pack(size):
    """Images beyond the last whole pack belong to no logit."""
    weight = torch.randn(6)
    slopes = input_gradients(scored(lambda x: x[:4].reshape(2, 6) @ weight, torch.randn(size, 3)))
    assert torch.allclose(slopes, weight.expand(2, 6))


def test_of_a_patch_discriminator_it_is_that_of_the_sum():
    slopes = input_gradients(scored(lambda x: x.view(2, 2, 2).sum(2), torch.randn(2, 4)))
    assert torch.equal(slopes, torch.ones(2, 4))


def test_it_is_differentiable():
    weight = torch.randn(3, requires_grad=True)
    input_gradients(scored(lambda x: x @ weight, torch.randn(4, 3))).square().sum().backward()
    assert torch.allclose(weight.grad, 8 * weight)
