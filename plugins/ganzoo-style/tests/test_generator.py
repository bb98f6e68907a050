from __future__ import annotations

import pytest
import torch
from ganzoo_style.generator import StyleGAN2Generator

from ganzoo import BadSetting
from ganzoo.nn.ema import MovingAverage

SIZES = [(24, 24), (28, 28), (12, 16), (48, 64), (64, 64)]


@pytest.mark.parametrize(
    ("resolution", "channel_base", "depth", "parameters"),
    [(1024, 32768, 8, 30_370_060), (256, 16384, 8, 24_767_458), (32, 32768, 2, 19_947_539)],
)
def test_it_has_the_published_size(resolution, channel_base, depth, parameters) -> None:
    """The published counts are those of learned tensors: no fixed noise, running mean or filter is in them."""
    with torch.device("meta"):
        generator = StyleGAN2Generator((3, resolution, resolution), 0, channel_base=channel_base, depth=depth)
    assert sum(p.numel() for p in generator.parameters()) == parameters
    assert generator.num_styles == 2 * resolution.bit_length() - 4  # 18 at 1024 pixels


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("channels", [1, 4])
def test_it_makes_images_of_the_stated_shape(size, channels, tiny, latents) -> None:
    images = tiny((channels, *size)).eval()(*latents())
    assert images.shape == (3, channels, *size)
    assert images.abs().max() <= 1


def test_an_unsupported_size_is_refused(tiny) -> None:
    with pytest.raises(BadSetting, match="28"):
        tiny((3, 27, 27))


def test_calling_it_is_mapping_then_synthesis(tiny, latents) -> None:
    generator = tiny().eval()
    styles = generator.mapping(*latents())
    assert styles.shape == (3, generator.num_styles, generator.style_dim)
    assert torch.equal(styles, styles[:, :1].expand_as(styles))
    assert torch.equal(generator(*latents()), generator.synthesis(styles))


def test_styles_do_not_depend_on_the_length_of_a_latent(tiny, latents) -> None:
    z, y = latents()
    generator = tiny()
    torch.testing.assert_close(generator.mapping(7 * z, y), generator.mapping(z, y))


def test_the_style_depends_on_the_class(tiny, latents) -> None:
    generator, (z, y) = tiny(num_classes=3).eval(), latents()
    assert (generator.mapping(z, y) - generator.mapping(z, y + 1)).abs().amax((1, 2)).min() > 1e-2
    assert (generator(z, y) - generator(z, y + 1)).abs().amax((1, 2, 3)).min() > 1e-3


def train_styles(generator, z, y) -> torch.Tensor:
    """Return the styles that a training pass gives to the synthesis."""
    generator.synthesis = lambda styles: styles
    return generator.train()(z, y)


def test_mixing_takes_coarse_styles_from_one_latent_and_fine_ones_from_another(tiny, latents) -> None:
    generator, (z, y) = tiny(style_mixing=1.0), latents(64)
    own = generator.mapping(z, y)[:, :1]
    styles = train_styles(generator, z, y)
    replaced = (styles - own).abs().sum(2) > 1e-6
    start = (~replaced).sum(1)
    assert torch.equal(replaced, torch.arange(generator.num_styles) >= start[:, None])  # one change a sample
    assert set(start.tolist()) == set(range(1, generator.num_styles))  # at every layer behind the first
    for sample, layer in zip(styles, start, strict=True):
        assert torch.equal(sample[layer:], sample[-1:].expand_as(sample[layer:]))  # to one other latent


def test_mixed_styles_have_the_samples_own_class(tiny, latents) -> None:
    generator, (z, _) = tiny(num_classes=3, style_mixing=1.0), latents(64)
    labels = torch.arange(64) % 3
    generator.mapper.forward = lambda z, y: y[:, None] + z[:, :5].tanh() / 4
    styles = train_styles(generator, z, labels)
    assert (styles[:, 0] != styles[:, -1]).all()
    assert torch.equal(styles.round(), labels.float()[:, None, None].expand_as(styles))


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_stated_share_of_a_batch_is_mixed(share, tiny, latents) -> None:
    generator, (z, y) = tiny(style_mixing=share), latents(2000)
    styles = train_styles(generator, z, y)
    mixed = (styles[:, 0] - styles[:, -1]).abs().sum(1) > 1e-6
    assert mixed.float().mean().item() == pytest.approx(share, abs=0.03)


def test_each_training_pass_updates_the_mean_style_by_its_share(tiny, latents) -> None:
    generator, first, second = tiny(mean_decay=0.9), latents(4), latents(6)
    assert not generator.mean_style.any()
    one, other = (generator.mapping(*pass_)[:, 0].mean(0) for pass_ in (first, second))
    generator.train()(*first)
    torch.testing.assert_close(generator.mean_style, one)  # from the first pass on it is a mean of styles
    generator(*second)
    torch.testing.assert_close(generator.mean_style, (0.9 * one + other) / 1.9)


