"""Which parts stand beside the one under check: any that fit, found with the assembler's own rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from ganzoo.checks.bench_trainer import RECIPE, TRAINER
from ganzoo.checks.tiny import KIT
from ganzoo.config.compatibility import FOUND, assert_compatible, chosen_components
from ganzoo.config.layers import Config, Layer
from ganzoo.config.parameters import read_parameters
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import DoesNotFit, GanzooError
from ganzoo.registry.kinds import EVALUATION_KINDS, KINDS, MANY, Kind
from ganzoo.registry.registry import Entry, Registry, load_class
from ganzoo.registry.specs import Component, When

LABELS = "labels"
"""What a conditioning that tells of classes needs."""

ASSUMED: Mapping[Kind, frozenset[str]] = {kind: frozenset({capability}) for capability, kind in FOUND.items()}
"""Capabilities that show when a part is opened: the kit's own noise has them."""


def find_fitting_run(registry: Registry, fixed: Mapping[Kind, tuple[str, ...]]) -> Config:
    """Resolve a run of the given parts and of any others that fit them.

    Args:
        registry: a furnished one.
        fixed: parts that must be in it; a kind of which a run may hold any number is empty unless it is named.

    Raises:
        DoesNotFit: no choice of the other parts fits.
    """
    judging = () if "metric" in fixed else EVALUATION_KINDS
    free = [kind for kind in KINDS if kind not in (*MANY, *judging, *fixed)]
    first: GanzooError | None = None
    for names in product(*(candidates(registry, kind) for kind in free)):
        chosen: dict[Kind, tuple[str, ...]] = dict(zip(free, ((name,) for name in names), strict=True))
        try:
            config = resolve(registry, Request(RECIPE, (Layer(KIT, {**_nothing(), **fixed, **chosen}),)))
            assert_compatible(registry, chosen_components(registry, config, ASSUMED))
            return config
        except GanzooError as error:
            first = first or error
    raise first or DoesNotFit(f"nothing registered goes beside {dict(fixed)}")


def candidates(registry: Registry, kind: Kind) -> list[str]:
    """List one sound component for each set of needs and capabilities, in the registry's order."""
    if kind == "trainer":
        return [TRAINER]
    found: dict[object, str] = {}
    for entry in registry.of_kind(kind):
        if isinstance(entry.record, Component) and signature_error(entry.record) is None:
            found.setdefault((entry.record.needs, entry.record.provides), registry_name(registry, entry))
    return list(found.values())


def capabilities(component: Component) -> Iterator[str]:
    """Name what a component can provide, under whatever settings."""
    for provided in component.provides:
        yield provided.capability if isinstance(provided, When) else provided


def signature_error(component: Component) -> str | None:
    """Say why a component's settings cannot be read, or None when they can."""
    try:
        read_parameters(load_class(component))
    except (GanzooError, TypeError, NameError, AttributeError, ValueError) as error:  # of reading a foreign signature
        return f"{type(error).__name__}: {error}"
    return None


def registry_name(registry: Registry, entry: Entry) -> str:
    """Name an entry so that it is found: bare, or with its distribution where the bare name clashes."""
    same = [other for other in registry.of_kind(entry.kind) if other.record.name == entry.record.name]
    return entry.record.name if len(same) == 1 else entry.qualified


def _nothing() -> dict[Kind, tuple[str, ...]]:
    return dict.fromkeys(MANY, ())
