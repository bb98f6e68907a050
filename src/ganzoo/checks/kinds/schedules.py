"""The checks of a schedule."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import cast

from ganzoo.checks.subject import CheckFunction, Subject
from ganzoo.interfaces.training import Schedule

SEEN = (0, 1, 1_000, 10**6, 10**9, 10**12, 2 * 10**12)
BASES = (1e-4, 0.5, 1.0)


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one schedule."""
    yield from (check_patterns, check_values)


def check_patterns(subject: Subject) -> None:
    """It names the settings it changes by dotted paths."""
    patterns = _schedule(subject).patterns
    assert isinstance(patterns, tuple), f"patterns is {patterns!r}, not a tuple of dotted paths"
    assert patterns, "patterns is empty: name at least one setting"
    for path in patterns:
        assert "." in path, f"patterns names {path!r}, which is no dotted path such as optimizer.*.lr"


def check_values(subject: Subject) -> None:
    """Its values are finite numbers, the same for the same images seen, and become constant."""
    schedule = _schedule(subject)
    for base in BASES:
        values = [schedule.value(seen, base) for seen in SEEN]
        assert all(math.isfinite(value) for value in values), f"a value is not finite: {values}"
        assert values == [schedule.value(seen, base) for seen in SEEN], "called again it returns other values"
        assert values[-1] == values[-2], f"it never becomes constant: {values[-2]} and then {values[-1]}"


def _schedule(subject: Subject) -> Schedule:
    return cast(Schedule, subject.target())
