"""The checks of a recipe."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ganzoo.checks.subject import CheckFunction, Subject
from ganzoo.checks.training import build_recipe, check_resumes, check_trains
from ganzoo.config.parameters import find_parameter
from ganzoo.config.resolution import Request, resolve
from ganzoo.config.schema import build_schema


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one recipe."""
    yield from (check_resolves, check_settings, check_score, check_trains, check_resumes)


def check_resolves(subject: Subject) -> None:
    """Its components exist, its values have the right types, and everything fits."""
    build_recipe(subject)


def check_settings(subject: Subject) -> None:
    """Every setting it names is one of its components' or of the run: a misspelt one would be left out silently."""
    schema = build_schema(subject.registry, resolve(subject.registry, Request(subject.name)).components)
    for path in subject.recipe.settings:
        find_parameter(path, schema, f"The recipe sets it to {subject.recipe.settings[path]!r}.")


def check_score(subject: Subject) -> None:
    """The score is "unverified", or a measured number with its protocol: seed and images seen."""
    score = subject.recipe.score
    measured = re.search(r"\d", score) and "seed" in score and "image" in score
    assert score == "unverified" or measured, (
        f"score {score!r}: write 'unverified', or the number with its metric, seed and images seen"
    )
