import pytest
import torch
from ganzoo_packing.networks import MaxoutDiscriminator, NormedGenerator

LABELS = torch.zeros(64, dtype=torch.int64)


def test_sizes_are_the_published_ones():
    generator, discriminator = NormedGenerator((2,)), MaxoutDiscriminator((4,))
    linear = [tuple(m.weight.shape) for m in generator.modules() if isinstance(m, torch.nn.Linear)]
    assert linear == [(400, 2), (400, 400), (400, 400), (400, 400), (2, 400)]
    assert [tuple(layer.weight.shape) for layer in discriminator.layers] == [(1000, 4), (1000, 200), (1000, 200)]
    assert discriminator.feature_dim == 200
    for module in (*generator.layers, *discriminator.layers):
        if isinstance(module, torch.nn.Linear):
            assert module.weight.std().item() == pytest.approx(0.02, rel=0.15)


def test_only_the_last_layer_of_the_generator_has_a_bias():
    biased = [m.bias is not None for m in NormedGenerator((2,)).layers if isinstance(m, torch.nn.Linear)]
    assert biased == [False, False, False, False, True]


def test_batch_norm_cancels_the_scale_of_the_latents():
    generator = NormedGenerator((2,), width=16, init=1.0).double().train()
    latents = 100 * torch.randn(64, 2, dtype=torch.float64)
    assert torch.allclose(generator(latents, LABELS), generator(7 * latents, LABELS), rtol=1e-3, atol=1e-3)


def test_a_maxout_unit_is_the_largest_of_its_pieces():
    discriminator = MaxoutDiscriminator((2,), width=3, depth=1, pieces=4, init=1.0)
    points = torch.randn(5, 2)
    linear = discriminator.layers[0](points)
    for unit in range(3):
        assert torch.equal(discriminator(points)[:, unit], linear[:, 4 * unit : 4 * unit + 4].max(1).values)


def test_maxout_is_convex_along_a_line():
    discriminator = MaxoutDiscriminator((2,), width=8, depth=1, init=1.0)
    a, b = torch.randn(2, 50, 2)
    assert (discriminator((a + b) / 2) <= (discriminator(a) + discriminator(b)) / 2 + 1e-5).all()
