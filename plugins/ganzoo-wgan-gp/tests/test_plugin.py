from importlib import import_module

import pytest
from ganzoo_wgan_gp.plugin import ganzoo_components

from ganzoo import Component, Recipe

RECORDS = list(ganzoo_components())
COMPONENTS = {(r.kind, r.name): r for r in RECORDS if isinstance(r, Component)}


@pytest.mark.parametrize("record", COMPONENTS.values(), ids=lambda r: f"{r.kind}-{r.name}")
def test_paths_exist(record):
    module, _, name = record.path.partition(":")
    assert hasattr(import_module(module), name)


def test_the_loss_recommends_the_papers_settings():
    asked = COMPONENTS["loss", "wgan-gp"].recommends
    assert asked["term"] == ("gradient-penalty",)
    assert asked["trainer.discriminator_steps"] == 5


def test_the_term_needs_a_per_sample_discriminator():
    assert COMPONENTS["term", "gradient-penalty"].needs == ("per-sample",)


def test_recipes_claim_no_score():
    scores = {r.name: r.score for r in RECORDS if isinstance(r, Recipe)}
    assert scores == {"wgan": "unverified", "wgan-gp": "unverified"}
