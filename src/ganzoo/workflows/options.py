"""Options of the command line and of ``ganzoo.train``, and the request they make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ganzoo.components.datasets.source import detect_reader
from ganzoo.config.layers import COMMAND_LINE, Layer, read_toml, split_layer
from ganzoo.config.option_values import assert_set_once, parse_settings, read_evaluate, read_features, read_seconds
from ganzoo.config.parameters import read_parameters
from ganzoo.config.resolution import Request
from ganzoo.errors import BadData, BadSetting, UnknownName, nearest
from ganzoo.registry.kinds import KINDS, TRAIN_OPTIONS
from ganzoo.registry.registry import Registry, load_class, strip_distribution

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a user asks of a run; None leaves it to the recipe.

    Args:
        recipe: recipe to start from; None only if a file or a resumed run names it.
        components: names by kind.
        data: name of a data set, ``name:argument``, or a path.
        resolution: height and width of the images.
        evaluate: metrics to compute while training, and how often: ``fd,modes@50k``.
        features: features the metrics compute from an image: a name, or ``name:argument``.
        run: settings of ``run.*`` that have an option, by name.
        settings: values by dotted path, or texts ``path.to.setting=value``.
        config: TOML files; they override the recipe, the other options override them.
        plugins: unpackaged plugin files.
    """

    recipe: str | None = None
    components: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    data: str | None = None
    resolution: int | None = None
    evaluate: str | None = None
    features: str | None = None
    run: Mapping[str, object] = field(default_factory=dict)
    settings: Mapping[str, object] | Sequence[str] = ()
    config: tuple[Path, ...] = ()
    plugins: tuple[str, ...] = ()


def drop_none(values: Mapping[str, _T | None]) -> dict[str, _T]:
    """Return the entries that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def build_request(options: RunOptions, registry: Registry) -> Request:
    """Turn options into layers over a recipe.

    Raises:
        GanzooError: no recipe is named, or an option has a wrong value.
    """
    layers, recipe = [], options.recipe
    for file in options.config:
        values = read_toml(file)
        named = values.pop("recipe", None)
        values.pop("plugins", None)
        if named and recipe is not None and strip_distribution(recipe) != strip_distribution(str(named)):
            raise BadSetting(f"--config {file} starts from recipe '{named}', not from '{recipe}': name one of the two.")
        if named and (recipe is None or ":" not in recipe):
            recipe = str(named)
        layers.append(split_layer(f"file {file.name}", _read_data_entry(values, file, registry)))
    if recipe is None:
        names = ", ".join(sorted(e.record.name for e in registry.of_kind("recipe")))
        raise UnknownName(f"name a recipe: ganzoo train RECIPE, one of {names}.")
    return Request(recipe, (*layers, command_line_layer(options, registry)), options.plugins)


def _read_data_entry(values: Mapping[str, object], file: Path, registry: Registry) -> dict[str, object]:
    """Read ``data`` of a configuration file as ``--data`` is read."""
    others = {path: value for path, value in values.items() if path != "data"}
    if len(others) == len(values):
        return others
    if not isinstance(values["data"], str):
        raise BadSetting(f"--config {file}: data = {values['data']!r} must be a text, as --data takes it.")
    return read_data(values["data"], registry) | others


def command_line_layer(options: RunOptions, registry: Registry) -> Layer:
    """Collect the options into one layer."""
    values: dict[str, object] = dict(options.components)
    values |= read_data(options.data, registry) if options.data is not None else {}
    values |= evaluation_settings(options, registry)
    settings = read_set_options(options)
    assert_set_once(settings, values)
    return split_layer(COMMAND_LINE, values | settings)


def evaluation_settings(options: RunOptions, registry: Registry) -> dict[str, object]:
    """Return the components and settings that the options for metrics and features choose."""
    values = read_evaluate(options.evaluate) if options.evaluate is not None else {}
    return values | (read_features(options.features, registry) if options.features is not None else {})


def read_set_options(options: RunOptions) -> dict[str, object]:
    """Return the settings among the options, by dotted path."""
    given = options.settings
    values = dict(given) if isinstance(given, Mapping) else parse_settings(given)
    named: dict[str, object] = {} if options.resolution is None else {"dataset.resolution": options.resolution}
    for name, value in options.run.items():
        named[f"run.{name}"] = read_seconds(value) if name == "time" else value
    assert_set_once(values, named)
    values |= named
    for kind in (kind for kind in KINDS if kind in values):
        way = f"with {TRAIN_OPTIONS[kind]} {values[kind]}" if kind in TRAIN_OPTIONS else "in a --config file"
        raise BadSetting(f"'{kind}' is a component, not a setting: choose it {way}.")
    return values


def read_data(text: str, registry: Registry) -> dict[str, object]:
    """Read ``--data``: a registered name, ``name:argument``, or a path.

    Raises:
        BadData: the text is none of the three.
        BadSetting: the data set takes no argument.
    """
    known = [e for e in registry.of_kind("dataset") if text in (e.record.name, e.qualified)]
    if known:
        return {"dataset": text}
    head, colon, argument = text.partition(":")
    names = [e.record.name for e in registry.of_kind("dataset")]
    if colon and head in names:
        if "path" not in read_parameters(load_class(registry.component("dataset", head))):
            show = registry.find("dataset", head).command("show")
            raise BadSetting(f"--data {text}: '{head}' takes no path. Its settings: {show}")
        return {"dataset": head, "dataset.path": argument}
    if not Path(text).exists() and re.fullmatch(r"[\w:-]+", text):
        raise BadData(f"no data set, file or folder '{text}'.{nearest(text, names)} See: ganzoo list dataset")
    name, path = detect_reader(text)
    return {"dataset": name, "dataset.path": str(Path(path).resolve())}
