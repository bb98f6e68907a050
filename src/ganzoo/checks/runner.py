"""Which checks a record gets, and what came of one."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch

from ganzoo.checks.bench_trainer import add_bench_trainer
from ganzoo.checks.kinds import recipes, records
from ganzoo.checks.runs import signature_error
from ganzoo.checks.subject import CheckFunction, Skip, Subject
from ganzoo.checks.training import REMEMBERING, TRAINED, check_resumes, check_trains
from ganzoo.errors import GanzooError, nearest
from ganzoo.registry.kinds import KIND_SPECS
from ganzoo.registry.registry import Entry, Registry, load_class
from ganzoo.registry.specs import Component, Recipe

Status = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Result:
    """What came of a check.

    Args:
        check: which one.
        status: how it ended.
        reason: one or more lines; empty when it passed.
    """

    check: Check
    status: Status
    reason: str = ""


@dataclass(frozen=True, repr=False)
class Check:
    """A law and the part it is asked of; calling it raises ``AssertionError`` when the law is broken.

    Args:
        subject: the part.
        function: ``check_*(subject)``.
    """

    subject: Subject
    function: CheckFunction

    @property
    def name(self) -> str:
        """The function's name without ``check_``, in kebab case."""
        return self.function.__name__.removeprefix("check_").replace("_", "-")

    @property
    def law(self) -> str:
        """What the check demands, in one sentence."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]

    @property
    def excuse(self) -> str | None:
        """Why the part's author declares the law broken: ``known_failures`` of its class, by name of the check."""
        return _known_failures(self.subject).get(self.name)

    def __call__(self) -> None:
        """Run the check under a fixed random state, leaving the caller's as it was."""
        if not __debug__:
            raise GanzooError("checks are assertions, which `python -O` leaves out: run without it.")
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.manual_seed(0)
            self.function(self.subject)

    def __str__(self) -> str:
        """Name part and check, as test identifiers do."""
        return f"{self.subject.entry.kind}-{self.subject.name}-{self.name}"

    __repr__ = __str__


def checks_for(entry: Entry, registry: Registry) -> list[Check]:
    """List the checks of one record: those of its kind, and of the capabilities it declares.

    A component whose settings cannot be read gets those of its record only.

    Args:
        entry: the record and its plugin.
        registry: everything beside it; fitting companions are chosen from here.
    """
    subject = Subject(add_bench_trainer(registry), entry)
    record = entry.record
    functions = [*records.checks(subject)]
    if isinstance(record, Recipe):
        functions += recipes.checks(subject)
    elif signature_error(record) is None and KIND_SPECS[record.kind].checked:
        kind_checks = importlib.import_module(f"ganzoo.checks.kinds.{KIND_SPECS[record.kind].plural}")
        functions += [*kind_checks.checks(subject), *([check_trains] if record.kind in TRAINED else [])]
        functions += [check_resumes] if record.kind in REMEMBERING else []
    found = [Check(subject, function) for function in functions]
    return [*found, *_excused(subject, {check.name for check in found})]


def _excused(subject: Subject, names: set[str]) -> list[Check]:
    """Add the check that what an author excuses exists, where something is excused."""
    declared = _known_failures(subject)

    def check_known_failures(subject: Subject) -> None:
        """Every name in known_failures is that of a check."""
        strange = sorted(set(declared) - names)
        assert not strange, f"known_failures names '{strange[0]}', which is no check of it.{nearest(strange[0], names)}"

    return [Check(subject, check_known_failures)] if declared else []


def _known_failures(subject: Subject) -> Mapping[str, str]:
    record = subject.entry.record
    if not isinstance(record, Component) or signature_error(record) is not None:
        return {}
    return getattr(load_class(record), "known_failures", {})


def run_check(check: Check) -> Result:
    """Run a check and tell what came of it; nothing a part does gets past this.

    A failure its author declared counts as skipped; a declared failure that does not happen has failed.
    """
    excuse = check.excuse
    result = _outcome(check)
    if excuse is None or result.status == "skipped":
        return result
    if result.status == "failed":
        return Result(check, "skipped", f"declared: {excuse}")
    return Result(check, "failed", f"known_failures declares it broken ({excuse}), but it holds: take that out")


def _outcome(check: Check) -> Result:
    try:
        check()
    except Skip as skip:
        return Result(check, "skipped", str(skip))
    except (AssertionError, GanzooError) as error:
        return Result(check, "failed", str(error) or f"{check.law} (an assertion without a message)")
    except Exception as error:  # a foreign part may raise anything
        return Result(check, "failed", f"{type(error).__name__}: {error}")
    return Result(check, "passed")
