from __future__ import annotations

import pytest
import torch
from ganzoo_style.discriminator import StyleGAN2Discriminator

from ganzoo.nn.heads import LinearHead

architectures = pytest.mark.parametrize("architecture", ["residual", "orig"])


def count(*modules: torch.nn.Module) -> int:
    return sum(p.numel() for m in modules for p in m.parameters())


@pytest.mark.parametrize(
    ("resolution", "channel_base", "parameters"),
    [(1024, 32768, 29_012_513), (256, 16384, 24_001_089), (32, 32768, 21_507_073)],
)
def test_with_a_linear_head_it_has_the_published_size(resolution, channel_base, parameters) -> None:
    """All three published counts are those of the residual architecture, the one at 32 pixels too."""
    with torch.device("meta"):
        trunk = StyleGAN2Discriminator((3, resolution, resolution), channel_base=channel_base)
        head = LinearHead(trunk.feature_dim)
    assert count(trunk, head) == parameters


def test_the_plain_architecture_is_the_residual_one_without_its_shortcuts() -> None:
    with torch.device("meta"):
        residual, plain = (StyleGAN2Discriminator((3, 32, 32), architecture=a) for a in ("residual", "orig"))
    assert count(residual) - count(plain) == 3 * 512 * 512


@architectures
@pytest.mark.parametrize("size", [(24, 24), (28, 28), (12, 16), (48, 64)], ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("channels", [1, 4])
def test_feature_dim_is_the_number_of_features(size, channels, architecture) -> None:
    trunk = StyleGAN2Discriminator((channels, *size), architecture=architecture, max_channels=4)
    features = trunk(torch.randn(2, channels, *size))
    features.square().sum().backward()
    assert features.shape == (2, trunk.feature_dim)
    assert all(torch.isfinite(p.grad).all() for p in trunk.parameters())


@pytest.mark.parametrize("batch", [1, 2, 3, 5, 8])
def test_every_batch_size_is_accepted(batch) -> None:
    trunk = StyleGAN2Discriminator((3, 12, 12), max_channels=4)
    assert torch.isfinite(trunk(torch.randn(batch, 3, 12, 12))).all()


def test_a_sample_is_scored_with_its_group_or_alone() -> None:
    images = torch.randn(4, 3, 8, 8)
    for group, alone in ((4, False), (1, True)):
        trunk = StyleGAN2Discriminator((3, 8, 8), max_channels=8, minibatch_group=group)
        same = torch.allclose(trunk(images)[:1], trunk(images[:1]), rtol=1e-4, atol=1e-6)
        assert same == alone


@architectures
def test_features_keep_the_scale_of_unit_inputs(architecture) -> None:
    trunk = StyleGAN2Discriminator((3, 32, 32), architecture=architecture, max_channels=64, minibatch_group=1)
    features = trunk(torch.randn(16, 3, 32, 32))
    # each layer keeps the variance; filtering white noise before a stride removes some of it
    assert 0.05 < features.square().sum(1).mean().item() < 2.0


def test_the_head_has_the_equalised_learning_rate() -> None:
    """The gradient of the head's raw weight is x / sqrt(F), as that of an equalised layer is."""
    trunk = StyleGAN2Discriminator((1, 8, 8), max_channels=16)
    last = []
    trunk.epilogue.register_forward_hook(lambda module, inputs, output: last.append(output))
    features = trunk(torch.randn(2, 1, 8, 8))
    torch.testing.assert_close(features, last[0] / 4)


@architectures
def test_gradient_terms_reach_every_weight_without_grouped_convolutions(architecture, groups) -> None:
    trunk = StyleGAN2Discriminator((3, 16, 16), architecture=architecture, max_channels=8)
    images = torch.randn(8, 3, 16, 16, requires_grad=True)
    with groups:
        (slope,) = torch.autograd.grad(trunk(images).sum(), images, create_graph=True)
        slope.square().sum().backward()
    assert set(groups.seen) == {1}
    for name, parameter in trunk.named_parameters():
        if "bias" not in name:
            assert torch.isfinite(parameter.grad).all()
            assert parameter.grad.abs().max() > 0


def test_second_derivatives_are_right() -> None:
    trunk = StyleGAN2Discriminator((1, 6, 6), max_channels=2).double()
    images = torch.randn(2, 1, 6, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: trunk(x).square().sum(), images)


def test_autocast_ends_in_float32() -> None:
    trunk = StyleGAN2Discriminator((3, 16, 16), max_channels=8)
    images = torch.randn(4, 3, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        features = trunk(images)
    assert features.dtype == torch.float32
    torch.testing.assert_close(features, trunk(images), rtol=0.1, atol=0.05)


def test_channels_last_computes_the_same() -> None:
    trunk, images = StyleGAN2Discriminator((3, 16, 16), max_channels=8), torch.randn(4, 3, 16, 16)
    expected = trunk(images)
    trunk.to(memory_format=torch.channels_last)
    torch.testing.assert_close(trunk(images.to(memory_format=torch.channels_last)), expected)
