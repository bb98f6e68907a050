import pytest
import torch
from ganzoo_spectral_norm.constraints import SpectralNorm
from ganzoo_spectral_norm.networks import DownBlock, SNGANDiscriminator, SNGANGenerator, UpBlock
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate

from ganzoo import BadSetting
from ganzoo.nn.heads import LinearHead
from ganzoo.nn.norm import BatchNorm

SIZES = [(24, 24), (28, 28), (32, 32), (48, 48), (96, 96), (24, 32), (48, 64)]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
channels = pytest.mark.parametrize("channels", [1, 3, 4])


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def make_generator(shape, width=1):
    return SNGANGenerator(shape, 0, LinearHead.norm, latent_dim=5, width=width)


def latents(count=3):
    return torch.randn(count, 5), torch.zeros(count, dtype=torch.int64)


def count(*modules):
    return sum(p.numel() for m in modules for p in m.parameters())


def assert_finite_gradients(module):
    assert all(torch.isfinite(p.grad).all() for p in module.parameters())


@sizes
@channels
def test_generator_makes_images_of_the_stated_shape(size, channels):
    shape = (channels, *size)
    generator = make_generator(shape)
    images = generator(*latents())
    images.square().mean().backward()
    assert images.shape == (3, *shape)
    assert images.abs().max() <= 1
    assert_finite_gradients(generator)


@sizes
@channels
def test_feature_dim_is_the_number_of_features(size, channels):
    discriminator = SNGANDiscriminator((channels, *size), width=1)
    features = discriminator(torch.randn(2, channels, *size))
    features.square().mean().backward()
    assert features.shape == (2, discriminator.feature_dim)
    assert_finite_gradients(discriminator)


def test_generator_output_is_bounded_for_all_weights():
    generator = make_generator((3, 32, 32))
    with torch.no_grad():
        generator.out.weight.mul_(1e6)
    assert generator(*latents())[0].abs().max() == 1


def test_features_are_sums_over_all_positions():
    discriminator, images = SNGANDiscriminator((3, 32, 32), width=2), torch.randn(2, 3, 32, 32)
    x = discriminator.first(images)
    for block in discriminator.blocks:
        x = block(x)
    torch.testing.assert_close(discriminator(images), x.clamp(min=0).flatten(2).sum(2))


def test_an_unsupported_size_is_refused():
    with pytest.raises(BadSetting, match="28"):
        SNGANDiscriminator((3, 27, 27))


def conv3(inputs, outputs):
    return 9 * inputs * outputs + outputs


def conv1(inputs, outputs):
    return inputs * outputs + outputs


def test_generator_has_the_published_size_at_32_pixels():
    block = 2 * conv3(256, 256) + conv1(256, 256) + 4 * 256
    expected = conv1(128, 4 * 4 * 256) + 3 * block + 2 * 256 + conv3(256, 3)
    generator = SNGANGenerator((3, 32, 32), 0, LinearHead.norm)
    assert count(generator) == expected == 4_276_739  # 4.28 M


def test_discriminator_has_the_published_size_at_32_pixels():
    first = conv3(3, 128) + conv3(128, 128) + conv1(3, 128)
    down, plain = 2 * conv3(128, 128) + conv1(128, 128), 2 * conv3(128, 128)
    discriminator = SNGANDiscriminator((3, 32, 32))
    head = LinearHead(discriminator.feature_dim)
    assert count(discriminator, head) == first + down + 2 * plain + 129 == 1_053_825  # 1.05 M


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        (32, [256, 256, 256, 256]),  # table 4
        (48, [512, 256, 128, 64]),  # table 5
        (64, [1024, 512, 256, 128, 64]),
        (128, [1024, 1024, 512, 256, 128, 64]),  # table 6
    ],
)
def test_generator_widths_are_the_published(size, widths):
    with torch.device("meta"):
        generator = SNGANGenerator((3, size, size), 0, LinearHead.norm)
    found = [generator.blocks[0].conv1.in_channels, *(block.conv1.out_channels for block in generator.blocks)]
    assert found == widths


