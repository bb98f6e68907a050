import pytest
import torch
from ganzoo_r3.blocks import Bottleneck
from ganzoo_r3.networks import R3GANDiscriminator, R3GANGenerator
from torch._subclasses.fake_tensor import FakeTensorMode

from ganzoo import BadSetting
from ganzoo.nn.heads import LinearHead

SIZES = [(24, 24), (28, 28), (32, 32), (20, 20), (64, 64), (24, 32), (56, 40)]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
channels = pytest.mark.parametrize("channels", [1, 3, 4])


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def count(*modules):
    return sum(p.numel() for m in modules for p in m.parameters())


def latents(number=3, dim=5):
    return torch.randn(number, dim), torch.arange(number)


def perturb(module, scale=0.3):
    """Perturb every weight, so that weights that start at zero count."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(scale * torch.randn_like(parameter))
    return module


def block_weights(width, kernels=9 * 16):
    """Count the weights of a block: two 1x1, a grouped 3x3, and the biases of two of the three."""
    return 2 * width * 2 * width + 2 * width * kernels + 2 * 2 * width


def test_parameters_at_the_cifar_configuration():
    with torch.device("meta"):
        generator, discriminator = R3GANGenerator((3, 32, 32), 10), R3GANDiscriminator((3, 32, 32), 10)
    blocks, basis = 4 * 2 * block_weights(768), 768 * 4 * 4
    assert count(generator) == blocks + basis + 128 * 768 + 10 * 64 + 768 * 3 + 3 == 20_781_955  # 20.8 M
    embedding = 10 * 768  # of the projection head
    assert count(discriminator) == blocks + basis + 768 * 768 + 3 * 768 + 768 == 21_273_600
    assert (count(discriminator) + embedding) / 1e6 == pytest.approx(21.3, abs=0.05)


def test_parameters_without_classes():
    with torch.device("meta"):
        generator, discriminator = R3GANGenerator((3, 32, 32), 0), R3GANDiscriminator((3, 32, 32), 0)
        assert count(generator) == 20_781_955 - 64 * 768 - 10 * 64
        assert count(discriminator, LinearHead(discriminator.feature_dim)) == 21_273_600 - 768 * 768 + 769


def test_parameters_at_64_pixels():
    with torch.device("meta"):
        generator, discriminator = R3GANGenerator((3, 64, 64), 0), R3GANDiscriminator((3, 64, 64), 0)
    more = 2 * block_weights(384) + 768 * 384  # a stage half as wide, and its change of channels
    assert count(generator) == 20_732_163 + more - 3 * 384
    assert count(discriminator) == 20_683_776 + more - 4 * 384


@sizes
@channels
@pytest.mark.parametrize("classes", [0, 3])
def test_generator_makes_images_of_the_stated_shape(size, channels, classes):
    generator = R3GANGenerator((channels, *size), classes, latent_dim=5, width=2, blocks=1)
    images = generator.eval()(*latents())
    assert images.shape == (3, channels, *size)
    assert images.abs().max() <= 1


@sizes
@channels
@pytest.mark.parametrize("classes", [0, 3])
def test_feature_dim_is_the_number_of_features(size, channels, classes):
    discriminator = R3GANDiscriminator((channels, *size), classes, width=3, blocks=1)
    assert discriminator(torch.randn(2, channels, *size)).shape == (2, discriminator.feature_dim)


def test_an_unsupported_size_is_refused():
    with pytest.raises(BadSetting, match="28"):
        R3GANGenerator((3, 27, 27), 0)
    with pytest.raises(BadSetting, match="28"):
        R3GANDiscriminator((3, 27, 27), 0)


def test_first_outputs_do_not_depend_on_depth():
    """Each residual branch starts at zero, so networks with one and with eight blocks per stage compute the same."""
    images, z = torch.randn(4, 3, 32, 32), latents(4)
    found = []
    for blocks in (1, 8):
        torch.manual_seed(1)
        generator = R3GANGenerator((3, 32, 32), 0, latent_dim=5, width=8, blocks=blocks)
        discriminator = R3GANDiscriminator((3, 32, 32), 0, width=8, blocks=blocks)
        same = {"dense", "basis", "out", "first"}
        for network in (generator, discriminator):
            for name, parameter in network.named_parameters():
                if name.partition(".")[0] in same:
                    torch.manual_seed(len(name))
                    torch.nn.init.normal_(parameter)
        found.append((generator(*z), discriminator(images)))
    assert torch.equal(found[0][0], found[1][0])
    assert torch.equal(found[0][1], found[1][1])


def test_first_variance_is_of_order_one():
    generator, discriminator = (
        make((3, 24, 24), 0, width=128, blocks=1) for make in (R3GANGenerator, R3GANDiscriminator)
    )
    z, _ = latents(32, 64)
    base = generator.basis * generator.dense(z)[..., None, None]
    assert base.var().item() == pytest.approx(1.0, rel=0.1)
    assert 0.1 < generator(z, None).var().item() < 1
    assert 0.1 < discriminator(torch.randn(32, 3, 1, 1).expand(-1, -1, 24, 24)).var().item() < 2


def test_initial_weights_depend_on_the_number_of_blocks():
    torch.manual_seed(0)
    generator = R3GANGenerator((3, 32, 32), 0, width=64, blocks=3)
    deep = [m for m in generator.modules() if isinstance(m, Bottleneck)]
    assert len(deep) == 4 * 3
    shallow = Bottleneck(64, 1)
    ratio = deep[0].mix.weight.std() / shallow.mix.weight.std()
    assert ratio.item() == pytest.approx(12**-0.25, rel=0.05)


def test_the_latent_weights_the_basis():
    generator = R3GANGenerator((3, 32, 32), 0, latent_dim=5, width=4)
    z, y = latents(2)
    torch.testing.assert_close(
        generator(torch.zeros_like(z), y), generator.out.bias[:, None, None].expand(2, 3, 32, 32)
    )
    far = perturb(generator)(z, y)
    assert not torch.equal(far[0], far[1])


def test_samples_depend_on_the_class_if_there_are_classes():
    generator = R3GANGenerator((1, 28, 28), 3, latent_dim=5, width=4)
    z, y = latents()
    assert not torch.equal(generator(z, y), generator(z, (y + 1) % 3))
    assert generator.embed.weight.shape == (3, 5)
    assert R3GANGenerator((1, 28, 28), 0, width=4).embed is None


def test_class_embeddings_have_variance_1_over_k():
    """As a linear map of one-hot codes of K classes, drawn with variance 1 / K."""
    for classes in (4, 100):
        embedding = R3GANGenerator((1, 24, 24), classes, latent_dim=512, width=4).embed
        assert embedding.weight.std().item() == pytest.approx(classes**-0.5, rel=0.05)


def test_output_is_clamped_in_evaluation_and_unbounded_in_training():
    """Clamped in training, an overshoot would get no gradient."""
    generator = R3GANGenerator((3, 24, 24), 0, latent_dim=5, width=4)
    with torch.no_grad():
        generator.out.bias.fill_(7.3)
    assert generator.train()(*latents()).max() > 7
    images = generator.eval()(*latents())
    assert torch.equal(images, torch.ones_like(images))


def test_inside_the_range_the_output_is_linear():
    generator = R3GANGenerator((3, 24, 24), 0, latent_dim=5, width=4)
    z, y = latents()
    generator.stages.register_forward_hook(lambda module, inputs, output: 0.05 * output)
    torch.testing.assert_close(generator(0.1 * z, y), 0.1 * generator(z, y))


def test_the_basis_of_the_discriminator_is_a_depthwise_convolution():
    discriminator, images = perturb(R3GANDiscriminator((3, 24, 40), 0, width=4)), torch.randn(2, 3, 24, 40)
    x = discriminator.stages(discriminator.first(images))
    torch.testing.assert_close(discriminator(images), discriminator.basis(x).flatten(1), rtol=1e-4, atol=1e-4)


def test_per_sample_is_true():
    discriminator, images = perturb(R3GANDiscriminator((1, 28, 28), 3, width=4)), torch.randn(4, 1, 28, 28)
    torch.testing.assert_close(discriminator(images[:1]), discriminator(images)[:1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("classes", [0, 3])
def test_double_backward_reaches_every_weight(classes):
    discriminator = perturb(R3GANDiscriminator((3, 28, 28), classes, width=8, blocks=1))
    images = torch.randn(2, 3, 28, 28, requires_grad=True)
    (slope,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
    slope.square().sum().backward()
    weights = {name: p for name, p in discriminator.named_parameters() if "bias" not in name}
    assert all(torch.isfinite(p.grad).all() and p.grad.abs().max() > 0 for p in weights.values())


def test_second_derivatives_are_right():
    discriminator = perturb(R3GANDiscriminator((1, 6, 6), 0, width=2, blocks=1)).double()
    images = torch.randn(2, 1, 6, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(discriminator, images, atol=1e-4)


@pytest.mark.parametrize("classes", [0, 3])
def test_generator_exports_with_a_dynamic_batch(classes):
    generator = perturb(R3GANGenerator((3, 24, 24), classes, latent_dim=5, width=4, blocks=1), 0.1).eval()
    batch = torch.export.Dim("batch", min=1)
    program = torch.export.export(generator, latents(2), dynamic_shapes=({0: batch}, {0: batch}))
    for number in (1, 3):
        inputs = latents(number)
        torch.testing.assert_close(program.module()(*inputs), generator(*inputs))


def test_channels_last_computes_the_same():
    discriminator, images = perturb(R3GANDiscriminator((3, 32, 32), 0, width=4), 0.1), torch.randn(2, 3, 32, 32)
    expected = discriminator(images)
    discriminator.to(memory_format=torch.channels_last)
    torch.testing.assert_close(discriminator(images.contiguous(memory_format=torch.channels_last)), expected)


def test_state_dict_round_trip_is_exact():
    first, second = (R3GANGenerator((3, 28, 28), 3, latent_dim=5, width=4) for _ in range(2))
    second.load_state_dict(perturb(first).state_dict())
    z, y = latents()
    assert torch.equal(first(z, y), second(z, y))


def test_reads_nothing_on_the_host():
    with FakeTensorMode():  # a fake tensor has no value to read
        generator, discriminator = R3GANGenerator((3, 24, 24), 3, width=4), R3GANDiscriminator((3, 24, 24), 3, width=4)
        images = generator(torch.empty(2, 64), torch.empty(2, dtype=torch.int64))
        discriminator(images).sum().backward()
