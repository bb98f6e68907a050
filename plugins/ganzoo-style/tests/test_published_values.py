"""The numbers of the paper, where nothing else would notice another: Karras et al. 2020, section 4 and appendix B."""

import inspect
import math

import pytest
import torch
from ganzoo_style.discriminator import StyleGAN2Discriminator
from ganzoo_style.generator import StyleGAN2Generator
from ganzoo_style.mapping import Mapping
from ganzoo_style.path_length import PathLength
from ganzoo_style.plugin import ganzoo_components

from ganzoo.specs import Recipe

RECIPES = {record.name: record for record in ganzoo_components() if isinstance(record, Recipe)}


@pytest.mark.parametrize(
    ("part", "values"),
    [
        (StyleGAN2Generator, {"latent_dim": 512, "style_dim": 512, "depth": 8, "channel_base": 32768,
                              "max_channels": 512, "style_mixing": 0.9, "mean_decay": 0.995, "noise": True}),
        (StyleGAN2Discriminator, {"architecture": "residual", "channel_base": 32768, "max_channels": 512,
                                  "minibatch_group": 4}),
        (PathLength, {"weight": 2.0, "every": 4, "decay": 0.01, "batch_shrink": 2}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_a_parts_defaults_are_the_papers(part, values):
    parameters = inspect.signature(part).parameters
    assert {name: parameters[name].default for name in values} == values


def test_configuration_f():
    settings = RECIPES["stylegan2"].settings
    assert (settings["penalty.r1.weight"], settings["penalty.r1.every"]) == (10.0, 16)
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


def test_the_mapping_sees_latents_and_classes_alike():
    mapping = Mapping(8, 16, 1, 3)
    with torch.no_grad():
        before = mapping(torch.ones(2, 8), torch.tensor([0, 1]))
        mapping.embed.weight.mul_(7)
        torch.testing.assert_close(mapping(5 * torch.ones(2, 8), torch.tensor([0, 1])), before, atol=1e-4, rtol=1e-4)
