"""The resolved configuration: every value with its source; made of layers, saved as TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli_w

from ganzoo.config.run_settings import OptimizerSettings, RunSettings
from ganzoo.errors import BadRun, BadSetting
from ganzoo.registry.kinds import KINDS, MANY, Kind
from ganzoo.registry.registry import Registry, strip_distribution
from ganzoo.registry.specs import Value

FORMAT = 1
"""The version of a saved configuration, and of the run folder around it."""

SOURCES = "source"
"""The table of a saved configuration that holds where each value came from."""

NO_COMPONENT = "none"
"""The name that stands for no component, not even the recipe's, of a kind that may have any number.

In a saved configuration also the list of the settings that are None, which TOML cannot write as a value.
"""

COMMAND_LINE = "command line"
"""The source of what options say."""


@dataclass(frozen=True)
class Setting:
    """A value and where it came from.

    Args:
        source: ``default``, ``recipe dcgan``, ``loss wgan-gp``, ``file FILE`` or ``command line``.
    """

    value: Value
    source: str


@dataclass(frozen=True)
class Layer:
    """Components and settings from one source.

    Args:
        source: shown beside every value the layer sets.
        components: names by kind, several for the kinds in ``MANY``.
        settings: values by dotted path.
    """

    source: str
    components: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """A run, fully resolved.

    Args:
        recipe: ``distribution:name`` of the recipe it started from.
        components: ``distribution:name`` of the chosen components by kind, with their source.
        settings: every setting by dotted path, with its source.
        plugins: unpackaged plugin files the run needs.
    """

    recipe: str
    components: Mapping[Kind, Setting]
    settings: Mapping[str, Setting]
    plugins: tuple[str, ...] = ()

    @cached_property
    def run(self) -> RunSettings:
        """Settings of the run that belong to no component."""
        return RunSettings(**self.section("run"))

    @cached_property
    def optimizer(self) -> Mapping[str, OptimizerSettings]:
        """Settings of the optimizers by player, as the trainer declares the players."""
        players = dict.fromkeys(path.partition(".")[0] for path in self.section("optimizer"))
        return {player: OptimizerSettings(**self.section(f"optimizer.{player}")) for player in players}

    @property
    def recipe_name(self) -> str:
        """Name of the recipe without its distribution."""
        return strip_distribution(self.recipe)

    def names(self, kind: Kind) -> tuple[str, ...]:
        """Return the names of the components of one kind without their distributions; they are unique within a run."""
        return tuple(map(strip_distribution, self.qualified_names(kind)))

    def name(self, kind: Kind) -> str:
        """Return the name of the one component of a kind that holds exactly one."""
        return self.names(kind)[0]

    def qualified_names(self, kind: Kind) -> tuple[str, ...]:
        """Return the names of the components of one kind as the registry finds them: ``distribution:name``."""
        return component_names(self.components, kind)

    def qualified_name(self, kind: Kind) -> str:
        """Return the name of the one component of a kind as the registry finds it."""
        return self.qualified_names(kind)[0]

    def section(self, prefix: str) -> dict[str, Any]:
        """Return the values under ``prefix.``, by the rest of their path."""
        head = prefix + "."
        return {path[len(head) :]: s.value for path, s in self.settings.items() if path.startswith(head)}

    def everything(self, registry: Registry | None = None) -> dict[str, Setting]:
        """Return components and settings by path, the components by their short names.

        Args:
            registry: in which a name is short only if it is unique.
        """
        shown: dict[str, Setting] = {}
        for kind, setting in self.components.items():
            names = self.names(kind)
            if registry is not None:
                names = tuple(registry.shorten(kind, name) for name in self.qualified_names(kind))
            shown[kind] = replace(setting, value=names if isinstance(setting.value, tuple) else names[0])
        return shown | dict(self.settings)

    def __getitem__(self, path: str) -> Value:
        """Return the value of one setting by its full path."""
        return self.settings[path].value


def component_names(components: Mapping[Kind, Setting], kind: Kind) -> tuple[str, ...]:
    """Return the names of the components of one kind, none when the run has none."""
    value = components[kind].value if kind in components else ()
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


def split_layer(source: str, values: Mapping[str, object]) -> Layer:
    """Split flat values into components (``term``, in a file ``components.term``) and settings (``term.r1.weight``).

    Raises:
        BadSetting: a component is not named by a string, or by a list where one is allowed.
    """
    if "components" in values:
        raise BadSetting(f'{source}: [components] is a table, such as [components] and below it loss = "hinge".')
    bare = {path.removeprefix("components."): value for path, value in values.items()}
    components = {kind: _read_names(kind, bare[kind], source) for kind in KINDS if kind in bare}
    return Layer(source, components, {path: value for path, value in bare.items() if path not in KINDS})


def overlay(layers: Iterable[Layer]) -> tuple[dict[Kind, Setting], dict[str, tuple[object, str]]]:
    """Lay layers over one another; a later one wins.

    Returns:
        Components by kind, and raw settings by path as ``(value, source)``.
    """
    components: dict[Kind, Setting] = {}
    settings: dict[str, tuple[object, str]] = {}
    for layer in layers:
        for kind, names in layer.components.items():
            components[kind] = Setting(names if kind in MANY else names[0], layer.source)
        settings |= {path: (value, layer.source) for path, value in layer.settings.items()}
    return components, settings


def read_toml(path: Path) -> dict[str, object]:
    """Read a configuration file as flat dotted paths, without the table of sources.

    Raises:
        BadSetting: the file is missing or no valid TOML.
        BadRun: it was saved in another format.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSetting(f"--config {path}: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"--config {path} is no valid TOML: {error}.") from error
    assert_format(f"--config {path}", tree.pop("format", FORMAT))
    for key in (NO_COMPONENT, "plugins"):
        texts = tree.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise BadSetting(f"--config {path}: {key} must be a list of texts.")
    nothing = dict.fromkeys(tree.pop(NO_COMPONENT, []))
    return flatten({k: v for k, v in tree.items() if k != SOURCES}) | nothing


def save(config: Config, path: Path) -> None:
    """Write a configuration as TOML that ``--config`` reads back, sources in a table of their own."""
    values: dict[str, object] = {"format": FORMAT, "recipe": config.recipe}
    if config.plugins:
        values["plugins"] = list(config.plugins)
    values[NO_COMPONENT] = [path for path, setting in config.settings.items() if setting.value is None]
    values["components"] = {kind: _plain(setting.value) for kind, setting in config.components.items()}
    values |= nest({path: setting.value for path, setting in config.settings.items()})
    values[SOURCES] = {path: setting.source for path, setting in config.everything().items()}
    path.write_text(tomli_w.dumps(values), encoding="utf-8")


def load(path: Path) -> Config:
    """Read back what ``save`` wrote.

    Raises:
        BadRun: it was saved in another format.
    """
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    assert_format(f"'{path}'", tree.pop("format", None))
    sources: dict[str, str] = tree.pop(SOURCES)
    nothing: list[str] = tree.pop(NO_COMPONENT, [])
    recipe, plugins, components = tree.pop("recipe"), tree.pop("plugins", []), tree.pop("components")
    settings = {p: Setting(_frozen(v), sources[p]) for p, v in flatten(tree).items()}
    settings |= {p: Setting(None, sources[p]) for p in nothing}
    chosen: dict[Kind, Setting] = {kind: Setting(_frozen(names), sources[kind]) for kind, names in components.items()}
    return Config(recipe, chosen, settings, tuple(plugins))


def assert_format(what: str, found: object, reads: int = FORMAT) -> None:
    """Refuse a file or folder of another format.

    Args:
        what: the file, as the message begins.
        found: its format; None where it names none.
        reads: the format that this version reads.

    Raises:
        BadRun: the formats differ.
    """
    if found == reads:
        return
    has = "no format" if found is None else f"format {found}"
    newer = isinstance(found, int) and found > reads
    cure = "Update: pip install --upgrade ganzoo-core" if newer else "Train the run again, or use the ganzoo it is of."
    raise BadRun(f"{what} has {has}, and this ganzoo reads format {reads}. {cure}")


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


def _read_names(kind: Kind, value: object, source: str) -> tuple[str, ...]:
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
