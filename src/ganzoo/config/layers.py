"""The resolved configuration: every value with its source; laid in layers, saved as TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from ganzoo.errors import BadSetting
from ganzoo.registry.kinds import KINDS, MANY, Kind
from ganzoo.registry.specs import Value

SOURCES = "source"
"""The table of a saved configuration that tells where each value came from."""

ORIGINS = "from"
"""The table of a saved configuration that tells which distribution each part came from."""

NO_COMPONENT = "none"
"""The list of a saved configuration's settings that hold nothing, since TOML cannot write that as a value."""


COMMAND_LINE = "command line"
"""The source of what flags say."""


@dataclass(frozen=True)
class Setting:
    """A value and where it came from.

    Args:
        value: the value itself.
        source: ``default``, ``recipe dcgan``, ``loss wgan-gp``, ``file FILE`` or ``command line``.
    """

    value: Value
    source: str


@dataclass(frozen=True)
class Layer:
    """Settings and parts from one source.

    Args:
        source: shown beside every value the layer sets.
        parts: names by kind, several for the kinds in ``MANY``.
        settings: values by dotted path.
    """

    source: str
    components: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """A run, fully resolved.

    Args:
        recipe: the recipe it started from.
        parts: the chosen component names by kind, with their source.
        settings: every setting by dotted path, with its source.
        plugins: unpackaged plugin files the run needs.
        homes: the distribution of each part, by the section of its settings; known of a run that was started.
    """

    recipe: str
    components: Mapping[Kind, Setting]
    settings: Mapping[str, Setting]
    plugins: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    def names(self, kind: Kind) -> tuple[str, ...]:
        """Names of the chosen components of one kind."""
        return component_names(self.components, kind)

    def name(self, kind: Kind) -> str:
        """Name of the one component of a kind that holds exactly one."""
        return self.names(kind)[0]

    def section(self, prefix: str) -> dict[str, Any]:
        """Values under ``prefix.``, by the rest of their path."""
        head = prefix + "."
        return {path[len(head) :]: s.value for path, s in self.settings.items() if path.startswith(head)}

    def everything(self) -> dict[str, Setting]:
        """Parts and settings by path, the parts first."""
        named: dict[str, Setting] = dict(self.components.items())
        return named | dict(self.settings)

    def __getitem__(self, path: str) -> Value:
        """Value of one setting by its full path."""
        return self.settings[path].value


def component_names(components: Mapping[Kind, Setting], kind: Kind) -> tuple[str, ...]:
    """Names of the parts of one kind, none when the run has none."""
    value = components[kind].value if kind in components else ()
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


NO_COMPONENT = "none"
"""In the place of the name of a term, constraint, augmentation or schedule: no such part, not even the recipe's."""


def split_layer(source: str, values: Mapping[str, object]) -> Layer:
    """Tell parts (``term``, in a file ``components.term``) from settings (``term.r1.weight``) in flat values.

    Raises:
        BadSetting: a part is not named by a string, or by a list where one is allowed.
    """
    if "components" in values:
        raise BadSetting(f'{source}: [components] is a table; below it stands, for example, loss = "hinge".')
    bare = {path.removeprefix("components."): value for path, value in values.items()}
    components = {kind: _part_names(kind, bare[kind], source) for kind in KINDS if kind in bare}
    return Layer(source, components, {path: value for path, value in bare.items() if path not in KINDS})


def overlay(layers: Iterable[Layer]) -> tuple[dict[Kind, Setting], dict[str, tuple[object, str]]]:
    """Lay layers over one another, the later on top.

    Returns:
        Parts by kind, and raw settings by path as ``(value, source)``.
    """
    components: dict[Kind, Setting] = {}
    settings: dict[str, tuple[object, str]] = {}
    for layer in layers:
        for kind, names in layer.components.items():
            components[kind] = Setting(names if kind in MANY else names[0], layer.source)
        settings |= {path: (value, layer.source) for path, value in layer.settings.items()}
    return components, settings


