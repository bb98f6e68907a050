"""The protocol stamp: everything a reading depends on besides the generator, so that only like is ranked with like."""

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
"""How a message calls the parts of a stamp."""

_SHORT = 12
"""Digits of a hash that a person is shown."""


@dataclass(frozen=True)
class EvaluationProtocol:
    """What readings were taken with.

    Args:
        data: ``fingerprint`` and ``shape`` of the reals.
        features: ``name``, ``hash``, ``resizer`` and ``origin`` of the extractor; its settings are in the hash.
        samples: how many ``reals`` and ``fakes``, how many ``rows`` of features at most, ``seed``, ``rounding``,
            and of data with classes whose ``labels`` the fakes of a conditional generator have.
        metrics: ``settings`` and ``origin`` of each metric, and whether it is ``uses_features``.
        ganzoo: version of the core.
    """

    data: Facts
    features: Facts
    samples: Facts
    metrics: Mapping[str, Facts]
    ganzoo: str

    def as_json(self) -> dict[str, Any]:
        """Give it as an evaluation's file holds it."""
        return asdict(self)

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that tell stamps apart in file names."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()[:8]

    def without(self, metrics: Container[str]) -> EvaluationProtocol:
        """Give that of the readings which are left without some metrics."""
        return replace(self, metrics={name: facts for name, facts in self.metrics.items() if name not in metrics})

    def of(self, metric: str) -> dict[str, Any]:
        """Give what one metric's readings depend on, by dotted path; features only if it looks at them."""
        facts = dict(self.as_json())
        about = facts.pop("metrics").get(metric, {})
        if not about.get("uses_features", True):
            del facts["features"]
            del facts["samples"]["rows"]
        own = {"origin": about.get("origin"), **about.get("settings", {})}
        return dict(_flat(facts)) | {f"{metric}.{name}": value for name, value in own.items()}


def protocol_from_json(facts: Facts) -> EvaluationProtocol:
    """Read what ``Stamp.as_json`` wrote.

    Raises:
        KeyError: it is no stamp.
    """
    return EvaluationProtocol(facts["data"], facts["features"], facts["samples"], facts["metrics"], facts["ganzoo"])


def protocol_differences(one: EvaluationProtocol, other: EvaluationProtocol, metric: str) -> list[str]:
    """Say in words what keeps two readings of a metric from being ranked; nothing if they may be.

    Args:
        one: a stamp.
        other: another.
        metric: whose readings they stamp.
    """
    ours, theirs = one.of(metric), other.of(metric)
    return [
        f"{_WORDS.get(path, path)} {_shown(ours.get(path))} against {_shown(theirs.get(path))}"
        for path in {**ours, **theirs}
        if _plain(ours.get(path)) != _plain(theirs.get(path))
    ]


def describe_protocol(protocol: EvaluationProtocol, metric: str) -> str:
    """Say in a line how a metric was read: samples, features if it looks at any, data, seed."""
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
    """Make a list of a tuple: JSON knows no other."""
    return list(value) if isinstance(value, tuple) else value


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value[:_SHORT] if len(value) >= 32 and value.isalnum() else value
    if isinstance(value, tuple | list):
        return "x".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value).lower()
