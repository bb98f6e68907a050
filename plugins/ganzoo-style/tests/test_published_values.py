"""Numbers of the paper that no other test checks: Karras et al. 2020, section 4 and appendix B."""

import inspect
import math

import pytest
import torch
from ganzoo_style.discriminator import PlainBlock, ResidualBlock, StyleGAN2Discriminator
from ganzoo_style.generator import StyleGAN2Generator
from ganzoo_style.mapping import Mapping
from ganzoo_style.path_length import PathLength
from ganzoo_style.plugin import ganzoo_components
from ganzoo_style.synthesis import StyledConv, Synthesis, ToImage

from ganzoo import Recipe

RECIPES = {record.name: record for record in ganzoo_components() if isinstance(record, Recipe)}


@pytest.mark.parametrize(
    ("component", "values"),
    [
        (StyleGAN2Generator, {"latent_dim": 512, "style_dim": 512, "depth": 8, "channel_base": 32768,
                              "max_channels": 512, "style_mixing": 0.9, "mean_decay": 0.995, "noise": True}),
        (StyleGAN2Discriminator, {"architecture": "residual", "channel_base": 32768, "max_channels": 512,
                                  "minibatch_group": 4}),
        (PathLength, {"weight": 2.0, "every": 4, "decay": 0.01, "batch_shrink": 2}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_defaults_are_the_papers(component, values):
    parameters = inspect.signature(component).parameters
    assert {name: parameters[name].default for name in values} == values


def test_configuration_f():
    settings = RECIPES["stylegan2"].settings
    assert (settings["term.r1.weight"], settings["term.r1.every"]) == (10.0, 16)
    assert (settings["run.batch_size"], settings["run.ema_half_life"], settings["run.mirror"]) == (32, 10_000, True)
    for player, every in (("generator", 4), ("discriminator", 16)):
        share = every / (every + 1)
        assert settings[f"optimizer.{player}.lr"] == pytest.approx(0.002 * share)
        assert settings[f"optimizer.{player}.beta1"] == 0.0
        assert settings[f"optimizer.{player}.beta2"] == pytest.approx(0.99**share)


def test_the_mapping_learns_a_hundredth_as_fast():
    """Its weights are kept a hundred times as large as what the layer computes with."""
    layer = Mapping(512, 512, 8, 0).layers[0]
    assert float(layer.parametrizations.weight.original.detach().std()) == pytest.approx(100, rel=0.02)
    assert float(layer.weight.detach().std()) == pytest.approx(1 / math.sqrt(512), rel=0.02)


def test_the_mapping_normalises_latents_and_classes_alike():
    mapping = Mapping(8, 16, 1, 3)
    with torch.no_grad():
        before = mapping(torch.ones(2, 8), torch.tensor([0, 1]))
        mapping.embed.weight.mul_(7)
        torch.testing.assert_close(mapping(5 * torch.ones(2, 8), torch.tensor([0, 1])), before, atol=1e-4, rtol=1e-4)


def test_a_residual_block_divides_the_sum_of_its_branches():
    """Karras et al. 2020, section 4.1: the sum is divided by the root of two."""
    block, x = ResidualBlock(4, 6, (8, 8)), torch.randn(3, 4, 8, 8)
    with torch.no_grad():
        total = PlainBlock.forward(block, x) + block.shortcut(block.downsample(x))
        torch.testing.assert_close(block(x), total / math.sqrt(2))


def test_scales_of_the_image_are_not_demodulated():
    """Section 2.2: demodulation removes the style's scale, except in the layer to the image."""
    made = {}
    for name, layer in {"map": StyledConv(8, 3, (4, 4), 5, noise=False), "image": ToImage(8, 3, 5)}.items():
        x = torch.randn(2, 8, 4, 4)
        with torch.no_grad():
            layer.affine.bias.fill_(1.0)
            layer.affine.parametrizations.weight.original.zero_()
            once = layer(x, torch.ones(2, 5)) if name == "image" else layer(x, torch.ones(2, 5), None)
            layer.affine.bias.fill_(3.0)
            thrice = layer(x, torch.ones(2, 5)) if name == "image" else layer(x, torch.ones(2, 5), None)
            made[name] = (thrice / once).median().item()
    assert made["map"] == pytest.approx(1.0, abs=1e-3)
    assert made["image"] == pytest.approx(3.0, abs=1e-3)


def test_an_untrained_style_scales_by_one():
    """Appendix B: biases of the affine layers begin at 1."""
    network = Synthesis([(4, 4), (8, 8)], [6, 4], 3, 5, noise=True)
    for layer in [*network.convs, *network.to_images]:
        torch.testing.assert_close(layer.affine(torch.zeros(1, 5)), torch.ones(1, layer.affine.out_features))


def test_each_layer_uses_its_own_style_and_each_image_layer_the_next():
    """Figure 2: of L = 2 log2(size) - 2 styles each size uses two, and its image layer the first of the next size."""
    network = Synthesis([(4, 4), (8, 8), (16, 16)], [6, 5, 4], 3, 5, noise=True)
    taken = {}
    for kind, layers in (("map", network.convs), ("image", network.to_images)):
        for number, layer in enumerate(layers):
            layer.register_forward_pre_hook(
                lambda _, words, key=(kind, number): taken.update({key: int(words[1][0, 0])})
            )
    styles = torch.arange(network.num_styles, dtype=torch.float32)[None, :, None].expand(1, -1, 5)
    with torch.no_grad():
        network(styles, None)
    assert [taken["map", number] for number in range(5)] == [0, 1, 2, 3, 4]
    assert [taken["image", number] for number in range(3)] == [1, 3, 5]


def test_an_upsampling_layer_keeps_the_scale_of_its_input():
    """The filter after a transposed convolution compensates for the zeros between its values."""
    layer = StyledConv(64, 64, (32, 32), 5, doubles=True, noise=False)
    x = torch.ones(4, 64, 16, 16) * torch.randn(4, 64, 1, 1)
    with torch.no_grad():
        inside = layer.smooth(layer.conv(x, torch.ones(4, 64)))[..., 8:-8, 8:-8]
    assert float(inside.square().mean().sqrt()) == pytest.approx(
        float(StyledConv(64, 64, (16, 16), 5, noise=False).conv(x, torch.ones(4, 64)).detach()[..., 4:-4, 4:-4]
              .square().mean().sqrt()), rel=0.25)  # fmt: skip
