"""Every setting a run has, read from the signatures of its parts."""

from __future__ import annotations

from collections.abc import Mapping

from ganzoo.config.layers import Setting, component_names
from ganzoo.config.parameters import Parameter, read_parameters
from ganzoo.config.run_settings import OptimizerSettings, RunSettings
from ganzoo.errors import BadPart, BadSetting
from ganzoo.registry.kinds import KIND_SPECS, KINDS, Kind
from ganzoo.registry.registry import Registry, load_class
from ganzoo.registry.specs import Component


def build_schema(registry: Registry, components: Mapping[Kind, Setting]) -> dict[str, Parameter]:
    """Settings by dotted path, in the order they are shown.

    Args:
        registry: where the parts' records are found.
        parts: the chosen parts.

    Returns:
        ``run.*``, ``optimizer.<player>.*``, ``<kind>.*``, and ``<kind>.<name>.*`` for kinds that hold many.

    Raises:
        BadSetting: two parts of one kind share a name.
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
    """Settings a component declares, by name.

    Raises:
        BadPart: its signature breaks the rules, or cannot be read.
    """
    try:
        return read_parameters(load_class(component))
    except (TypeError, NameError, AttributeError, ValueError) as error:
        raise BadPart(f"{_who(component)} cannot be used: {error}. {_laws(component)}") from error


def player_names(registry: Registry, components: Mapping[Kind, Setting]) -> tuple[str, ...]:
    """Names of the players the chosen trainer has."""
    component = registry.component("trainer", component_names(components, "trainer")[0])
    roles: tuple[str, ...] | None = getattr(load_class(component), "roles", None)
    if roles is None:
        raise BadPart(f"{_who(component)} has no class attribute roles, the names of its players. {_laws(component)}")
    return roles


def _who(component: Component) -> str:
    return f"{component.kind} '{component.name}' ({component.path})"


def _laws(component: Component) -> str:
    loose = "" if "." in component.path.partition(":")[0] else " --plugin FILE"
    return f"Its author finds more with: ganzoo check {component.name}{loose}"


def section_name(kind: Kind, name: str) -> str:
    """Where the settings of a part stand: ``loss``, or ``term.r1`` for kinds that hold many, whoever's it is."""
    return KIND_SPECS[kind].section(name)


def strip_distribution(name: str) -> str:
    """The part's own name, without the distribution that may stand before it."""
    return name.rpartition(":")[2]
