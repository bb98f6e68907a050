"""The checks of a metric."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import cast

import torch

from ganzoo.assembly.build import Assembly, assemble
from ganzoo.checks.assertions import changed_modules, copy_parameters
from ganzoo.checks.data import Noise
from ganzoo.checks.runs import find_fitting_run, shrink_config
from ganzoo.checks.subject import SHAPES, CheckFunction, Skip, Subject
from ganzoo.errors import GanzooError
from ganzoo.evaluation.evaluator import EvaluationConfig, Evaluator
from ganzoo.evaluation.metric_suite import suite_from_config
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.registry.kinds import Kind
from ganzoo.registry.specs import Component

SAMPLES = 24
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one metric."""
    yield from (check_values, check_repeats, check_touches_nothing)


def check_values(subject: Subject) -> None:
    """It returns at least one finite number, by lower_snake name, with an error that is None or finite."""
    values = _compute(subject, build_measured_run(subject))
    assert values, "it returns nothing"
    for name, found in values.items():
        assert _NAME.match(name), f"value {name!r} is not lower_snake_case"
        assert math.isfinite(found.value), f"value {name} is {found.value}"
        assert found.error is None or math.isfinite(found.error), f"the error of {name} is {found.error}"


def check_repeats(subject: Subject) -> None:
    """Equal inputs give equal values, whatever the global random state."""
    assembly = build_measured_run(subject)
    first = _compute(subject, assembly)
    torch.manual_seed(1)
    again = _compute(subject, assembly)
    differing = [name for name in first if first[name] != again.get(name)]
    what = f"called again it returns another {' and '.join(differing)}"
    assert not differing, f"{what}: take random numbers from inputs.make_rng"


def check_touches_nothing(subject: Subject) -> None:
    """The generator stays as it was."""
    assembly = build_measured_run(subject)
    before = copy_parameters(assembly.trainer.players)
    _compute(subject, assembly)
    moved = changed_modules(before, copy_parameters(assembly.trainer.players))
    assert not moved, f"it changed the {' and the '.join(sorted(moved))}"


def _compute(subject: Subject, assembly: Assembly) -> Mapping[str, MetricValue]:
    config, device = EvaluationConfig(SAMPLES, rows=SAMPLES), torch.device("cpu")
    evaluator = Evaluator(suite_from_config(subject.registry, assembly.config), assembly.dataset, config, device=device)
    generator = assembly.trainer.players["generator"].eval().requires_grad_(False)
    return evaluator.evaluate(generator, conditional=bool(assembly.num_classes)).values[subject.name]


def build_measured_run(subject: Subject) -> Assembly:
    """Build the first tiny run the metric fits: on noise, or on data with modes where it needs them.

    Raises:
        Skip: it fits no data set.
    """
    refusal = "no data set is installed"
    for entry in subject.registry.of_kind("dataset"):
        provides = cast(Component, entry.record).provides
        form = next((form for form in SHAPES if form in provides), None)
        if form is not None:
            fixed: dict[Kind, tuple[str, ...]] = {"metric": (subject.name,), "dataset": (entry.qualified,)}
            try:
                config = shrink_config(subject.registry, find_fitting_run(subject.registry, fixed))
            except GanzooError as error:
                refusal = str(error)
                continue
            dataset = None if "modes" in subject.component.needs else Noise(SHAPES[form])
            return assemble(subject.registry, config, dataset=dataset)
    raise Skip(refusal)
