from importlib import import_module

import pytest
from ganzoo_spectral_norm.plugin import ganzoo_components

from ganzoo import Component, Recipe

RECORDS = list(ganzoo_components())
COMPONENTS = {(r.kind, r.name): r for r in RECORDS if isinstance(r, Component)}
RECIPE = next(r for r in RECORDS if isinstance(r, Recipe))


@pytest.mark.parametrize("record", COMPONENTS.values(), ids=lambda r: f"{r.kind}-{r.name}")
def test_paths_exist(record):
    module, _, name = record.path.partition(":")
    assert hasattr(import_module(module), name)


def test_the_recipe_uses_components_of_this_plugin():
    components = {(kind, names) for kind, names in RECIPE.components.items() if isinstance(names, str)}
    assert components | {("constraint", "spectral-norm")} == set(COMPONENTS)
    assert RECIPE.components["constraint"] == ("spectral-norm",)


def test_the_recipe_trains_as_the_paper_does():
    assert RECIPE.score == "unverified"
    assert RECIPE.settings["trainer.discriminator_steps"] == 5
    for player in ("generator", "discriminator"):
        found = tuple(RECIPE.settings[f"optimizer.{player}.{s}"] for s in ("lr", "beta1", "beta2", "schedule"))
        assert found == (2e-4, 0.0, 0.9, "linear")


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_network_in_another_recipe_recommends_its_published_rate(player):
    """StyleGAN2's rate, for equalised weights, is more than ten times too high."""
    from ganzoo.config.layers import COMMAND_LINE, Layer
    from ganzoo.config.resolution import Request, resolve
    from ganzoo.registry.registry import load_registry

    found = load_registry()
    config = resolve(found, Request("stylegan2", (Layer(COMMAND_LINE, {player: ("sngan",)}),)))
    other = {"generator": "discriminator", "discriminator": "generator"}[player]
    assert [config[f"optimizer.{player}.{name}"] for name in ("lr", "beta1", "beta2")] == [2e-4, 0.0, 0.9]
    assert config[f"optimizer.{other}.lr"] > 1e-3
