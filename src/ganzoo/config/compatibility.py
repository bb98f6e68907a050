"""Whether components fit: what each needs, another must provide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ganzoo.config.layers import Config
from ganzoo.config.schema import section_name
from ganzoo.errors import DoesNotFit
from ganzoo.registry.kinds import KINDS, TRAIN_OPTIONS, Kind
from ganzoo.registry.registry import Registry
from ganzoo.registry.specs import Component, Value, When

_HINTS: Mapping[str, str] = {"labels": "Your own images have labels where each class lies in a sub-folder."}
"""How data come to a capability that is known only when they are opened."""

_MAX_NAMES = 8
"""The most names in an advice."""

FOUND: Mapping[str, Kind] = {"labels": "dataset"}
"""Capabilities that may be known only when a component of that kind is opened."""


@dataclass(frozen=True)
class ChosenComponent:
    """A chosen component with its resolved settings.

    Args:
        component: its record.
        settings: its own settings by name.
        found: capabilities known only since it was opened, such as the ``labels`` of a data set.
    """

    component: Component
    settings: Mapping[str, Value]
    found: frozenset[str] = frozenset()

    @property
    def provides(self) -> frozenset[str]:
        """Capabilities it has with these settings."""
        return self.found | {c for c in map(self._get_capability, self.component.provides) if c}

    def _get_capability(self, capability: str | When) -> str | None:
        if isinstance(capability, str):
            return capability
        return capability.capability if self.settings.get(capability.setting) in capability.values else None

    def __str__(self) -> str:
        """Return its name in messages."""
        return f"{self.component.kind} '{self.component.name}'"


def chosen_components(
    registry: Registry, config: Config, found: Mapping[Kind, frozenset[str]]
) -> list[ChosenComponent]:
    """List the chosen components with their settings.

    Args:
        registry: where the records are.
        config: the resolved configuration.
        found: capabilities by kind known since a component was opened.
    """
    listed = []
    for kind in KINDS:
        for name in config.qualified_names(kind):
            section = config.section(section_name(kind, name))
            listed.append(ChosenComponent(registry.component(kind, name), section, found.get(kind, frozenset())))
    return listed


def assert_compatible(
    registry: Registry, components: list[ChosenComponent], options: Mapping[str, str] = TRAIN_OPTIONS
) -> None:
    """Refuse a combination in which no component provides what another needs.

    Args:
        registry: where others are found.
        components: the combination.
        options: of the command at hand, by the kind they choose; what it cannot choose is not advised.

    Raises:
        DoesNotFit: names the two components, the reason and what would fit.
    """
    for needy, need in find_missing(components):
        raise DoesNotFit(_explain_missing(registry, components, needy, need, options))


def find_missing(components: Iterable[ChosenComponent]) -> list[tuple[ChosenComponent, str]]:
    """List every need that no other component meets."""
    listed = list(components)
    return [
        (needy, need)
        for needy in listed
        for need in needy.component.needs
        if not any(need in other.provides for other in listed if other is not needy)
    ]


def _explain_missing(
    registry: Registry, components: list[ChosenComponent], needy: ChosenComponent, need: str, options: Mapping[str, str]
) -> str:
    providers = _find_providers(registry, need)
    kinds = {*providers, *([FOUND[need]] if need in FOUND else [])}
    culprit = next((p for p in components if p.component.kind in kinds and p is not needy), None)
    lacking = f"{culprit} does not provide" if culprit else "no component provides"
    text = f"{needy} needs '{need}', which {lacking}."
    chosen = [*_list_replacements(providers, culprit), *_list_alternatives(registry, components, needy)]
    cures = _list_switches(culprit, need) if culprit and culprit.component.kind in options else []
    if need in _HINTS and culprit is not None and not cures:
        text = f"{text} {_HINTS[need]}"
    cures += [f"{options[kind]} {_shorten(names)}" for kind, names in chosen if kind in options]
    return f"{text} What fits: {'; or '.join(cures)}." if cures else text


def _find_providers(registry: Registry, need: str) -> dict[Kind, list[str]]:
    """List the components that could provide a capability, by kind."""
    providers: dict[Kind, list[str]] = {}
    for entry in registry.entries:
        record = entry.record
        if isinstance(record, Component) and need in map(_capability, record.provides):
            providers.setdefault(record.kind, []).append(record.name)
    return providers


def _capability(provided: str | When) -> str:
    return provided if isinstance(provided, str) else provided.capability


def _list_switches(culprit: ChosenComponent | None, need: str) -> list[str]:
    """List the settings with which the culprit would provide the need."""
    conditions = culprit.component.provides if culprit else ()
    return [
        f"--set {culprit.component.kind}.{when.setting}={when.values[0]}"
        for when in conditions
        if culprit and isinstance(when, When) and when.capability == need
    ]


def _list_replacements(
    providers: Mapping[Kind, list[str]], culprit: ChosenComponent | None
) -> list[tuple[Kind, list[str]]]:
    if culprit is None:
        return list(providers.items())
    others = [n for n in providers.get(culprit.component.kind, ()) if n != culprit.component.name]
    return [(culprit.component.kind, others)] if others else []


def _list_alternatives(
    registry: Registry, components: list[ChosenComponent], needy: ChosenComponent
) -> list[tuple[Kind, list[str]]]:
    """List the components of the same kind that fit where this one does not."""
    others = [p for p in components if p is not needy]
    offered = frozenset().union(*(p.provides for p in others))
    kind = needy.component.kind
    demanded = {need for other in others for need in other.component.needs}
    names = [
        record.name
        for record in (e.record for e in registry.of_kind(kind))
        if isinstance(record, Component) and set(record.needs) <= offered
        and (demanded & needy.provides) <= set(map(_capability, record.provides))
    ]  # fmt: skip
    return [(kind, names)] if names else []


def _shorten(names: list[str]) -> str:
    return "|".join(sorted(names)[:_MAX_NAMES]) + " or another" * (len(names) > _MAX_NAMES)
