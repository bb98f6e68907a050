"""A record that could not be listed or loaded is refused when it is made."""

import dataclasses

import pytest

from ganzoo.registry.specs import Component, Recipe, When

GOOD = {"kind": "loss", "name": "soft-hinge", "path": "package.module:Class", "summary": "one line"}


def test_a_good_component_is_taken():
    assert Component(**GOOD).needs == ()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kind", "looss", "none of generator"),
        ("name", "SoftHinge", "not lower-kebab-case"),
        ("name", "soft_hinge", "not lower-kebab-case"),
        ("name", "soft-hinge\n", "not lower-kebab-case"),
        ("name", "-soft", "not lower-kebab-case"),
        ("path", "package.module", "not 'package.module:Name'"),
        ("path", "package.module:a.b", "not 'package.module:Name'"),
        ("path", "package module:Class", "not 'package.module:Name'"),
        ("provides", "per-sample", "must be tuples"),
        ("needs", ["image"], "must be tuples"),
        ("needs", (1,), "tuples of names"),
        ("recommends", ("a", 1), "must map settings"),
        ("summary", "two\nlines", "one line"),
        ("summary", None, "one line"),
        ("reference", ("Goodfellow", 2014), "one line"),
    ],
)
def test_a_component_that_breaks_a_rule_is_refused(field, value, said):
    with pytest.raises(ValueError, match=said):
        Component(**{**GOOD, field: value})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "DCGAN", "not lower-kebab-case"),
        ("components", {"looss": "hinge"}, "names the kind 'looss'"),
        ("summary", "two\nlines", "one line"),
        ("score", 12.5, "one line"),
    ],
)
def test_a_recipe_that_breaks_a_rule_is_refused(field, value, said):
    with pytest.raises(ValueError, match=said):
        Recipe(**{"name": "dcgan", "summary": "one line", "components": {}, field: value})


def test_an_unmeasured_recipe_is_unverified():
    assert Recipe("dcgan", "one line", {}).score == "unverified"


def test_records_do_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Component(**GOOD).name = "other"


def test_a_condition_reads_as_a_sentence():
    assert str(When("per-sample", "norm", ("none", "layer"))) == "per-sample when norm is none or layer"