def read_toml(path: Path) -> dict[str, object]:
    """Read a configuration file as flat dotted paths; the table of sources is left out, that of homes is ``from.*``.

    Raises:
        BadSetting: the file is missing or no valid TOML.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        nothing = dict.fromkeys(_names(tree, NO_COMPONENT, path))
        _names(tree, "plugins", path)
        return flatten({k: v for k, v in tree.items() if k != SOURCES}) | nothing
    except OSError as error:
        raise BadSetting(f"--config {path}: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"--config {path} is no valid TOML: {error}.") from error


def _names(tree: dict[str, Any], key: str, path: Path) -> list[str]:
    """Take a list of texts out of a configuration file."""
    named = tree.pop(key, []) if key == NO_COMPONENT else tree.get(key, [])
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise BadSetting(f"--config {path}: {key} must be a list of texts.")
    return named


def save(config: Config, path: Path) -> None:
    """Write a configuration as TOML that ``--config`` reads back, sources in a table of their own."""
    values: dict[str, object] = {"recipe": config.recipe}
    if config.plugins:
        values["plugins"] = list(config.plugins)
    values[NO_COMPONENT] = [path for path, setting in config.settings.items() if setting.value is None]
    tree = values | {"components": {}} | nest({p: s.value for p, s in config.settings.items()})
    tree["components"] = {kind: _plain(s.value) for kind, s in config.components.items()}
    tree |= {ORIGINS: dict(config.origins)} if config.origins else {}
    tree[SOURCES] = {p: s.source for p, s in config.everything().items()}
    path.write_text(tomli_w.dumps(tree), encoding="utf-8")


def load(path: Path) -> Config:
    """Read back what ``save`` wrote."""
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    sources: dict[str, str] = tree.pop(SOURCES)
    tree.pop(NO_COMPONENT, None)
    origins: dict[str, str] = tree.pop(ORIGINS, {})
    recipe, plugins, components = tree.pop("recipe"), tree.pop("plugins", []), tree.pop("components")
    settings = {p: Setting(_frozen(v), sources[p]) for p, v in flatten(tree).items()}
    settings |= {p: Setting(None, s) for p, s in sources.items() if p not in settings and p not in components}
    chosen: dict[Kind, Setting] = {kind: Setting(_frozen(names), sources[kind]) for kind, names in components.items()}
    return Config(recipe, chosen, settings, tuple(plugins), origins)


def flatten(tree: Mapping[str, Any], head: str = "") -> dict[str, object]:
    """Turn nested tables into dotted paths."""
    flat: dict[str, object] = {}
    for key, value in tree.items():
        flat |= flatten(value, f"{head}{key}.") if isinstance(value, dict) else {f"{head}{key}": value}
    return flat


def nest(flat: Mapping[str, Value]) -> dict[str, Any]:
    """Turn dotted paths into nested tables; values that are None are left out, as TOML has none."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        *heads, last = path.split(".")
        branch = tree
        for head in heads:
            branch = branch.setdefault(head, {})
        if value is not None:
            branch[last] = _plain(value)
    return tree


def _plain(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


def _frozen(value: object) -> Value:
    return tuple(value) if isinstance(value, list) else value  # type: ignore[return-value]


def _part_names(kind: Kind, value: object, source: str) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else None
    if names is None or not all(isinstance(name, str) for name in names):
        raise BadSetting(
            f"{source}: {kind} = {value!r} must be a name" + (" or a list of names." if kind in MANY else ".")
        )
    if kind not in MANY and len(names) != 1:
        raise BadSetting(f"{source}: {kind} takes exactly one name, not {value!r}.")
    if kind in MANY and NO_COMPONENT in names and len(names) > 1:
        raise BadSetting(f"{source}: {kind} '{NO_COMPONENT}' stands alone: it means no {kind}. Drop it, or the others.")
    return () if kind in MANY and names == (NO_COMPONENT,) else tuple(map(str, names))
