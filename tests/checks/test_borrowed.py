"""A loss that takes another's cost takes that of every loss it can."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganzoo.assembly.build import Assembly, assemble, build_engine
from ganzoo.checks.kit_trainer import add_kit_trainer
from ganzoo.checks.recording import assert_valid_phases, record_steps
from ganzoo.checks.resume import resume_differences
from ganzoo.checks.runs import shrink_config
from ganzoo.config.layers import Layer
from ganzoo.config.parameters import read_dependencies
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import BadSetting, UnknownName
from ganzoo.registry.registry import load_class, load_registry
from ganzoo.registry.specs import Component

CATALOGUE = add_kit_trainer(load_registry())
LOSSES = {e.record.name: load_class(e.record) for e in CATALOGUE.of_kind("loss") if isinstance(e.record, Component)}
BORROWERS = [name for name, target in LOSSES.items() if "losses" in read_dependencies(target)]
LENT = [name for name, target in LOSSES.items() if not target.relativistic]


def built(loss: str, form: str) -> Assembly:
    layer = Layer("command line", {"loss": (loss,)}, {"loss.form": form})
    return assemble(CATALOGUE, shrink_config(CATALOGUE, resolve(CATALOGUE, Request("toy", (layer,)))))


@pytest.mark.parametrize("form", LENT)
@pytest.mark.parametrize("loss", BORROWERS)
def test_the_relativistic_form_of_every_loss_trains_and_resumes(loss: str, form: str, tmp_path: Path) -> None:
    assert_valid_phases(record_steps(built(loss, form), CATALOGUE))
    assert resume_differences(lambda: build_engine(built(loss, form), CATALOGUE), tmp_path) == []


@pytest.mark.parametrize("loss", BORROWERS)
def test_a_form_nobody_has_and_one_that_compares_already_are_refused(loss: str) -> None:
    with pytest.raises(UnknownName, match="no loss 'hing'.* 'hinge'"):
        built(loss, "hing")
    with pytest.raises(BadSetting, match="compares reals with fakes already"):
        built(loss, loss)


def test_there_are_losses_that_borrow_and_losses_to_borrow() -> None:
    assert BORROWERS and LENT
