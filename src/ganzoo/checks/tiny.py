"""Every setting that sizes something, brought down to what a check can afford."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ganzoo.config.layers import Config
from ganzoo.config.parameters import Parameter
from ganzoo.config.resolution import change
from ganzoo.config.schema import build_schema
from ganzoo.errors import BadSetting
from ganzoo.registry.registry import Registry
from ganzoo.registry.specs import Value

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


def shrink_config(registry: Registry, config: Config) -> Config:
    """Bring the sizes among a run's settings down, and the run itself with them.

    Args:
        registry: where the parts are found.
        config: any resolved configuration.
    """
    schema = build_schema(registry, config.components)
    own = {path: param for path, param in schema.items() if path.partition(".")[0] not in ("run", "optimizer")}
    small = {path: small_value(param, config[path]) for path, param in own.items()}
    return change(registry, config, {**RUN, **{path: value for path, value in small.items() if value is not None}}, KIT)


def small_value(param: Parameter, current: Value) -> int | None:
    """Give the tiny value of one setting, or None to leave it: not a size, small already, or out of its range."""
    limit = next((small for pattern, small in _LIMITS.items() if re.fullmatch(pattern, param.name)), None)
    if limit is None or isinstance(current, bool) or not isinstance(current, int) or current <= limit:
        return None
    try:
        return limit if param.coerce(limit, param.name) == limit else None
    except BadSetting:
        return None
