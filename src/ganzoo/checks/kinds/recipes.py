"""What a recipe must do: resolve, fit, train, resume."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ganzoo.assembly.build import Assembly, assemble, build_engine
from ganzoo.checks.kinds.datasets import opened
from ganzoo.checks.recording import assert_orderly, record_steps
from ganzoo.checks.resume import resume_differences
from ganzoo.checks.runs import shrink_config
from ganzoo.checks.subject import CheckFunction, Subject
from ganzoo.config.layers import Config
from ganzoo.config.parameters import find_parameter
from ganzoo.config.resolution import Request, resolve
from ganzoo.config.schema import build_schema

UNVERIFIED = "unverified"


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one recipe."""
    yield from (check_resolves, check_settings, check_score, check_trains, check_resumes)


def check_resolves(subject: Subject) -> None:
    """Its parts exist, its values have the right types, and everything fits."""
    _assembled(subject)


def check_settings(subject: Subject) -> None:
    """Every setting it names is one of its own parts' or of the run: a misspelt one would be left out silently."""
    schema = build_schema(subject.registry, _config(subject).components)
    for path in subject.recipe.settings:
        find_parameter(path, schema, f"The recipe sets it to {subject.recipe.settings[path]!r}.")


def check_score(subject: Subject) -> None:
    """The score is "unverified", or a measured number with its protocol: seed and images seen."""
    score = subject.recipe.score
    measured = re.search(r"\d", score) and "seed" in score and "image" in score
    assert score == UNVERIFIED or measured, (
        f"score {score!r}: write 'unverified', or the number with its metric, seed and images seen"
    )


def check_trains(subject: Subject) -> None:
    """Two tiny steps: every term is finite, every phase moves its player alone."""
    assert_orderly(record_steps(_assembled(subject), subject.registry, steps=2))


def check_resumes(subject: Subject) -> None:
    """Three steps, a save, a rebuild and three more end where six steps end, in every tensor."""
    with tempfile.TemporaryDirectory() as folder:
        differing = resume_differences(lambda: build_engine(_assembled(subject), subject.registry), Path(folder))
    assert not differing, f"resumed training differs from straight training in {', '.join(differing[:4])}"


def _config(subject: Subject) -> Config:
    return resolve(subject.registry, Request(subject.name))


def _assembled(subject: Subject) -> Assembly:
    dataset, config = opened(subject.registry, shrink_config(subject.registry, _config(subject)))
    return assemble(subject.registry, config, dataset=dataset)
