"""Every setting a run has, read from the signatures of its components."""

from __future__ import annotations

from collections.abc import Mapping

from ganzoo.config.layers import Setting, component_names
from ganzoo.config.parameters import Parameter, read_parameters
from ganzoo.config.run_settings import OptimizerSettings, RunSettings
from ganzoo.errors import BadComponent, BadSetting
from ganzoo.registry.kinds import KIND_SPECS, KINDS, Kind
from ganzoo.registry.registry import Registry, load_class, strip_distribution
from ganzoo.registry.specs import Component


def build_schema(registry: Registry, components: Mapping[Kind, Setting]) -> dict[str, Parameter]:
    """Return the settings of a run by dotted path, in the order they are shown.

    Args:
        registry: where the records are found.
        components: the chosen ones.

    Returns:
        ``run.*``, ``optimizer.<player>.*``, ``<kind>.*``, and ``<kind>.<name>.*`` for kinds that hold many.

    Raises:
        BadSetting: two components of one kind share a name.
    """
    schema = {f"run.{name}": param for name, param in read_parameters(RunSettings).items()}
    for role in player_names(registry, components):
        schema |= {f"optimizer.{role}.{n}": p for n, p in read_parameters(OptimizerSettings).items()}
    taken: set[str] = set()
    for kind in KINDS:
        for name in component_names(components, kind):
            head = section_name(kind, name)
            if head in taken:
                raise BadSetting(f"{kind} '{strip_distribution(name)}' is in this run twice. Name it once.")
            taken.add(head)
            schema |= {f"{head}.{n}": p for n, p in component_parameters(registry.component(kind, name)).items()}
    return schema


def component_parameters(component: Component) -> dict[str, Parameter]:
    """Return the settings a component declares, by name.

    Raises:
        BadComponent: its signature breaks the rules, or cannot be read.
    """
    try:
        return read_parameters(load_class(component))
    except (TypeError, NameError, AttributeError, ValueError) as error:
        raise BadComponent(f"{_who(component)} cannot be used: {error}.", component.name) from error


def player_names(registry: Registry, components: Mapping[Kind, Setting]) -> tuple[str, ...]:
    """Return the names of the players that the chosen trainer declares."""
    component = registry.component("trainer", component_names(components, "trainer")[0])
    roles: tuple[str, ...] | None = getattr(load_class(component), "roles", None)
    if roles is None:
        what = f"{_who(component)} has no class attribute roles, the names of its players."
        raise BadComponent(what, component.name)
    return roles


def _who(component: Component) -> str:
    return f"{component.kind} '{component.name}' ({component.path})"


def section_name(kind: Kind, name: str) -> str:
    """Return the section of a component's settings: ``loss``, or ``term.r1`` for kinds that hold many."""
    return KIND_SPECS[kind].section(name)
