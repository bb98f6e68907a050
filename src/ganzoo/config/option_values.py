"""Read the values of options: times, settings, metrics, features."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from ganzoo.errors import BadSetting, GanzooError
from ganzoo.registry.registry import Registry, load_class

_TIME = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)?\Z")
_SECONDS = {None: 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_settings(texts: Sequence[str]) -> dict[str, object]:
    """Read ``path.to.setting=value`` texts.

    Raises:
        GanzooError: a text has no ``=``, or two give one setting different values.
    """
    values: dict[str, object] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or not path:
            raise GanzooError(f"--set {text}: write it as --set path.to.setting=value.")
        if values.setdefault(path.strip(), value.strip()) != value.strip():
            raise BadSetting(f"--set {text}: it is {values[path.strip()]} already. Drop one of the two.")
    return values


def assert_set_once(settings: Mapping[str, object], options: Mapping[str, object]) -> None:
    """Refuse a setting that another option sets too.

    Args:
        settings: by dotted path.
        options: values that other options set, by dotted path.

    Raises:
        BadSetting: both set one setting.
    """
    for path in (path for path in options if path in settings):
        raise BadSetting(
            f"{path} = {settings[path]} is also set by an option, to {options[path]}: use the option only."
        )


def read_evaluate(text: str) -> dict[str, object]:
    """Read ``--evaluate``: names of metrics, and after ``@`` the images between two evaluations.

    Raises:
        BadSetting: no metric is named, or nothing follows the ``@``.
    """
    names, at, every = text.partition("@")
    metrics = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if not metrics or (at and not every) or "," in every:
        raise BadSetting(f"--evaluate {text}: write metrics, and how often, as in --evaluate fd,modes@50k.")
    return {"metric": metrics, **({"run.evaluate_every": every} if every else {})}


def read_features(text: str, registry: Registry) -> dict[str, object]:
    """Read ``--features``: a registered name, or ``name:argument`` of an extractor that takes one.

    Raises:
        BadSetting: the extractor takes no argument.
        UnknownName: there is no such extractor.
    """
    if any(text in (entry.record.name, entry.qualified) for entry in registry.of_kind("features")):
        return {"features": text}
    name, colon, argument = text.partition(":")
    setting = getattr(load_class(registry.component("features", name)), "argument", "")
    if colon and not setting:
        raise BadSetting(f"--features {text}: '{name}' takes nothing after a colon. Write --features {name}.")
    return {"features": name, f"features.{setting}": argument}


def read_seconds(value: object) -> float:
    """Read a span of time: ``90``, ``90s``, ``30m``, ``2h`` or ``1d``.

    Raises:
        BadSetting: it is none of these.
    """
    match = _TIME.match(str(value))
    if not match or not math.isfinite(float(match[1])) or float(match[1]) == 0:
        raise BadSetting(f"--time {value}: give a span above zero such as 90s, 30m or 2h.")
    return float(match[1]) * _SECONDS[match[2]]
