"""A loss that wraps another loss works with every loss it can wrap."""

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
WRAPPERS = [name for name, target in LOSSES.items() if "losses" in read_dependencies(target)]
WRAPPED = [name for name, target in LOSSES.items() if not target.relativistic]


def built(loss: str, form: str) -> Assembly:
    layer = Layer("command line", {"loss": (loss,)}, {"loss.form": form})
    return assemble(CATALOGUE, shrink_config(CATALOGUE, resolve(CATALOGUE, Request("toy", (layer,)))))


@pytest.mark.parametrize("form", WRAPPED)
@pytest.mark.parametrize("loss", WRAPPERS)
def test_the_relativistic_form_of_every_loss_trains_and_resumes(loss: str, form: str, tmp_path: Path) -> None:
    assert_valid_phases(record_steps(built(loss, form), CATALOGUE))
    assert resume_differences(lambda: build_engine(built(loss, form), CATALOGUE), tmp_path) == []


@pytest.mark.parametrize("loss", WRAPPERS)
def test_an_unknown_form_and_a_relativistic_one_are_refused(loss: str) -> None:
    with pytest.raises(UnknownName, match="no loss 'hing'.* 'hinge'"):
        built(loss, "hing")
    with pytest.raises(BadSetting, match="is relativistic itself"):
        built(loss, loss)


def test_there_are_losses_that_wrap_and_losses_to_wrap() -> None:
    assert WRAPPERS and WRAPPED
