"""What a user may say on the command line or to ``ganzoo.train``, and the request it makes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from ganzoo.assembly.fit import FLAGS
from ganzoo.assembly.homes import spelled
from ganzoo.assembly.plan import Request, parse_settings
from ganzoo.assembly.schema import bare
from ganzoo.config import COMMAND_LINE, HOMES, Layer, read_toml, split_layer
from ganzoo.data.source import sniff
from ganzoo.errors import BadData, BadSetting, UnknownName, nearest
from ganzoo.params import settings_of
from ganzoo.registry import Registry, load_target
from ganzoo.specs import KINDS

_T = TypeVar("_T")

_TIME = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)?\Z")
_SECONDS = {None: 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, kw_only=True)
class Flags:
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
    parts: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    data: str | None = None
    resolution: int | None = None
    evaluate: str | None = None
    features: str | None = None
    run: Mapping[str, object] = field(default_factory=dict)
    settings: Mapping[str, object] | Sequence[str] = ()
    config: tuple[Path, ...] = ()
    plugins: tuple[str, ...] = ()


def said(values: Mapping[str, _T | None]) -> dict[str, _T]:
    """Keep what was said: the entries that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def request_of(flags: Flags, registry: Registry) -> Request:
    """Turn flags into layers over a recipe.

    Raises:
        GanzooError: no recipe was named, or a flag makes no sense.
    """
    layers, recipe = [], flags.recipe
    for file in flags.config:
        values = read_toml(file)
        named = values.pop("recipe", None)
        values.pop("plugins", None)
        if named and recipe is not None and bare(recipe) != bare(str(named)):
            raise BadSetting(f"--config {file} starts from recipe '{named}', not from '{recipe}': name one of the two.")
        values = _with_data(values, file, registry)
        home = str(values.get(f"{HOMES}.recipe", ""))
        recipe = recipe or (registry.spelling("recipe", str(named), home) if named else None)
        layers.append(_file_layer(f"file {file.name}", values, registry))
    if recipe is None:
        names = ", ".join(sorted(e.record.name for e in registry.of_kind("recipe")))
        raise UnknownName(f"name a recipe: ganzoo train RECIPE, one of {names}.")
    return Request(recipe, (*layers, command_line(flags, registry)), flags.plugins)


def _with_data(values: Mapping[str, object], file: Path, registry: Registry) -> dict[str, object]:
    """Read ``data`` in a file as ``--data`` is read."""
    others = {path: value for path, value in values.items() if path != "data"}
    if len(others) == len(values):
        return others
    if not isinstance(values["data"], str):
        raise BadSetting(f"--config {file}: data = {values['data']!r} must be a text, as --data takes it.")
    return data_values(values["data"], registry) | others


def _file_layer(source: str, values: Mapping[str, object], registry: Registry) -> Layer:
    """Read the values of a file; parts of which it tells the home are found there."""
    mark = f"{HOMES}."
    homes = {path.removeprefix(mark): str(value) for path, value in values.items() if path.startswith(mark)}
    layer = split_layer(source, {path: value for path, value in values.items() if not path.startswith(mark)})
    return replace(layer, parts={k: spelled(registry, k, names, homes) for k, names in layer.parts.items()})


def command_line(flags: Flags, registry: Registry) -> Layer:
    """Collect what the flags say into one layer."""
    values: dict[str, object] = dict(flags.parts)
    values |= data_values(flags.data, registry) if flags.data is not None else {}
    values |= measuring_values(flags, registry)
    settings = setting_values(flags)
    assert_said_once(settings, values)
    return split_layer(COMMAND_LINE, values | settings)


def assert_said_once(settings: Mapping[str, object], options: Mapping[str, object]) -> None:
    """Refuse a setting that an option of its own says too.

    Args:
        settings: by dotted path.
        options: what other options say, by dotted path.

    Raises:
        BadSetting: both say something of one setting.
    """
    for path in (path for path in options if path in settings):
        raise BadSetting(f"{path} = {settings[path]} stands beside an option of its own, which says {options[path]}: "
                         "say it there alone.")  # fmt: skip


def measuring_values(flags: Flags, registry: Registry) -> dict[str, object]:
    """Collect what the flags say of metrics and features."""
    values = evaluation_values(flags.evaluate) if flags.evaluate is not None else {}
    return values | (features_values(flags.features, registry) if flags.features is not None else {})


def setting_values(flags: Flags) -> dict[str, object]:
    """Settings among the flags, by dotted path."""
    said = flags.settings
    values = dict(said) if isinstance(said, Mapping) else parse_settings(said)
    options: dict[str, object] = {} if flags.resolution is None else {"dataset.resolution": flags.resolution}
    for name, value in flags.run.items():
        options[f"run.{name}"] = seconds(value) if name == "time" else value
    assert_said_once(values, options)
    values |= options
    for kind in (kind for kind in KINDS if kind in values):
        cure = f"with {FLAGS[kind]} {values[kind]}" if kind in FLAGS else "under [parts] in a --config file"
        raise BadSetting(f"'{kind}' is a part, not a setting: choose it {cure}.")
    return values


def data_values(text: str, registry: Registry) -> dict[str, object]:
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
        if "path" not in settings_of(load_target(registry.component("dataset", head))):
            raise BadSetting(f"--data {text}: '{head}' takes no path. Its settings: ganzoo show {head}")
        return {"dataset": head, "dataset.path": argument}
    if not Path(text).exists() and re.fullmatch(r"[\w:-]+", text):
        raise BadData(f"no data set, file or folder '{text}'.{nearest(text, names)} See: ganzoo list dataset")
    name, path = sniff(text)
    return {"dataset": name, "dataset.path": str(Path(path).resolve())}


def evaluation_values(text: str) -> dict[str, object]:
    """Read ``--evaluate``: names of metrics, and behind ``@`` the images between two evaluations.

    Raises:
        BadSetting: no metric is named, or nothing stands behind the ``@``.
    """
    names, at, every = text.partition("@")
    metrics = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if not metrics or (at and not every) or "," in every:
        raise BadSetting(f"--evaluate {text}: write metrics, and how often, as in --evaluate fd,modes@50k.")
    return {"metric": metrics, **({"run.evaluate_every": every} if every else {})}


def features_values(text: str, registry: Registry) -> dict[str, object]:
    """Read ``--features``: a registered name, or ``name:argument`` of an extractor that takes one.

    Raises:
        BadSetting: the extractor takes no argument.
        UnknownName: there is no such extractor.
    """
    if any(text in (entry.record.name, entry.qualified) for entry in registry.of_kind("features")):
        return {"features": text}
    name, colon, argument = text.partition(":")
    setting = getattr(load_target(registry.component("features", name)), "argument", "")
    if colon and not setting:
        raise BadSetting(f"--features {text}: '{name}' takes nothing behind a colon. Say --features {name}.")
    return {"features": name, f"features.{setting}": argument}


def seconds(value: object) -> float:
    """Read a span of time: ``90``, ``90s``, ``30m``, ``2h`` or ``1d``.

    Raises:
        BadSetting: it is none of these.
    """
    match = _TIME.match(str(value))
    if not match or not math.isfinite(float(match[1])) or float(match[1]) == 0:
        raise BadSetting(f"--time {value}: give a span above zero such as 90s, 30m or 2h.")
    return float(match[1]) * _SECONDS[match[2]]
