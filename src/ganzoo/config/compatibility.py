"""Whether parts fit: what each needs, another must provide."""

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
"""How data comes to a capability that shows when it is opened."""

_LISTED = 8
"""Most names a piece of advice gives."""

FOUND: Mapping[str, Kind] = {"labels": "dataset"}
"""Capabilities that may show only when a part of that kind is opened."""


@dataclass(frozen=True)
class ChosenComponent:
    """A chosen component with its resolved settings.

    Args:
        component: its record.
        settings: its own settings by name.
        found: capabilities that showed only when it was opened, such as the ``labels`` of a data set.
    """

    component: Component
    settings: Mapping[str, Value]
    found: frozenset[str] = frozenset()

    @property
    def provides(self) -> frozenset[str]:
        """Capabilities it has with these settings."""
        return self.found | {c for c in map(self._holds, self.component.provides) if c}

    def _holds(self, capability: str | When) -> str | None:
        if isinstance(capability, str):
            return capability
        return capability.capability if self.settings.get(capability.setting) in capability.values else None

    def __str__(self) -> str:
        """Name it as messages do."""
        return f"{self.component.kind} '{self.component.name}'"


def chosen_components(
    registry: Registry, config: Config, found: Mapping[Kind, frozenset[str]]
) -> list[ChosenComponent]:
    """List the chosen parts with their settings.

    Args:
        registry: where the records are.
        config: the resolved configuration.
        found: capabilities by kind that showed when a part was opened.
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
    """Refuse a combination in which some need is met by nobody.

    Args:
        registry: where others are found.
        parts: the combination.
        options: of the command at hand, by the kind they choose; what it cannot choose is not advised.

    Raises:
        DoesNotFit: names the two parts, the reason and what would fit.
    """
    for part, need in find_missing(components):
        raise DoesNotFit(_refusal(registry, components, part, need, options))


def find_missing(components: Iterable[ChosenComponent]) -> list[tuple[ChosenComponent, str]]:
    """List every need that no other part meets."""
    listed = list(components)
    return [
        (part, need)
        for part in listed
        for need in part.component.needs
        if not any(need in other.provides for other in listed if other is not part)
    ]


def _refusal(
    registry: Registry, components: list[ChosenComponent], part: ChosenComponent, need: str, options: Mapping[str, str]
) -> str:
    givers = _givers(registry, need)
    kinds = {*givers, *([FOUND[need]] if need in FOUND else [])}
    culprit = next((p for p in components if p.component.kind in kinds and p is not part), None)
    lacking = f"{culprit} does not provide" if culprit else "no part provides"
    text = f"{part} needs '{need}', which {lacking}."
    chosen = [*_instead(givers, culprit), *_without(registry, components, part)]
    cures = _switches(culprit, need) if culprit and culprit.component.kind in options else []
    if need in _HINTS and culprit is not None and not cures:
        text = f"{text} {_HINTS[need]}"
    cures += [f"{options[kind]} {_listed(names)}" for kind, names in chosen if kind in options]
    return f"{text} What fits: {'; or '.join(cures)}." if cures else text


def _givers(registry: Registry, need: str) -> dict[Kind, list[str]]:
    """Which components could provide a capability, by kind."""
    givers: dict[Kind, list[str]] = {}
    for entry in registry.entries:
        record = entry.record
        if isinstance(record, Component) and need in map(_capability, record.provides):
            givers.setdefault(record.kind, []).append(record.name)
    return givers


def _capability(provided: str | When) -> str:
    return provided if isinstance(provided, str) else provided.capability


def _switches(culprit: ChosenComponent | None, need: str) -> list[str]:
    """Settings of the lacking part that would make it provide the need."""
    conditions = culprit.component.provides if culprit else ()
    return [
        f"--set {culprit.component.kind}.{when.setting}={when.values[0]}"
        for when in conditions
        if culprit and isinstance(when, When) and when.capability == need
    ]


def _instead(givers: Mapping[Kind, list[str]], culprit: ChosenComponent | None) -> list[tuple[Kind, list[str]]]:
    if culprit is None:
        return list(givers.items())
    others = [n for n in givers.get(culprit.component.kind, ()) if n != culprit.component.name]
    return [(culprit.component.kind, others)] if others else []


def _without(
    registry: Registry, components: list[ChosenComponent], part: ChosenComponent
) -> list[tuple[Kind, list[str]]]:
    """Components of the needy part's own kind that fit where it does not."""
    others = [p for p in components if p is not part]
    offered = frozenset().union(*(p.provides for p in others))
    kind = part.component.kind
    demanded = {need for other in others for need in other.component.needs}
    names = [
        record.name
        for record in (e.record for e in registry.of_kind(kind))
        if isinstance(record, Component) and set(record.needs) <= offered
        and (demanded & part.provides) <= set(map(_capability, record.provides))
    ]  # fmt: skip
    return [(kind, names)] if names else []


def _listed(names: list[str]) -> str:
    return "|".join(sorted(names)[:_LISTED]) + " or another" * (len(names) > _LISTED)
