"""Resolve a request: layers to a configuration in which every value knows its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import cast

from ganzoo.config.layers import COMMAND_LINE, Config, Layer, Setting, component_names, overlay
from ganzoo.config.parameters import Parameter, find_parameter, siblings
from ganzoo.config.recommendations import order_layers
from ganzoo.config.schema import build_schema
from ganzoo.errors import BadPart, BadSetting, DoesNotFit, UnknownName, nearest
from ganzoo.registry.kinds import KINDS, MANY, TRAIN_OPTIONS, Kind
from ganzoo.registry.registry import Registry
from ganzoo.registry.specs import Recipe

ABSENT: Mapping[str, str] = {
    "dataset.resolution": "this run's data has no resolution: drop --resolution, or choose images with --data.",
    "dataset.path": 'this run\'s data take no path: name your own with --data PATH, or data = "PATH" in a file.',
    "features.weights": "these features take no weights: drop --weights, or choose others with --features.",
}
"""Settings with an option of their own, and what to say where no part has them."""


@dataclass(frozen=True)
class Request:
    """What a user asked for.

    Args:
        recipe: name of the recipe.
        layers: what is laid over it, the configuration file before the command line.
        plugins: unpackaged plugin files.
    """

    recipe: str
    layers: tuple[Layer, ...] = ()
    plugins: tuple[str, ...] = field(default=())


def resolve(registry: Registry, request: Request) -> Config:
    """Lay everything over the defaults, check every path and every value.

    Raises:
        UnknownName: an unknown recipe, part or setting.
        BadSetting: a value of the wrong type or out of range.
        DoesNotFit: the recipe leaves a kind without which nothing can be built.
    """
    entry = registry.find("recipe", request.recipe)
    recipe = cast(Recipe, entry.record)
    layers = order_layers(registry, entry, request.layers)
    components, raw = overlay(layers)
    _assert_whole(recipe, components)
    schema = build_schema(registry, components)
    typed = {layer.source: layer for layer in request.layers}
    settings = {path: Setting(param.default, "default") for path, param in schema.items()}
    for path, (value, source) in raw.items():
        if path not in schema and (source not in typed or _replaced(path, typed[source], components)):
            _assert_elsewhere(path, source, recipe, components, schema)
            continue  # meant for a part that is not in this run
        with _named(source):
            settings[path] = Setting(_param(schema, path, recipe.name, registry).coerce(value, path), source)
    spelled = registry.spelling("recipe", recipe.name, entry.plugin.distribution)
    return Config(spelled, components, settings, request.plugins)


def change(registry: Registry, config: Config, values: Mapping[str, object], source: str) -> Config:
    """Lay further settings over a resolved configuration; its parts stay."""
    schema = build_schema(registry, config.components)
    new = {p: Setting(_param(schema, p, config.recipe, registry).coerce(v, p), source) for p, v in values.items()}
    return replace(config, settings={**config.settings, **new})


def adjustments(config: Config) -> list[str]:
    """Say what parts changed by themselves: one line a part that was swapped in."""
    by_source: dict[str, list[str]] = {}
    for path, setting in config.everything().items():
        head = setting.source.partition(" ")[0]
        if head in KINDS and setting.value is not None:
            shown = ", ".join(map(str, setting.value)) if isinstance(setting.value, tuple) else setting.value
            by_source.setdefault(setting.source, []).append(f"{path} = {shown}")
    return [f"{source} sets {', '.join(lines)}" for source, lines in by_source.items()]


@contextmanager
def _named(source: str) -> Iterator[None]:
    """Say in which file a setting is wrong: there may be several."""
    try:
        yield
    except (BadSetting, UnknownName) as error:
        if not source.startswith("file "):
            raise
        raise type(error)(f"{source}: {error}") from error


def _param(schema: Mapping[str, Parameter], path: str, recipe: str, registry: Registry) -> Parameter:
    if "." not in path and path not in schema:
        owned = [f"'{known}'" for known in schema if known.rpartition(".")[2] == path][:3]
        meant = f" Did you mean {' or '.join(owned)}?" if owned else nearest(path, KINDS)
        raise UnknownName(f"no part or setting '{path}'.{meant} See: ganzoo show {recipe}")
    for kind in (kind for kind in MANY if path.startswith(f"{kind}.")):
        _assert_in_this_run(schema, kind, path, registry)
    last = path.rpartition(".")[2]
    same = [known for known in schema if known.rpartition(".")[2] == last]
    if path not in schema and same:
        close = get_close_matches(path, same, n=1, cutoff=0.0)[0]
        return find_parameter(path, {close: schema[close]}, f"See: ganzoo show {recipe}")
    if path in ABSENT and path not in schema:
        raise UnknownName(ABSENT[path])
    return find_parameter(path, schema, f"See: ganzoo show {recipe}")


def _assert_in_this_run(schema: Mapping[str, Parameter], kind: Kind, path: str, registry: Registry) -> None:
    """Refuse a setting of a part that there is, but not in this run."""
    name = path.split(".")[1]
    here = any(known.startswith(f"{kind}.{name}.") for known in schema)
    if not here and any(entry.record.name == name for entry in registry.of_kind(kind)):
        cure = f"Add {TRAIN_OPTIONS[kind]} {name}, or drop it." if kind in TRAIN_OPTIONS else "Drop it."
        raise UnknownName(f"no setting '{path}': {kind} '{name}' is not in this run. {cure}")


def _assert_whole(recipe: Recipe, components: Mapping[Kind, Setting]) -> None:
    """Refuse a run that lacks a part nothing can be built without, or has one nobody would call."""
    if component_names(components, "tracker"):
        raise DoesNotFit("a part of kind 'tracker' is not called by anything yet: leave it out.")
    for kind in KINDS:
        if kind not in MANY and not component_names(components, kind):
            raise DoesNotFit(f"recipe '{recipe.name}' names no {kind}, and neither do you: add --{kind} NAME. "
                             f"See: ganzoo list {kind}")  # fmt: skip


def _assert_elsewhere(
    path: str, source: str, recipe: Recipe, components: Mapping[Kind, Setting], schema: Mapping[str, Parameter]
) -> None:
    """Refuse a recipe's setting that its own part does not have; one of a part that was swapped away is no mistake."""
    kind = next((known for known in components if known == path.partition(".")[0]), None)
    if source == f"recipe {recipe.name}" and kind is not None and components[kind].source == source:
        what = " and ".join(f"'{name}'" for name in component_names(components, kind)) or "none"
        raise BadPart(f"recipe '{recipe.name}' sets {path}, a setting its {kind} {what} does not have."
                      f"{nearest(path, siblings(path, schema))} Its author mends that.")  # fmt: skip


def _replaced(path: str, layer: Layer, components: Mapping[Kind, Setting]) -> bool:
    """Whether a file's setting belongs to a part that something above the file replaced."""
    kind = next((known for known in components if known == path.partition(".")[0]), None)
    if kind is None or components[kind].source == layer.source:
        return False
    return layer.source != COMMAND_LINE and (kind in layer.components or components[kind].source == COMMAND_LINE)
