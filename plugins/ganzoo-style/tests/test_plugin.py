from __future__ import annotations

from importlib import import_module

import pytest
from ganzoo_style.plugin import ganzoo_components

from ganzoo import Component, Recipe, When

RECORDS = list(ganzoo_components())
COMPONENTS = {(r.kind, r.name): r for r in RECORDS if isinstance(r, Component)}
RECIPES = {r.name: r for r in RECORDS if isinstance(r, Recipe)}


@pytest.mark.parametrize("record", COMPONENTS.values(), ids=lambda r: f"{r.kind}-{r.name}")
def test_paths_exist_and_records_name_their_paper(record) -> None:
    module, _, name = record.path.partition(":")
    assert hasattr(import_module(module), name)
    assert "arXiv" in record.reference
    assert len(record.summary) <= 80


def test_the_generator_has_styles_and_the_term_needs_them() -> None:
    assert set(COMPONENTS["generator", "stylegan2"].provides) == {"class-conditional", "styles"}
    assert COMPONENTS["term", "path-length"].needs == ("styles",)


def test_the_discriminator_is_per_sample_only_without_groups() -> None:
    assert COMPONENTS["discriminator", "stylegan2"].provides == (When("per-sample", "minibatch_group", (1,)),)


def test_each_network_recommends_its_optimiser_to_other_recipes() -> None:
    for player in ("generator", "discriminator"):
        asked = COMPONENTS[player, "stylegan2"].recommends
        assert [asked[f"optimizer.{player}.{s}"] for s in ("lr", "beta1", "beta2")] == [2.5e-3, 0.0, 0.99]


@pytest.mark.parametrize(
    ("recipe", "player", "every", "rate"),
    [
        ("stylegan2", "generator", 4, 2e-3),
        ("stylegan2", "discriminator", 16, 2e-3),
        ("stylegan2-small", "discriminator", 16, 2.5e-3),
    ],
)
def test_adam_is_corrected_for_lazy_terms(recipe, player, every, rate) -> None:
    """Appendix B: N + 1 updates move as far, and forget as much, as N did."""
    settings = RECIPES[recipe].settings
    assert settings[f"optimizer.{player}.lr"] * (every + 1) == pytest.approx(rate * every)
    assert settings[f"optimizer.{player}.beta2"] ** (every + 1) == pytest.approx(0.99**every)
    assert settings[f"optimizer.{player}.beta1"] == 0.0


def test_the_small_recipe_has_neither_path_length_nor_mixing() -> None:
    recipe = RECIPES["stylegan2-small"]
    assert recipe.components["term"] == ("ganzoo-losses:r1",)
    assert recipe.settings["generator.style_mixing"] == 0.0
    assert recipe.settings["optimizer.generator.lr"] == 2.5e-3


def test_recipes_claim_no_score() -> None:
    assert {recipe.score for recipe in RECIPES.values()} == {"unverified"}
