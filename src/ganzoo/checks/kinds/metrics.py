"""What a metric must do: read finite numbers off evidence, always the same, and leave everything as it was."""

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
from ganzoo.config.layers import Config
from ganzoo.errors import GanzooError
from ganzoo.evaluation.evaluator import EvaluationConfig, Evaluator
from ganzoo.evaluation.metric_suite import suite_from_config
from ganzoo.evaluation.offline_inputs import ASIDE, BESIDE
from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.registry.specs import Component

SAMPLES = 24
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one metric."""
    yield from (check_readings, check_repeats, check_touches_nothing)
    if ASIDE in subject.component.provides:
        yield check_looks_at_features_alone
    if BESIDE in subject.component.provides:
        yield check_looks_at_samples_alone


def check_readings(subject: Subject) -> None:
    """It reads at least one finite number, by lower_snake name, with an error that is none or finite."""
    readings = _read(subject, measured(subject))
    assert readings, "it reads nothing"
    for name, reading in readings.items():
        assert _NAME.match(name), f"reading {name!r} is not lower_snake_case"
        assert math.isfinite(reading.value), f"reading {name} is {reading.value}"
        assert reading.error is None or math.isfinite(reading.error), f"the error of {name} is {reading.error}"


def check_repeats(subject: Subject) -> None:
    """Equal evidence gives equal readings, whatever the global random state."""
    assembly = measured(subject)
    first = _read(subject, assembly)
    torch.manual_seed(1)
    again = _read(subject, assembly)
    differing = [name for name in first if first[name] != again.get(name)]
    assert not differing, f"asked again it reads another {' and '.join(differing)}: draw from inputs.make_rng"


def check_touches_nothing(subject: Subject) -> None:
    """The generator stays as it was."""
    assembly = measured(subject)
    before = copy_parameters(assembly.trainer.players)
    _read(subject, assembly)
    moved = changed_modules(before, copy_parameters(assembly.trainer.players))
    assert not moved, f"it changed the {' and the '.join(sorted(moved))}"


def check_looks_at_features_alone(subject: Subject) -> None:
    """Computed beside training, off features alone, it reads the same and leaves torch's randomness as it was."""
    _assert_same_beside(subject)


def check_looks_at_samples_alone(subject: Subject) -> None:
    """Computed beside training, off samples laid by, it reads the same and leaves torch's randomness as it was."""
    _assert_same_beside(subject)


def _assert_same_beside(subject: Subject) -> None:
    assembly = measured(subject)
    whole = _read(subject, assembly)
    evaluator, generator = _evaluator(subject, assembly)
    finish = evaluator.look(generator, conditional=bool(assembly.num_classes))
    before = torch.get_rng_state()
    alone = finish().values[subject.name]
    assert torch.equal(torch.get_rng_state(), before), "it draws from torch's own randomness: use inputs.make_rng"
    assert alone == whole, f"beside training it reads {alone}, and {whole} off the whole evidence"


def _read(subject: Subject, assembly: Assembly) -> Mapping[str, MetricValue]:
    evaluator, generator = _evaluator(subject, assembly)
    return evaluator.examine(generator, conditional=bool(assembly.num_classes)).values[subject.name]


def _evaluator(subject: Subject, assembly: Assembly) -> tuple[Evaluator, torch.nn.Module]:
    terms, device = EvaluationConfig(SAMPLES, rows=SAMPLES), torch.device("cpu")
    evaluator = Evaluator(suite_from_config(subject.registry, assembly.config), assembly.dataset, terms, device=device)
    return evaluator, assembly.trainer.players["generator"].eval().requires_grad_(False)


def measured(subject: Subject) -> Assembly:
    """Build the first tiny run the metric fits: noise, or data that knows what the metric needs to know."""
    config, dataset = _chosen(subject)
    return assemble(subject.registry, config, dataset=dataset)


def _chosen(subject: Subject) -> tuple[Config, Dataset | None]:
    refused: GanzooError | None = None
    for entry in subject.registry.of_kind("dataset"):
        record = entry.record
        form = next((f for f in SHAPES if isinstance(record, Component) and f in record.provides), None)
        if form is None:
            continue
        fixed = {"metric": (subject.name,), "dataset": (entry.qualified,)}
        try:
            config = shrink_config(subject.registry, find_fitting_run(subject.registry, fixed))  # type: ignore[arg-type]
        except GanzooError as error:
            refused = refused or error
            continue
        known = "modes" in subject.component.needs
        return config, None if known else cast(Dataset, Noise(SHAPES[form]))
    raise Skip(str(refused)) if refused else Skip("no data set is installed")