def test_the_mean_style_of_averaged_weights_is_a_mean_of_styles_too(tiny, latents) -> None:
    generator, passes = tiny(mean_decay=0.9), [latents(n) for n in (4, 5, 6)]
    average = MovingAverage(generator)
    for pass_ in passes:
        generator.train()(*pass_)
        average.update(0.5)
    means = torch.stack([generator.mapping(*pass_)[:, 0].mean(0).detach() for pass_ in passes])
    weights = torch.linalg.lstsq(means.T, average.module.mean_style[:, None]).solution
    assert float(weights.sum()) == pytest.approx(1, abs=1e-4)
    assert (weights > 0).all()


def test_the_mean_style_converges_and_does_not_change_in_evaluation(tiny, latents) -> None:
    generator = tiny((1, 6, 6), style_mixing=0.0, mean_decay=0.9)
    for _ in range(50):
        generator.train()(*latents())
    converged = generator.mean_style.clone()
    generator.eval()(*latents())
    generator.train().mapping(*latents())
    assert torch.equal(generator.mean_style, converged)
    expected = generator.mapping(*latents())[:, 0].mean(0)
    torch.testing.assert_close(converged, expected, rtol=0.01, atol=0.01)


def test_full_truncation_makes_the_mean_image_of_every_latent(tiny, latents) -> None:
    generator = tiny()
    generator.train()(*latents(8))
    styles = generator.eval().mapping(*latents())
    images = generator.synthesis(torch.lerp(generator.mean_style, styles, 0.0))
    torch.testing.assert_close(images, images[:1].expand_as(images))


def test_images_are_unbounded_in_training_and_clamped_in_evaluation(tiny, latents) -> None:
    generator = tiny()
    with torch.no_grad():
        generator.synthesizer.to_images[-1].bias.fill_(5.0)
    assert generator.train()(*latents()).max() > 1
    assert generator.eval()(*latents()).max() == 1
    generator.bound = "tanh"
    assert generator.train()(*latents()).max() < 1


def strengthen_noise(generator) -> StyleGAN2Generator:
    """Set the strength of the noise to 1; it starts at 0."""
    with torch.no_grad():
        for conv in generator.synthesizer.convs:
            conv.strength.fill_(1.0)
    return generator


def test_noise_is_drawn_in_training_and_fixed_in_evaluation(tiny, latents) -> None:
    generator = strengthen_noise(tiny(style_mixing=0.0))
    first, second = (generator.train()(*latents()) for _ in range(2))
    assert (first - second).abs().max() > 1e-2
    first, second = (generator.eval()(*latents()) for _ in range(2))
    assert torch.equal(first, second)


def test_noise_can_be_passed_and_follows_its_seed(tiny, latents) -> None:
    generator = strengthen_noise(tiny()).eval()
    styles = generator.mapping(*latents())
    one, again, other = (generator.synthesis(styles, generator.make_noise(seed)) for seed in (3, 3, 4))
    assert torch.equal(one, again)
    assert (one - other).abs().max() > 1e-2
    assert [noise.shape[2:] for noise in generator.make_noise(3)] == [(4, 4), (8, 8), (8, 8), (16, 16), (16, 16)]


def test_without_noise_training_is_deterministic(tiny, latents) -> None:
    generator = tiny(noise=False, style_mixing=0.0).train()
    assert generator.make_noise(0) == ()
    assert torch.equal(generator(*latents()), generator(*latents()))


def test_first_images_have_no_flat_layers(tiny, latents) -> None:
    images = tiny((3, 64, 64), max_channels=32).eval()(*latents(8))
    assert 0.1 < images.std().item() < 0.95


def test_autocast_trains_with_images_in_float32(tiny, latents) -> None:
    generator = tiny().train()
    with torch.autocast("cpu", torch.bfloat16):
        images = generator(*latents())
    images.square().mean().backward()
    assert images.dtype == torch.float32
    assert all(torch.isfinite(p.grad).all() for p in generator.parameters())


def test_channels_last_computes_the_same(tiny, latents) -> None:
    generator = tiny().eval()
    expected = generator(*latents())
    torch.testing.assert_close(generator.to(memory_format=torch.channels_last)(*latents()), expected)


@pytest.mark.parametrize("num_classes", [0, 3])
def test_it_exports_with_a_dynamic_batch(num_classes, tiny, latents) -> None:
    generator = tiny((3, 8, 8), num_classes).eval()
    batch = torch.export.Dim("batch")
    program = torch.export.export(generator, latents(2), dynamic_shapes=({0: batch}, {0: batch}))
    for count in (1, 2, 5):
        torch.testing.assert_close(program.module()(*latents(count)), generator(*latents(count)))
