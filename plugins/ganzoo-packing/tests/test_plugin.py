from importlib import import_module

import pytest
from ganzoo_packing.plugin import ganzoo_components

from ganzoo import Component, Recipe

RECORDS = list(ganzoo_components())
COMPONENTS = [r for r in RECORDS if isinstance(r, Component)]
RECIPES = {r.name: r for r in RECORDS if isinstance(r, Recipe)}


@pytest.mark.parametrize("record", COMPONENTS, ids=lambda r: f"{r.kind}-{r.name}")
def test_paths_exist_and_records_name_their_paper(record):
    module, _, name = record.path.partition(":")
    assert hasattr(import_module(module), name)
    assert "arXiv" in record.reference
    assert len(record.summary) <= 80


def test_packing_needs_an_unconditional_discriminator():
    (packing,) = (r for r in COMPONENTS if r.kind == "augmentation")
    assert packing.needs == ("unconditional",)


@pytest.mark.parametrize(("name", "steps", "packs"), [("pacgan-toy", 400_000, 100), ("pacdcgan", 100_000, 64)])
def test_recipes_run_as_long_as_published(name, steps, packs):
    settings = RECIPES[name].settings
    assert settings["run.batch_size"] == 2 * packs
    assert settings["run.images"] == steps * 2 * packs


def test_the_terms_decay_until_the_run_ends():
    settings = RECIPES["toy-modes"].settings
    assert settings["schedule.term-weight.over"] == settings["run.images"]
    assert settings["schedule.term-weight.end"] < settings["term.r1.weight"] == settings["term.r2.weight"]
