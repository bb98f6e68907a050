"""Tiny runs around a component: other components that fit it, and every size as small as a check can afford."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

from ganzoo.checks.kit_trainer import RECIPE, TRAINER
from ganzoo.config.compatibility import FOUND, assert_compatible, chosen_components
from ganzoo.config.layers import Config, Layer
from ganzoo.config.parameters import Parameter, read_parameters
from ganzoo.config.resolution import Request, change, resolve
from ganzoo.config.schema import build_schema
from ganzoo.errors import BadSetting, DoesNotFit, GanzooError
from ganzoo.registry.kinds import EVALUATION_KINDS, KINDS, MANY, Kind
from ganzoo.registry.registry import Entry, Registry, load_class
from ganzoo.registry.specs import Component, Value, When

KIT = "conformance kit"
"""The source of what the kit sets."""

RUN: Mapping[str, Value] = {
    "run.images": 10_000,
    "run.batch_size": 4,
    "run.device": "cpu",
    "run.precision": "fp32",
    "run.workers": 0,
}

_LIMITS: Mapping[str, int] = {
    r"resolution": 16,  # the smallest size with two doublings, hence with a normalisation in between
    r"count|samples": 48,
    r"(.*_)?(dim|width|channels|features|hidden|units)": 8,
    r"(num_)?(depth|layers|blocks)": 2,
}

LABELS = "labels"
"""The capability that a conditioning with classes needs."""

ASSUMED: Mapping[Kind, frozenset[str]] = {kind: frozenset({capability}) for capability, kind in FOUND.items()}
"""Capabilities that a data set shows when it is opened: the kit's own noise has them."""


def find_fitting_run(registry: Registry, fixed: Mapping[Kind, tuple[str, ...]]) -> Config:
    """Resolve a run of the given components and of any others that fit them.

    Args:
        registry: one with the kit's trainer.
        fixed: components that must be in it, by kind; kinds that hold many are empty unless they are given.

    Raises:
        DoesNotFit: no choice of the other components fits.
    """
    measuring = () if "metric" in fixed else EVALUATION_KINDS
    free = [kind for kind in KINDS if kind not in (*MANY, *measuring, *fixed)]
    first: GanzooError | None = None
    for names in product(*(candidates(registry, kind) for kind in free)):
        chosen: dict[Kind, tuple[str, ...]] = dict(zip(free, ((name,) for name in names), strict=True))
        try:
            config = resolve(registry, Request(RECIPE, (Layer(KIT, {**dict.fromkeys(MANY, ()), **fixed, **chosen}),)))
            assert_compatible(registry, chosen_components(registry, config, ASSUMED))
            return config
        except GanzooError as error:
            first = first or error
    raise first or DoesNotFit(f"nothing registered fits {dict(fixed)}")


def candidates(registry: Registry, kind: Kind) -> list[str]:
    """List one component that can be loaded for each set of needs and capabilities, in the registry's order."""
    if kind == "trainer":
        return [TRAINER]
    found: dict[object, str] = {}
    for entry in registry.of_kind(kind):
        if isinstance(entry.record, Component) and signature_error(entry.record) is None:
            found.setdefault((entry.record.needs, entry.record.provides), registry_name(registry, entry))
    return list(found.values())


def capabilities(component: Component) -> Iterator[str]:
    """List what a component provides under some of its settings."""
    for provided in component.provides:
        yield provided.capability if isinstance(provided, When) else provided


def signature_error(component: Component) -> str | None:
    """Say why a component's settings cannot be read, or None when they can."""
    try:
        read_parameters(load_class(component))
    except (GanzooError, TypeError, NameError, AttributeError, ValueError) as error:  # of a plugin's signature
        return f"{type(error).__name__}: {error}"
    return None


def registry_name(registry: Registry, entry: Entry) -> str:
    """Return the name that finds an entry, with its distribution where the bare name is ambiguous."""
    same = [other for other in registry.of_kind(entry.kind) if other.record.name == entry.record.name]
    return entry.record.name if len(same) == 1 else entry.qualified


def shrink_config(registry: Registry, config: Config) -> Config:
    """Make every size among the settings of a run, and the run itself, tiny.

    Args:
        registry: where the components are found.
        config: any resolved configuration.
    """
    schema = build_schema(registry, config.components)
    own = {path: param for path, param in schema.items() if path.partition(".")[0] not in ("run", "optimizer")}
    small = {path: small_value(param, config[path]) for path, param in own.items()}
    return change(registry, config, {**RUN, **{path: value for path, value in small.items() if value is not None}}, KIT)


def small_value(param: Parameter, current: Value) -> int | None:
    """Return the tiny value of a setting, or None to leave it: no size, small already, or out of its range."""
    limit = next((small for pattern, small in _LIMITS.items() if re.fullmatch(pattern, param.name)), None)
    if limit is None or isinstance(current, bool) or not isinstance(current, int) or current <= limit:
        return None
    try:
        return limit if param.coerce(limit, param.name) == limit else None
    except BadSetting:
        return None
