"""Resolve a request: layers to a configuration in which every value has a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from ganzoo.config.layers import COMMAND_LINE, Config, Layer, Setting, component_names
from ganzoo.config.parameters import Parameter, siblings
from ganzoo.config.recommendations import overlay_recommendations
from ganzoo.config.schema import build_schema
from ganzoo.errors import BadComponent, BadSetting, DoesNotFit, UnknownName, nearest
from ganzoo.registry.kinds import KIND_SPECS, KINDS, MANY, Kind
from ganzoo.registry.registry import Entry, Registry, strip_distribution

ABSENT: Mapping[str, str] = {
    "dataset.resolution": "this run's data has no resolution: drop --resolution, or choose images with --data.",
    "dataset.path": 'this run\'s data take no path: name your own with --data PATH, or data = "PATH" in a file.',
    "features.weights": "these features take no weights: drop --weights, or choose others with --features.",
}
"""Settings with an option of their own, and the message where no component has them."""


@dataclass(frozen=True)
class Request:
    """What a user asked for.

    Args:
        recipe: name of the recipe.
        layers: laid over it, configuration files before the command line.
        plugins: unpackaged plugin files.
    """

    recipe: str
    layers: tuple[Layer, ...] = ()
    plugins: tuple[str, ...] = field(default=())


def resolve(registry: Registry, request: Request) -> Config:
    """Lay everything over the defaults, check every path and every value.

    Raises:
        UnknownName: an unknown recipe, component or setting.
        BadSetting: a value of the wrong type or out of range.
        DoesNotFit: a kind without which nothing can be built has no component.
    """
    recipe = registry.find("recipe", request.recipe)
    components, raw = overlay_recommendations(registry, request.recipe, request.layers)
    _assert_complete(recipe, components)
    schema = build_schema(registry, components)
    user = {layer.source: layer for layer in request.layers}
    settings = {path: Setting(param.default, "default") for path, param in schema.items()}
    for path, (value, source) in raw.items():
        if path not in schema and (source not in user or _is_replaced(path, user[source], components)):
            _assert_recipe_fits(path, source, recipe, components, schema)
            continue  # meant for a component that is not in this run
        with _name_file(source):
            settings[path] = Setting(_find(schema, path, recipe.qualified, registry).coerce(value, path), source)
    return Config(recipe.qualified, components, settings, request.plugins)


def change(registry: Registry, config: Config, values: Mapping[str, object], source: str) -> Config:
    """Lay further settings over a resolved configuration; its components stay."""
    schema = build_schema(registry, config.components)
    new = {p: Setting(_find(schema, p, config.recipe, registry).coerce(v, p), source) for p, v in values.items()}
    return replace(config, settings={**config.settings, **new})


def adjustments(config: Config) -> list[str]:
    """Describe in one line each what the recommendations of chosen components changed."""
    by_source: dict[str, list[str]] = {}
    for path, setting in config.everything().items():
        head = setting.source.partition(" ")[0]
        if head in KINDS and setting.value is not None:
            shown = ", ".join(map(str, setting.value)) if isinstance(setting.value, tuple) else setting.value
            by_source.setdefault(setting.source, []).append(f"{path} = {shown}")
    return [f"{source} sets {', '.join(lines)}" for source, lines in by_source.items()]


@contextmanager
def _name_file(source: str) -> Iterator[None]:
    """Name the file in which a setting is wrong: there may be several."""
    try:
        yield
    except (BadSetting, UnknownName) as error:
        if not source.startswith("file "):
            raise
        raise type(error)(f"{source}: {error}") from error


def _find(schema: Mapping[str, Parameter], path: str, recipe: str, registry: Registry) -> Parameter:
    """Find a setting by its full path, or say which was meant."""
    if path in schema:
        return schema[path]
    if path in ABSENT:
        raise UnknownName(ABSENT[path])
    kind, name, *_ = (*path.split("."), "")
    spec = KIND_SPECS.get(kind)
    exists = spec and spec.many and any(entry.record.name == name for entry in registry.of_kind(kind))
    if spec and exists and not any(known.startswith(f"{kind}.{name}.") for known in schema):
        cure = f"Add {spec.option} {name}, or drop it." if spec.option else "Drop it."
        raise UnknownName(f"no setting '{path}': {kind} '{name}' is not in this run. {cure}")
    same = [known for known in schema if known.rpartition(".")[2] == path.rpartition(".")[2]]
    close = " or ".join(f"'{known}'" for known in get_close_matches(path, same, n=3, cutoff=0.0))
    meant = f" Did you mean {close}?" if close else nearest(path, [*schema, *KINDS])
    meant = meant or nearest(path, siblings(path, schema))
    shows = (entry.command("show") for entry in registry.of_kind("recipe") if entry.qualified == recipe)
    show = next(shows, f"ganzoo show {recipe}")
    what = "setting" if "." in path else "component or setting"
    raise UnknownName(f"no {what} '{path}'.{meant} See: {show}")


def _assert_complete(recipe: Entry, components: Mapping[Kind, Setting]) -> None:
    """Refuse a run that lacks a component nothing can be built without, or has one that nothing calls."""
    if component_names(components, "tracker"):
        raise DoesNotFit("components of the kind 'tracker' are not called by anything yet: leave it out.")
    for kind in KINDS:
        if kind not in MANY and not component_names(components, kind):
            raise DoesNotFit(f"recipe '{recipe.record.name}' names no {kind}, and neither do you: add --{kind} NAME. "
                             f"See: ganzoo list {kind}")  # fmt: skip


def _assert_recipe_fits(
    path: str, source: str, recipe: Entry, components: Mapping[Kind, Setting], schema: Mapping[str, Parameter]
) -> None:
    """Refuse a recipe's setting that its own component does not have; one for a component that was replaced is fine."""
    kind = next((known for known in components if known == path.partition(".")[0]), None)
    if source == f"recipe {recipe.record.name}" and kind is not None and components[kind].source == source:
        what = " and ".join(f"'{strip_distribution(name)}'" for name in component_names(components, kind)) or "none"
        raise BadComponent(f"recipe '{recipe.record.name}' sets {path}, a setting its {kind} {what} does not have."
                           f"{nearest(path, siblings(path, schema))} Its author can fix that.")  # fmt: skip


def _is_replaced(path: str, layer: Layer, components: Mapping[Kind, Setting]) -> bool:
    """Whether a file's setting belongs to a component that something above the file replaced."""
    kind = next((known for known in components if known == path.partition(".")[0]), None)
    if kind is None or components[kind].source == layer.source:
        return False
    return layer.source != COMMAND_LINE and (kind in layer.components or components[kind].source == COMMAND_LINE)
