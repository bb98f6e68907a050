"""The table of kinds agrees with the type, the checks and the components that are there."""

from importlib.util import find_spec
from typing import get_args

import pytest

from ganzoo.registry.kinds import EVALUATE_OPTIONS, KIND_SPECS, KINDS, MANY, TRAIN_OPTIONS, Kind

ORDER = ("generator", "discriminator", "loss", "term", "conditioning", "constraint", "augmentation", "trainer",
         "dataset", "metric", "tracker", "features", "schedule")  # fmt: skip


def test_the_type_names_the_kinds_of_the_table():
    assert get_args(Kind) == KINDS


def test_the_order_of_kinds_stays_because_first_weights_are_seeded_by_it():
    assert KINDS[: len(ORDER)] == ORDER


def test_every_default_is_a_component(catalogue):
    for kind, spec in KIND_SPECS.items():
        assert not spec.default or catalogue.component(kind, spec.default).kind == kind


def test_a_kind_of_which_a_run_may_hold_many_has_no_default():
    assert not [kind for kind in MANY if KIND_SPECS[kind].default]


def test_options_and_plurals_are_unique():
    for names in (TRAIN_OPTIONS.values(), EVALUATE_OPTIONS.values(), [spec.plural for spec in KIND_SPECS.values()]):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("spec", KIND_SPECS.values(), ids=KINDS)
def test_a_kind_has_a_module_of_checks_if_it_says_so(spec):
    assert (find_spec(f"ganzoo.checks.kinds.{spec.plural}") is not None) == spec.checked


def test_kinds_that_hold_many_have_a_section_for_each_component():
    assert KIND_SPECS["term"].section("ganzoo-losses:r1") == "term.r1"
    assert KIND_SPECS["loss"].section("ganzoo-wgan-gp:wgan-gp") == "loss"
