from types import SimpleNamespace

import pytest
import torch
from ganzoo_metrics.style_diversity import StyleDiversity


class Painter:
    """Three layers, a pixel each: coarse, middle, fine; ``disabled`` layers have no effect."""

    latent_dim = style_dim = 1
    num_styles = 3

    def __init__(self, disabled=()):
        self.enabled = torch.tensor([0.0 if layer in disabled else 1.0 for layer in range(3)])

    def mapping(self, latents, labels):
        return (latents + labels[:, None]).unsqueeze(1).repeat(1, 3, 1)

    def synthesis(self, styles, noise=None):
        return (styles * self.enabled[:, None]).unsqueeze(1)


def inputs(generator, labels=None):
    features = SimpleNamespace(dim=3, name="flat")
    flat = type("Flat", (), {"__call__": lambda self, x: x.flatten(1), **vars(features)})()
    return SimpleNamespace(
        generator=generator, features=flat, device=torch.device("cpu"), num_classes=0,
        fake=SimpleNamespace(labels=torch.zeros(10, dtype=torch.int64) if labels is None else labels),
        make_rng=lambda name: torch.Generator().manual_seed(0),
    )  # fmt: skip


def values(generator, pairs=4000):
    return {name: metric_value.value for name, metric_value in StyleDiversity(pairs=pairs)(inputs(generator)).items()}


def test_by_hand():
    """Each of two standard normal layers differs by a variance of 2, the one coarse layer too."""
    found = values(Painter())
    assert found["style_diversity"] == pytest.approx(4, rel=0.08)
    assert found["content_diversity"] == pytest.approx(2, rel=0.08)
    assert found["style_share"] == pytest.approx(2 / 3, abs=0.02)


def test_fine_layers_without_effect_give_no_style_diversity():
    found = values(Painter(disabled=(1, 2)), pairs=50)
    assert (found["style_diversity"], found["style_share"]) == (0, 0)
    assert found["content_diversity"] > 0.5


def test_coarse_layers_without_effect_give_a_style_share_of_one():
    assert values(Painter(disabled=(0,)), pairs=50)["style_share"] == 1


def test_a_generator_that_makes_one_sample_has_no_diversity():
    assert set(values(Painter(disabled=(0, 1, 2)), pairs=8).values()) == {0.0}


def test_the_error_is_that_of_the_mean():
    small, large = (StyleDiversity(pairs=n)(inputs(Painter()))["style_diversity"].error for n in (250, 4000))
    assert small / large == pytest.approx(4, rel=0.2)
