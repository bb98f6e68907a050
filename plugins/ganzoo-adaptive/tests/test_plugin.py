from importlib import import_module

import pytest
from ganzoo_adaptive.plugin import ganzoo_components

from ganzoo.assembly.build import assemble
from ganzoo.assembly.plan import Request, resolve
from ganzoo.config import Layer
from ganzoo.errors import DoesNotFit
from ganzoo.registry import registry
from ganzoo.specs import Component, Recipe

RECORDS = list(ganzoo_components())
AUGMENTATIONS = [r for r in RECORDS if isinstance(r, Component)]


@pytest.mark.parametrize("record", AUGMENTATIONS, ids=lambda r: r.name)
def test_targets_exist_and_say_what_they_are_from(record):
    module, _, name = record.target.partition(":")
    assert hasattr(import_module(module), name)
    assert "arXiv" in record.reference
    assert len(record.summary) <= 80


@pytest.mark.parametrize("record", AUGMENTATIONS, ids=lambda r: r.name)
def test_points_are_refused(record):
    found = registry()
    config = resolve(found, Request("toy", (Layer("test", {"augmentation": (record.name,)}),)))
    with pytest.raises(DoesNotFit, match=f"augmentation '{record.name}' needs 'image'"):
        assemble(found, config)


def test_the_recipe_names_this_augmentation_and_claims_no_score():
    (recipe,) = (r for r in RECORDS if isinstance(r, Recipe))
    assert recipe.parts["augmentation"] == "ada"
    assert recipe.score == "unverified"
    assert recipe.settings["run.mirror"] is True
