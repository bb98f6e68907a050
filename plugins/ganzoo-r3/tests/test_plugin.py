from importlib import import_module

import pytest
from ganzoo_r3.plugin import ganzoo_components

from ganzoo import Component, Recipe
from ganzoo.components.schedules.ramps import TermWeight
from ganzoo.config.parameters import read_parameters

RECORDS = list(ganzoo_components())
COMPONENTS = [r for r in RECORDS if isinstance(r, Component)]
RECIPES = {r.name: r for r in RECORDS if isinstance(r, Recipe)}
recipes = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


@pytest.mark.parametrize("record", COMPONENTS, ids=lambda r: f"{r.kind}-{r.name}")
def test_paths_exist(record):
    module, _, name = record.path.partition(":")
    assert hasattr(import_module(module), name)


@recipes
def test_recipes_use_the_published_components(recipe):
    assert recipe.components["loss"] == "ganzoo-losses:relativistic-pairing"
    assert recipe.components["term"] == ("ganzoo-losses:r1", "ganzoo-losses:r2")
    assert recipe.score == "unverified"
    assert {f"schedule.{name}.over" for name in recipe.components["schedule"]} <= recipe.settings.keys()


@recipes
def test_both_players_learn_without_a_first_moment(recipe):
    for player in ("generator", "discriminator"):
        assert recipe.settings[f"optimizer.{player}.beta1"] == 0.0
        assert recipe.settings[f"optimizer.{player}.beta2"] == 0.9
    assert recipe.settings["schedule.beta2.end"] == 0.99


@pytest.mark.parametrize(
    ("name", "batch", "gamma", "half_life", "augmented"),
    [("r3gan", 512, (0.05, 0.005), 5_000_000, 0.55), ("r3gan-64", 256, (2.0, 0.2), 500_000, 0.3)],
)
def test_published_values(name, batch, gamma, half_life, augmented):
    settings = RECIPES[name].settings
    assert settings["schedule.augmentation-probability.end"] == augmented
    assert settings["augmentation.ada.groups"] == ("blit", "geometry", "colour", "cutout")
    assert settings["augmentation.ada.colour_share"] == 0.5
    assert settings["run.batch_size"] == batch
    assert settings["schedule.ema-half-life.end"] == half_life
    assert {settings[f"term.{p}.weight"] for p in ("r1", "r2")} == {gamma[0]}
    schedule = TermWeight(end=settings["schedule.term-weight.end"], over=settings["schedule.term-weight.over"])
    assert schedule.value(20_000_000, gamma[0]) == gamma[1]
    rates = {settings[f"optimizer.{p}.lr"] for p in ("generator", "discriminator")}
    assert (rates, settings["schedule.learning-rate.end"]) == ({2e-4}, 5e-5)


def test_the_small_recipes_schedules_last_its_whole_run():
    settings = RECIPES["r3gan-small"].settings
    overs = {value for path, value in settings.items() if path.endswith(".over")}
    assert overs == {settings["run.images"]}


def test_only_the_schedule_ramps_the_half_life():
    """``run.ema_rampup`` would cap the half-life at a share of the images seen; the schedule must stay below."""
    for recipe in RECIPES.values():
        assert recipe.settings["run.ema_rampup"] == 1.0
        assert recipe.settings["schedule.ema-half-life.end"] <= recipe.settings["schedule.ema-half-life.over"]


def test_sizes_have_names_that_the_conformance_kit_can_shrink():
    for record in COMPONENTS:
        module, _, name = record.path.partition(":")
        assert {"width", "blocks"} <= read_parameters(getattr(import_module(module), name)).keys()


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_network_in_another_recipe_recommends_its_published_rate(player):
    """StyleGAN2's rate, for equalised weights, is more than ten times too high."""
    from ganzoo.config.layers import COMMAND_LINE, Layer
    from ganzoo.config.resolution import Request, resolve
    from ganzoo.registry.registry import load_registry

    found = load_registry()
    config = resolve(found, Request("stylegan2", (Layer(COMMAND_LINE, {player: ("r3gan",)}),)))
    other = {"generator": "discriminator", "discriminator": "generator"}[player]
    assert [config[f"optimizer.{player}.{name}"] for name in ("lr", "beta1", "beta2")] == [2e-4, 0.0, 0.9]
    assert config[f"optimizer.{other}.lr"] > 1e-3
