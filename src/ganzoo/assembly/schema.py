"""Every setting a run has, read from the signatures of its parts."""

from __future__ import annotations

from collections.abc import Mapping

from ganzoo.config import Setting, names_of
from ganzoo.engine.optimizers import OptimizerSettings
from ganzoo.engine.settings import RunSettings
from ganzoo.errors import BadPart, BadSetting
from ganzoo.params import Param, settings_of
from ganzoo.registry import Registry, load_target
from ganzoo.specs import KINDS, MANY, Component, Kind


def schema_of(registry: Registry, parts: Mapping[Kind, Setting]) -> dict[str, Param]:
    """Settings by dotted path, in the order they are shown.

    Args:
        registry: where the parts' records are found.
        parts: the chosen parts.

    Returns:
        ``run.*``, ``optimizer.<player>.*``, ``<kind>.*``, and ``<kind>.<name>.*`` for kinds that hold many.

    Raises:
        BadSetting: two parts of one kind share a name.
    """
    schema = {f"run.{name}": param for name, param in settings_of(RunSettings).items()}
    for role in roles_of(registry, parts):
        schema |= {f"optimizer.{role}.{n}": p for n, p in settings_of(OptimizerSettings).items()}
    taken: set[str] = set()
    for kind in KINDS:
        for name in names_of(parts, kind):
            head = section_of(kind, name)
            if head in taken:
                raise BadSetting(f"{kind} '{bare(name)}' is in this run twice. Name it once.")
            taken.add(head)
            schema |= {f"{head}.{n}": p for n, p in declared(registry.component(kind, name)).items()}
    return schema


def declared(component: Component) -> dict[str, Param]:
    """Settings a component declares, by name.

    Raises:
        BadPart: its signature breaks the rules, or cannot be read.
    """
    try:
        return settings_of(load_target(component))
    except (TypeError, NameError, AttributeError, ValueError) as error:
        raise BadPart(f"{_who(component)} cannot be used: {error}. {_laws(component)}") from error


def roles_of(registry: Registry, parts: Mapping[Kind, Setting]) -> tuple[str, ...]:
    """Names of the players the chosen trainer has."""
    component = registry.component("trainer", names_of(parts, "trainer")[0])
    roles: tuple[str, ...] | None = getattr(load_target(component), "roles", None)
    if roles is None:
        raise BadPart(f"{_who(component)} has no class attribute roles, the names of its players. {_laws(component)}")
    return roles


def _who(component: Component) -> str:
    return f"{component.kind} '{component.name}' ({component.target})"


def _laws(component: Component) -> str:
    loose = "" if "." in component.target.partition(":")[0] else " --plugin FILE"
    return f"Its author finds more with: ganzoo check {component.name}{loose}"


def section_of(kind: Kind, name: str) -> str:
    """Where the settings of a part stand: ``loss``, or ``penalty.r1`` for kinds that hold many, whoever's it is."""
    return f"{kind}.{bare(name)}" if kind in MANY else kind


def bare(name: str) -> str:
    """The part's own name, without the distribution that may stand before it."""
    return name.rpartition(":")[2]
