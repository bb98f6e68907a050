"""Choose the checks of a record, and run them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch

from ganzoo.checks.kinds import recipes, records
from ganzoo.checks.kit_trainer import add_kit_trainer
from ganzoo.checks.runs import signature_error
from ganzoo.checks.subject import CheckFunction, Skip, Subject
from ganzoo.checks.training import STATEFUL, TRAINED, check_resumes, check_trains
from ganzoo.errors import GanzooError, PluginError, nearest
from ganzoo.registry.kinds import KIND_SPECS
from ganzoo.registry.registry import Entry, Registry, load_class
from ganzoo.registry.specs import Component, Recipe

Status = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Result:
    """The result of a check.

    Args:
        check: the check.
        status: how it ended.
        reason: one or more lines; empty when it passed.
    """

    check: Check
    status: Status
    reason: str = ""


@dataclass(frozen=True, repr=False)
class Check:
    """A rule for one component; calling it raises ``AssertionError`` when the component breaks it.

    Args:
        subject: the component, or recipe.
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
        """The rule in one sentence."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]

    @property
    def excuse(self) -> str | None:
        """Why the author declares that the check fails: ``known_failures`` of the class, by name of the check."""
        return _known_failures(self.subject).get(self.name)

    def __call__(self) -> None:
        """Run the check under a fixed random state, and restore the caller's."""
        if not __debug__:
            raise GanzooError("checks are assertions, which `python -O` leaves out: run without it.")
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.manual_seed(0)
            self.function(self.subject)

    def __str__(self) -> str:
        """Name component and check, for test identifiers."""
        return f"{self.subject.entry.kind}-{self.subject.name}-{self.name}"

    __repr__ = __str__


def checks_for(entry: Entry, registry: Registry) -> list[Check]:
    """List the checks of one record: those of its kind, and of the capabilities it declares.

    A component whose settings cannot be read gets those of its record only.

    Args:
        entry: the record and its plugin.
        registry: where components that fit it are found.
    """
    subject = Subject(add_kit_trainer(registry), entry)
    record = entry.record
    functions = [*records.checks(subject)]
    if isinstance(record, Recipe):
        functions += recipes.checks(subject)
    elif signature_error(record) is None and KIND_SPECS[record.kind].checked:
        kind_checks = importlib.import_module(f"ganzoo.checks.kinds.{KIND_SPECS[record.kind].plural}")
        functions += [*kind_checks.checks(subject), *([check_trains] if record.kind in TRAINED else [])]
        functions += [check_resumes] if record.kind in STATEFUL else []
    found = [Check(subject, function) for function in functions]
    return [*found, *_check_excuses(subject, {check.name for check in found})]


def _check_excuses(subject: Subject, names: set[str]) -> list[Check]:
    """Add a check of the names in ``known_failures``, where there are any."""
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
    """Run a check and return its result, whatever a component raises.

    A failure that its author declared counts as skipped; a declared failure that does not happen, as failed.
    """
    excuse = check.excuse
    result = _run(check)
    if excuse is None or result.status == "skipped":
        return result
    if result.status == "failed":
        return Result(check, "skipped", f"declared: {excuse}")
    return Result(check, "failed", f"known_failures declares it broken ({excuse}), but it passes: take that out")


def _run(check: Check) -> Result:
    try:
        check()
    except Skip as skip:
        return Result(check, "skipped", str(skip))
    except (AssertionError, GanzooError) as error:
        return Result(check, "failed", str(error) or f"{check.law} (an assertion without a message)")
    except PluginError as error:
        return Result(check, "failed", str(error))
    except Exception as error:  # a plugin may raise anything
        return Result(check, "failed", f"{type(error).__name__}: {error}")
    return Result(check, "passed")
