"""The checks of every record: its path, settings, capabilities and recommendations are what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import cast

from ganzoo.checks.runs import capabilities, signature_error
from ganzoo.checks.subject import CheckFunction, Subject
from ganzoo.config.compatibility import FOUND
from ganzoo.config.layers import split_layer
from ganzoo.config.parameters import Parameter, read_dependencies, read_parameters
from ganzoo.config.run_settings import OptimizerSettings, RunSettings
from ganzoo.errors import DoesNotFit, GanzooError
from ganzoo.registry.kinds import KIND_SPECS, KINDS, MANY
from ganzoo.registry.loader import UNPACKAGED, Plugin
from ganzoo.registry.registry import Registry, load_class
from ganzoo.registry.specs import Component, Recipe, When

WIDTH = 80
"""Characters a summary may take on the screen."""

_LIGHT = """
import sys
from ganzoo.registry.loader import Plugin, load_plugin
load_plugin(Plugin(*sys.argv[1:]))
sys.exit(3 if "torch" in sys.modules else 0)
"""


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one record; those of its settings only when they can be read at all."""
    yield from (check_summary, check_reference)
    if subject.entry.plugin.version != UNPACKAGED:
        yield check_light_start
    if isinstance(subject.entry.record, Recipe):
        return
    yield check_signature
    yield from (check_needs_met, check_recommends)
    if signature_error(subject.component) is None:
        yield from (check_builds, check_help, check_defaults, check_conditions)


def check_summary(subject: Subject) -> None:
    """The summary is one line of at most 80 characters."""
    summary = subject.entry.record.summary
    assert summary.strip(), "the summary is empty"
    assert "\n" not in summary, "the summary must be one line"
    assert len(summary) <= WIDTH, f"the summary has {len(summary)} characters, {WIDTH} at most"


def check_reference(subject: Subject) -> None:
    """The reference, if there is one, has a year."""
    reference = subject.entry.record.reference
    assert not reference or re.search(r"\b(19|20)\d\d\b", reference), f"reference {reference!r} has no year"


def check_light_start(subject: Subject) -> None:
    """Reading the plugin's records does not import torch: ``ganzoo list`` must not wait for it."""
    plugin = subject.entry.plugin
    assert not _imports_torch(plugin), (
        f"importing {plugin.source} imports torch: keep the records in a module of their own, "
        "and let path='package.module:Class' name the rest"
    )


def check_signature(subject: Subject) -> None:
    """The class can be imported, and its constructor declares every setting: keyword-only, typed, with a default."""
    reason = signature_error(subject.component)
    assert reason is None, f"{subject.component.path}: {reason}"


def check_builds(subject: Subject) -> None:
    """The assembler supplies every positional parameter of the constructor."""
    supplied = KIND_SPECS[subject.component.kind].supplied
    if supplied is not None:
        strange = [name for name in read_dependencies(subject.target) if name not in supplied]
        assert not strange, (
            f"its parameter '{strange[0]}' is not supplied to a {subject.entry.kind}. Settings stand after a *"
        )
    else:
        try:
            subject.build()
        except DoesNotFit as error:
            raise AssertionError(
                f"{error} In the signature, components stand before the *, settings after it"
            ) from error


def check_needs_met(subject: Subject) -> None:
    """Some registered component provides each capability it needs."""
    records = [e.record for e in subject.registry.entries if e is not subject.entry]
    offered = {c for record in records if isinstance(record, Component) for c in capabilities(record)} | set(FOUND)
    missing, known = sorted(set(subject.component.needs) - offered), ", ".join(sorted(offered))
    assert not missing, f"it needs '{missing[0]}', which nothing registered provides (provided are {known})"


def check_recommends(subject: Subject) -> None:
    """What it recommends exists: components by name; settings of some registered component, of the right type."""
    layer = split_layer(subject.label, subject.component.recommends)
    for kind, names in layer.components.items():
        for name in names:
            subject.registry.find(kind, name)
    for path, value in layer.settings.items():
        known = _find_settings(subject.registry, path)
        assert known, f"it recommends {path} = {value!r}, a setting no registered component has"
        assert any(_takes(param, value, path) for param in known), (
            f"it recommends {path} = {value!r}, which nothing takes; e.g. {path} takes {known[0].type_name}"
        )


def check_help(subject: Subject) -> None:
    """Every setting has a line under ``Args:`` in the docstring of its class."""
    for name, param in subject.params.items():
        assert param.help, f"setting '{name}' has no line under 'Args:' in the docstring of {subject.component.path}"


def check_defaults(subject: Subject) -> None:
    """Every default is of its setting's own type and inside its range."""
    for name, param in subject.params.items():
        try:
            value = param.coerce(param.default, name)
        except GanzooError as error:
            raise AssertionError(f"the default is refused: {error}") from error
        assert value == param.default, f"the default {param.default!r} of '{name}' becomes {value!r}"


def check_conditions(subject: Subject) -> None:
    """A capability that depends on a setting names one of its settings, and values that it takes."""
    for when in (provided for provided in subject.component.provides if isinstance(provided, When)):
        assert when.setting in subject.params, f"'{when}': there is no setting '{when.setting}'"
        for value in when.values:
            assert _takes(subject.params[when.setting], value, when.setting), f"'{when}': {value!r} is refused"


@cache
def _imports_torch(plugin: Plugin) -> bool:
    command = [sys.executable, "-c", _LIGHT, plugin.name, plugin.distribution, plugin.version, plugin.source]
    return subprocess.run(command, check=False, capture_output=True).returncode == 3


def _takes(param: Parameter, value: object, path: str) -> bool:
    try:
        param.coerce(value, path)
    except GanzooError:
        return False
    return True


def _find_settings(registry: Registry, path: str) -> list[Parameter]:
    """Find the settings that a dotted path may mean, one for each component that has it."""
    head, _, name = path.rpartition(".")
    kind, _, owner = head.partition(".")
    if head == "run":
        sections = [read_parameters(RunSettings)]
    elif kind == "optimizer":
        trainers = (load_class(cast(Component, entry.record)) for entry in registry.of_kind("trainer"))
        roles = {role for trainer in trainers for role in getattr(trainer, "roles", ())}
        sections = [read_parameters(OptimizerSettings)] if owner in roles else []
    else:
        records = [cast(Component, entry.record) for entry in registry.of_kind(kind) if kind in KINDS]
        named = [r for r in records if owner == (r.name if kind in MANY else "") and signature_error(r) is None]
        sections = [read_parameters(load_class(record)) for record in named]
    return [section[name] for section in sections if name in section]
