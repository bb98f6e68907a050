"""Resolve a request: layers to a configuration in which every value knows its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from ganzoo.assembly.choose import layers_of
from ganzoo.assembly.schema import schema_of
from ganzoo.config import COMMAND_LINE, Config, Layer, Setting, overlay
from ganzoo.errors import GanzooError, UnknownName
from ganzoo.params import Param, lookup
from ganzoo.registry import Registry
from ganzoo.specs import KINDS, Kind

ABSENT: Mapping[str, str] = {
    "dataset.resolution": "this run's data has no resolution: drop --resolution, or choose images with --data.",
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
    recipe = registry.recipe(request.recipe)
    layers = layers_of(registry, recipe, request.layers)
    parts, raw = overlay(layers)
    schema = schema_of(registry, parts)
    typed = {layer.source: layer for layer in request.layers}
    settings = {path: Setting(param.default, "default") for path, param in schema.items()}
    for path, (value, source) in raw.items():
        if path not in schema and (source not in typed or _replaced(path, typed[source], parts)):
            continue  # meant for a part that is not in this run
        settings[path] = Setting(_param(schema, path, recipe.name).coerce(value, path), source)
    return Config(recipe.name, parts, settings, request.plugins)


def change(registry: Registry, config: Config, values: Mapping[str, object], source: str) -> Config:
    """Lay further settings over a resolved configuration; its parts stay."""
    schema = schema_of(registry, config.parts)
    new = {p: Setting(_param(schema, p, config.recipe).coerce(v, p), source) for p, v in values.items()}
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


def parse_settings(texts: Sequence[str]) -> dict[str, object]:
    """Read ``path.to.setting=value`` texts.

    Raises:
        GanzooError: a text has no ``=``.
    """
    values: dict[str, object] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or not path:
            raise GanzooError(f"--set {text}: write it as --set path.to.setting=value.")
        values[path.strip()] = value.strip()
    return values


def _param(schema: Mapping[str, Param], path: str, recipe: str) -> Param:
    last = path.rpartition(".")[2]
    same = [known for known in schema if known.rpartition(".")[2] == last]
    if path not in schema and same:
        close = get_close_matches(path, same, n=1, cutoff=0.0)[0]
        return lookup(path, {close: schema[close]}, f"See: ganzoo show {recipe}")
    if path in ABSENT and path not in schema:
        raise UnknownName(ABSENT[path])
    return lookup(path, schema, f"See: ganzoo show {recipe}")


def _replaced(path: str, layer: Layer, parts: Mapping[Kind, Setting]) -> bool:
    """Whether a file's setting belongs to a part that something above the file replaced."""
    kind = next((known for known in parts if known == path.partition(".")[0]), None)
    if kind is None or parts[kind].source == layer.source:
        return False
    return layer.source != COMMAND_LINE and (kind in layer.parts or parts[kind].source == COMMAND_LINE)