@pytest.mark.parametrize(
    ("size", "widths", "left"),
    [
        (28, [128, 128, 128, 128], 7),
        (32, [128, 128, 128, 128], 8),  # table 4
        (48, [64, 128, 256, 512, 1024], 3),  # table 5
        (64, [64, 128, 256, 512, 1024], 4),
        (128, [64, 128, 256, 512, 1024, 1024], 4),  # table 6
    ],
)
def test_discriminator_widths_are_the_published(size, widths, left):
    with torch.device("meta"):
        discriminator = SNGANDiscriminator((3, size, size))
        x = discriminator.first(torch.empty(1, 3, size, size))
        for block in discriminator.blocks:
            x = block(x)
    found = [discriminator.first.conv2.out_channels, *(block.conv2.out_channels for block in discriminator.blocks)]
    assert found == widths
    assert x.shape[2:] == (left, left)
    assert isinstance(discriminator.blocks[-1].pool, nn.Identity)


def test_shortcut_before_upsampling_equals_the_published_order():
    block, x = UpBlock(4, 6, BatchNorm), torch.randn(2, 4, 5, 3)
    residual = block.conv1(interpolate(block.norm1(x).relu(), scale_factor=2))
    residual = block.conv2(block.norm2(residual).relu())
    torch.testing.assert_close(block(x, None), residual + block.shortcut(interpolate(x, scale_factor=2)))


def test_shortcut_after_the_mean_equals_the_published_order():
    block, x = DownBlock(4, 6, halve=True), torch.randn(2, 4, 6, 8)
    nn.init.normal_(block.shortcut.bias)
    residual = block.conv2(block.conv1(x.relu()).relu())
    torch.testing.assert_close(block(x), avg_pool2d(residual + block.shortcut(x), 2))


def test_an_even_block_without_halving_has_no_shortcut_weights():
    assert count(DownBlock(4, 4, halve=False)) == 2 * conv3(4, 4)


def test_weights_are_xavier_uniform():
    discriminator = SNGANDiscriminator((3, 32, 32), width=16)
    convolution = discriminator.blocks[0].conv1
    bound = (2 * 6 / (9 * (32 + 32))) ** 0.5
    assert convolution.weight.abs().max().item() == pytest.approx(bound, rel=0.01)
    assert (convolution.bias == 0).all()


def test_per_sample_is_true():
    discriminator, images = SNGANDiscriminator((1, 28, 28), width=2), torch.randn(4, 1, 28, 28)
    torch.testing.assert_close(discriminator(images[:1]), discriminator(images)[:1])


@pytest.mark.parametrize("normalised", [False, True])
def test_double_backward_is_finite_and_not_zero(normalised):
    discriminator, images = SNGANDiscriminator((3, 28, 28), width=2), torch.randn(2, 3, 28, 28, requires_grad=True)
    if normalised:
        SpectralNorm().prepare(discriminator)
    (slope,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
    slope.square().sum().backward()
    weights = [p for name, p in discriminator.named_parameters() if "bias" not in name]
    assert all(torch.isfinite(p.grad).all() and p.grad.abs().max() > 0 for p in weights)


def test_channels_last_computes_the_same():
    discriminator, images = SNGANDiscriminator((3, 32, 32), width=2), torch.randn(2, 3, 32, 32)
    expected = discriminator(images)
    discriminator.to(memory_format=torch.channels_last)
    torch.testing.assert_close(discriminator(images.to(memory_format=torch.channels_last)), expected)


def test_the_norm_gets_the_number_of_classes():
    asked = []

    def norm(num_features, num_classes):
        asked.append((num_features, num_classes))
        return BatchNorm(num_features)

    SNGANGenerator((1, 32, 32), 7, norm, width=1)
    assert asked == [(4, 7)] * 7


def test_state_dict_round_trip_is_exact():
    first, second = make_generator((3, 28, 28)), make_generator((3, 28, 28))
    z, y = latents()
    first(z, y)  # moves the running statistics
    second.load_state_dict(first.state_dict())
    assert torch.equal(first.eval()(z, y), second.eval()(z, y))


def test_the_generator_may_be_constrained_and_averaged():
    generator, constraint = make_generator((1, 24, 24)), SpectralNorm(players=("generator",))
    constraint.prepare(generator)
    images = generator(*latents())
    images.mean().backward()
    constraint.project(generator)
    assert_finite_gradients(generator)
