"""The checks of a tiny run: it trains, and it resumes bit for bit."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from ganzoo.assembly.build import Assembly, assemble, build_engine
from ganzoo.checks.kinds.datasets import open_fixture
from ganzoo.checks.recording import assert_valid_phases, record_steps
from ganzoo.checks.resume import resume_differences
from ganzoo.checks.runs import shrink_config
from ganzoo.checks.subject import Subject
from ganzoo.config.resolution import Request, resolve
from ganzoo.registry.kinds import KIND_SPECS
from ganzoo.registry.specs import Recipe
from ganzoo.training.step import Engine

TRAINED = tuple(kind for kind, spec in KIND_SPECS.items() if spec.role in ("network", "objective", "weights"))
"""Kinds whose components take part in a step of training."""

STATEFUL = tuple(kind for kind, spec in KIND_SPECS.items() if spec.role == "objective")
"""Those of them that may hold a state without being modules, which a checkpoint then loses."""


def check_trains(subject: Subject) -> None:
    """Two tiny steps: losses are finite scalars, each phase moves its player alone, nothing waits for the device."""
    recipe = isinstance(subject.entry.record, Recipe)
    for conditional in (False,) if recipe else subject.conditional:
        run = build_recipe(subject) if recipe else subject.build_run(conditional=conditional)
        assert_valid_phases(record_steps(run, subject.registry, steps=2))


def check_resumes(subject: Subject) -> None:
    """A few tiny steps, a save and as many more end as all of them in a row do, bit for bit."""
    recipe = isinstance(subject.entry.record, Recipe)

    def build() -> Engine:
        return build_engine(build_recipe(subject) if recipe else subject.build_run(), subject.registry)

    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        differing = resume_differences(build, Path(folder), steps=3 if recipe else 2)
    assert not differing, (
        f"resumed training differs from training in one go in {', '.join(differing[:4])}: "
        "a component keeps its state in buffers of an nn.Module"
    )


def build_recipe(subject: Subject) -> Assembly:
    """Build a recipe's run at tiny size."""
    config = shrink_config(subject.registry, resolve(subject.registry, Request(subject.name)))
    dataset, config = open_fixture(subject.registry, config)
    return assemble(subject.registry, config, dataset=dataset)
