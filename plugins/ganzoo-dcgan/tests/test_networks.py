import pytest
import torch
from ganzoo_dcgan.networks import DCGANDiscriminator, DCGANGenerator
from torch import nn

from ganzoo import BadSetting
from ganzoo.nn.heads import LinearHead

SIZES = [(24, 24), (28, 28), (32, 32), (48, 48), (96, 96), (24, 32)]
NORMS = ["batch", "layer", "instance", "none"]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
channels = pytest.mark.parametrize("channels", [1, 3, 4])


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def make_generator(shape, width=2):
    return DCGANGenerator(shape, 0, LinearHead.norm, latent_dim=5, width=width)


def count(*modules):
    return sum(p.numel() for m in modules for p in m.parameters())


def assert_finite_gradients(module):
    assert all(torch.isfinite(p.grad).all() for p in module.parameters())


@sizes
@channels
def test_generator_makes_images_of_the_stated_shape(size, channels):
    shape = (channels, *size)
    generator = make_generator(shape)
    images = generator(torch.randn(3, 5), torch.zeros(3, dtype=torch.int64))
    images.square().mean().backward()
    assert images.shape == (3, *shape)
    assert images.abs().max() <= 1
    assert_finite_gradients(generator)


@sizes
@channels
def test_feature_dim_is_the_number_of_features(size, channels):
    discriminator = DCGANDiscriminator((channels, *size), width=2)
    features = discriminator(torch.randn(3, channels, *size))
    features.square().mean().backward()
    assert features.shape == (3, discriminator.feature_dim)
    assert_finite_gradients(discriminator)


def test_generator_output_is_bounded_for_all_weights():
    generator = make_generator((3, 32, 32))
    with torch.no_grad():
        generator.ups[-1].weight.mul_(1e6)
    images = generator(torch.randn(4, 5), torch.zeros(4, dtype=torch.int64))
    assert images.abs().max() == 1


def test_an_unsupported_size_is_refused_with_the_nearest():
    with pytest.raises(BadSetting, match="28"):
        DCGANDiscriminator((3, 27, 27))
    with pytest.raises(BadSetting, match="28"):
        make_generator((3, 27, 27))


def test_generator_has_the_papers_size_at_64_pixels():
    linear, norms = 100 * 512 * 4 * 4, 2 * (512 + 256 + 128 + 64)
    convolutions = 4 * 4 * (512 * 256 + 256 * 128 + 128 * 64 + 64 * 3) + 3
    assert count(DCGANGenerator((3, 64, 64), 0, LinearHead.norm)) == linear + norms + convolutions == 3_576_707


def test_discriminator_has_the_papers_size_at_64_pixels():
    convolutions = 4 * 4 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512) + 64
    norms, linear = 2 * (128 + 256 + 512), 512 * 4 * 4 + 1
    trunk = DCGANDiscriminator((3, 64, 64))
    assert count(trunk, LinearHead(trunk.feature_dim)) == convolutions + norms + linear == 2_765_633


@pytest.mark.parametrize("norm", NORMS)
def test_exactly_the_declared_norms_are_per_sample(norm):
    discriminator = DCGANDiscriminator((1, 28, 28), width=2, norm=norm)
    images = torch.randn(4, 1, 28, 28)
    alone, among = discriminator(images[:2])[:1], discriminator(images)[:1]
    assert torch.allclose(alone, among, atol=1e-6) == (norm != "batch")


@pytest.mark.parametrize("norm", ["layer", "instance", "none"])
def test_double_backward_is_finite_and_not_zero(norm):
    discriminator = DCGANDiscriminator((3, 28, 28), width=2, norm=norm)
    images = torch.randn(2, 3, 28, 28, requires_grad=True)
    (slope,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
    slope.square().sum().backward()
    assert discriminator.downs[0].weight.grad.abs().max() > 0
    assert torch.isfinite(discriminator.downs[0].weight.grad).all()


def test_initial_weights_are_the_papers():
    generator = make_generator((3, 32, 32), width=32)
    assert generator.ups[0].weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert generator.norms[0].weight.mean().item() == pytest.approx(1.0, abs=0.01)


def test_channels_last_computes_the_same():
    discriminator = DCGANDiscriminator((3, 32, 32), width=4)
    images = torch.randn(4, 3, 32, 32)
    expected = discriminator(images)
    discriminator.to(memory_format=torch.channels_last)
    torch.testing.assert_close(discriminator(images.to(memory_format=torch.channels_last)), expected)


def test_state_dict_round_trip_is_exact():
    first, second = make_generator((3, 28, 28)), make_generator((3, 28, 28))
    z, y = torch.randn(3, 5), torch.zeros(3, dtype=torch.int64)
    first(z, y)  # moves the running statistics
    second.load_state_dict(first.state_dict())
    assert torch.equal(first.eval()(z, y), second.eval()(z, y))


def test_the_norm_gets_the_number_of_classes():
    asked = []

    def norm(num_features, num_classes):
        asked.append((num_features, num_classes))
        return LinearHead.norm(num_features, num_classes)

    generator = DCGANGenerator((1, 32, 32), 7, norm, width=2)
    assert asked == [(8, 7), (4, 7), (2, 7)]
    assert isinstance(generator.norms[0], nn.BatchNorm2d)
