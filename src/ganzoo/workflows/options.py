"""What a user may say on the command line or to ``ganzoo.train``, and the request it makes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from ganzoo.components.datasets.source import detect_reader
from ganzoo.config.layers import COMMAND_LINE, ORIGINS, Layer, read_toml, split_layer
from ganzoo.config.option_values import assert_set_once, parse_settings, read_evaluate, read_features, read_seconds
from ganzoo.config.parameters import read_parameters
from ganzoo.config.provenance import qualify_names
from ganzoo.config.resolution import Request
from ganzoo.config.schema import strip_distribution
from ganzoo.errors import BadData, BadSetting, UnknownName, nearest
from ganzoo.registry.kinds import KINDS, TRAIN_OPTIONS
from ganzoo.registry.registry import Registry, load_class

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Everything a user may say of a run; None leaves it to the recipe.

    Args:
        recipe: the recipe to start from; None only if a file or a resumed run names it.
        parts: component names by kind, for the kinds that were named.
        data: name of a data set, ``name:argument``, or a path.
        resolution: height and width of the images.
        evaluate: metrics to read while training, and how often: ``fd,modes@50k``.
        features: what metrics see of an image: a name, or ``name:argument``.
        run: settings of ``run.*`` that have a flag of their own, by name.
        settings: ``path.to.setting`` to value.
        config: TOML files laid between the recipe and everything else said here, the later on top.
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
    """Keep what was said: the entries that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def build_request(flags: RunOptions, registry: Registry) -> Request:
    """Turn flags into layers over a recipe.

    Raises:
        GanzooError: no recipe was named, or a flag makes no sense.
    """
    layers, recipe = [], flags.recipe
    for file in flags.config:
        values = read_toml(file)
        named = values.pop("recipe", None)
        values.pop("plugins", None)
        if named and recipe is not None and strip_distribution(recipe) != strip_distribution(str(named)):
            raise BadSetting(f"--config {file} starts from recipe '{named}', not from '{recipe}': name one of the two.")
        values = _with_data(values, file, registry)
        home = str(values.get(f"{ORIGINS}.recipe", ""))
        recipe = recipe or (registry.spelling("recipe", str(named), home) if named else None)
        layers.append(_file_layer(f"file {file.name}", values, registry))
    if recipe is None:
        names = ", ".join(sorted(e.record.name for e in registry.of_kind("recipe")))
        raise UnknownName(f"name a recipe: ganzoo train RECIPE, one of {names}.")
    return Request(recipe, (*layers, command_line_layer(flags, registry)), flags.plugins)


def _with_data(values: Mapping[str, object], file: Path, registry: Registry) -> dict[str, object]:
    """Read ``data`` in a file as ``--data`` is read."""
    others = {path: value for path, value in values.items() if path != "data"}
    if len(others) == len(values):
        return others
    if not isinstance(values["data"], str):
        raise BadSetting(f"--config {file}: data = {values['data']!r} must be a text, as --data takes it.")
    return read_data(values["data"], registry) | others


def _file_layer(source: str, values: Mapping[str, object], registry: Registry) -> Layer:
    """Read the values of a file; parts of which it tells the home are found there."""
    mark = f"{ORIGINS}."
    homes = {path.removeprefix(mark): str(value) for path, value in values.items() if path.startswith(mark)}
    layer = split_layer(source, {path: value for path, value in values.items() if not path.startswith(mark)})
    return replace(
        layer, components={k: qualify_names(registry, k, names, homes) for k, names in layer.components.items()}
    )


def command_line_layer(flags: RunOptions, registry: Registry) -> Layer:
    """Collect what the flags say into one layer."""
    values: dict[str, object] = dict(flags.components)
    values |= read_data(flags.data, registry) if flags.data is not None else {}
    values |= evaluation_settings(flags, registry)
    settings = read_set_options(flags)
    assert_set_once(settings, values)
    return split_layer(COMMAND_LINE, values | settings)


def evaluation_settings(flags: RunOptions, registry: Registry) -> dict[str, object]:
    """Collect what the flags say of metrics and features."""
    values = read_evaluate(flags.evaluate) if flags.evaluate is not None else {}
    return values | (read_features(flags.features, registry) if flags.features is not None else {})


def read_set_options(flags: RunOptions) -> dict[str, object]:
    """Settings among the flags, by dotted path."""
    said = flags.settings
    values = dict(said) if isinstance(said, Mapping) else parse_settings(said)
    options: dict[str, object] = {} if flags.resolution is None else {"dataset.resolution": flags.resolution}
    for name, value in flags.run.items():
        options[f"run.{name}"] = read_seconds(value) if name == "time" else value
    assert_set_once(values, options)
    values |= options
    for kind in (kind for kind in KINDS if kind in values):
        cure = (
            f"with {TRAIN_OPTIONS[kind]} {values[kind]}"
            if kind in TRAIN_OPTIONS
            else "under [components] in a --config file"
        )
        raise BadSetting(f"'{kind}' is a part, not a setting: choose it {cure}.")
    return values


def read_data(text: str, registry: Registry) -> dict[str, object]:
    """Read ``--data``: a registered name, ``name:argument``, or a path.

    Raises:
        BadData: none of the three.
        BadSetting: an argument for a data set that takes none.
    """
    known = [e for e in registry.of_kind("dataset") if text in (e.record.name, e.qualified)]
    if known:
        return {"dataset": text}
    head, colon, argument = text.partition(":")
    names = [e.record.name for e in registry.of_kind("dataset")]
    if colon and head in names:
        if "path" not in read_parameters(load_class(registry.component("dataset", head))):
            raise BadSetting(f"--data {text}: '{head}' takes no path. Its settings: ganzoo show {head}")
        return {"dataset": head, "dataset.path": argument}
    if not Path(text).exists() and re.fullmatch(r"[\w:-]+", text):
        raise BadData(f"no data set, file or folder '{text}'.{nearest(text, names)} See: ganzoo list dataset")
    name, path = detect_reader(text)
    return {"dataset": name, "dataset.path": str(Path(path).resolve())}
