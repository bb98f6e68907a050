from importlib import import_module

import pytest
from ganzoo_adaptive.plugin import ganzoo_components

from ganzoo import Component, DoesNotFit, Recipe
from ganzoo.assembly.build import assemble
from ganzoo.config.layers import Layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.registry.registry import load_registry

RECORDS = list(ganzoo_components())
AUGMENTATIONS = [r for r in RECORDS if isinstance(r, Component)]


@pytest.mark.parametrize("record", AUGMENTATIONS, ids=lambda r: r.name)
def test_paths_exist_and_records_name_their_paper(record):
    module, _, name = record.path.partition(":")
    assert hasattr(import_module(module), name)
    assert "arXiv" in record.reference
    assert len(record.summary) <= 80


@pytest.mark.parametrize("record", AUGMENTATIONS, ids=lambda r: r.name)
def test_points_are_refused(record):
    found = load_registry()
    config = resolve(found, Request("toy", (Layer("test", {"augmentation": (record.name,)}),)))
    with pytest.raises(DoesNotFit, match=f"augmentation '{record.name}' needs 'image'"):
        assemble(found, config)


RECIPES = {r.name: r for r in RECORDS if isinstance(r, Recipe)}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda r: r.name)
def test_recipes_use_ada_and_claim_no_score(recipe):
    assert recipe.components["augmentation"] == "ada"
    assert recipe.score == "unverified"


def test_the_recipe_for_small_data_has_the_papers_settings():
    """Karras et al. 2020, appendix C: R1 by the pixels, mirror images."""
    settings = RECIPES["stylegan2-ada"].settings
    assert settings["run.mirror"] is True
    assert (settings["term.r1.weight"], settings["term.r1.at_side"]) == (pytest.approx(0.0256), 64)
    assert_rates(settings, generator=4, discriminator=16)


def test_the_recipe_for_cifar_has_the_papers_settings():
    """Karras et al. 2020, appendix C: no path length, no mixing, no residual blocks, half-life of 500k images."""
    recipe, settings = RECIPES["stylegan2-cifar"], RECIPES["stylegan2-cifar"].settings
    assert recipe.components["term"] == ("ganzoo-losses:r1",)
    wanted = {"generator.depth": 2, "generator.style_mixing": 0.0, "discriminator.architecture": "orig",
              "discriminator.minibatch_group": 32, "term.r1.weight": 0.01, "term.r1.every": 16,
              "run.batch_size": 64, "run.ema_half_life": 500_000}  # fmt: skip
    assert {name: settings[name] for name in wanted} == wanted
    assert not {"term.r1.at_side", "run.mirror"} & settings.keys()
    assert_rates(settings, generator=4, discriminator=16)  # the published code corrects both, path length or not


def assert_rates(settings, **every):
    for player, lazy in every.items():
        share = lazy / (lazy + 1)
        assert settings[f"optimizer.{player}.lr"] == pytest.approx(0.0025 * share)
        assert settings[f"optimizer.{player}.beta1"] == 0.0
        assert settings[f"optimizer.{player}.beta2"] == pytest.approx(0.99**share)
