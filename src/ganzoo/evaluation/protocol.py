"""The evaluation protocol: everything a metric depends on besides the generator. Only equal protocols are ranked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

Facts: TypeAlias = Mapping[str, Any]
"""Plain values by name, nested, as JSON holds them."""

_WORDS = {
    "data.fingerprint": "data",
    "data.shape": "shape",
    "features.name": "features",
    "features.hash": "weights of the features",
    "features.origin": "features from",
    "samples.reals": "reals",
    "samples.fakes": "fakes",
    "samples.rows": "rows of features",
    "samples.seed": "seed",
    "samples.rounding": "rounding",
    "samples.labels": "labels of the fakes",
    "ganzoo": "version of ganzoo",
}
"""Names of the fields of a protocol in messages."""

_SHORT = 12
"""Digits of a hash in messages."""


@dataclass(frozen=True)
class EvaluationProtocol:
    """Everything metrics depend on besides the generator.

    Args:
        data: ``fingerprint`` and ``shape`` of the reals.
        features: ``name``, ``hash``, ``resizer`` and ``origin`` of the extractor; its settings are in the hash.
        samples: how many ``reals`` and ``fakes``, how many ``rows`` of features at most, ``seed``, ``rounding``,
            and for data with classes the origin of the ``labels`` a conditional generator receives.
        metrics: ``settings`` and ``origin`` of each metric, and ``uses_features``.
        ganzoo: version of the core.
    """

    data: Facts
    features: Facts
    samples: Facts
    metrics: Mapping[str, Facts]
    ganzoo: str

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that identify the protocol in file names."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()[:8]

    def without(self, metrics: Container[str]) -> EvaluationProtocol:
        """Return the protocol without some metrics."""
        return replace(self, metrics={name: facts for name, facts in self.metrics.items() if name not in metrics})

    def of(self, metric: str) -> dict[str, Any]:
        """Return what one metric depends on, by dotted path; features only if it uses them."""
        facts = dict(self.as_json())
        about = facts.pop("metrics").get(metric, {})
        if not about.get("uses_features", True):
            del facts["features"]
            del facts["samples"]["rows"]
        own = {"origin": about.get("origin"), **about.get("settings", {})}
        return dict(_flat(facts)) | {f"{metric}.{name}": value for name, value in own.items()}


def protocol_from_json(facts: Facts) -> EvaluationProtocol:
    """Read what ``EvaluationProtocol.as_json`` wrote.

    Raises:
        KeyError: a field is missing.
    """
    return EvaluationProtocol(facts["data"], facts["features"], facts["samples"], facts["metrics"], facts["ganzoo"])


def protocol_differences(one: EvaluationProtocol, other: EvaluationProtocol, metric: str) -> list[str]:
    """Describe the differences that keep two values of a metric from being ranked.

    Args:
        one: protocol of one value.
        other: protocol of the other value.
        metric: name of the metric.
    """
    ours, theirs = one.of(metric), other.of(metric)
    return [
        f"{_WORDS.get(path, path)} {_shown(ours.get(path))} against {_shown(theirs.get(path))}"
        for path in {**ours, **theirs}
        if _plain(ours.get(path)) != _plain(theirs.get(path))
    ]


def describe_protocol(protocol: EvaluationProtocol, metric: str) -> str:
    """Describe in a line how a metric is computed: samples, features if it uses any, data, seed."""
    samples, features = protocol.samples, protocol.features
    seen = (
        f", seen by features {features['name']} ({_shown(features['hash'])})"
        if protocol.metrics[metric]["uses_features"]
        else ""
    )
    data = _shown(protocol.data["fingerprint"])
    return f"{samples['fakes']:,} fakes against {samples['reals']:,} reals of data {data}{seen}, seed {samples['seed']}"


def _flat(facts: Facts, head: str = "") -> Iterator[tuple[str, object]]:
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{head}{name}.")
        else:
            yield f"{head}{name}", value


def _plain(value: object) -> object:
    """Turn a tuple into a list, as JSON does."""
    return list(value) if isinstance(value, tuple) else value


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value[:_SHORT] if len(value) >= 32 and value.isalnum() else value
    if isinstance(value, tuple | list):
        return "x".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value).lower()
