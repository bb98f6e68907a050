from importlib import import_module

import pytest
from ganzoo_dcgan.plugin import ganzoo_components

from ganzoo import Component, Recipe

RECORDS = list(ganzoo_components())


@pytest.mark.parametrize("record", [r for r in RECORDS if isinstance(r, Component)], ids=lambda r: r.kind)
def test_paths_exist(record):
    module, _, name = record.path.partition(":")
    assert hasattr(import_module(module), name)


def test_recipes_claim_no_score():
    assert {r.name: r.score for r in RECORDS if isinstance(r, Recipe)} == {
        "dcgan": "unverified",
        "dcgan-paper": "unverified",
    }
