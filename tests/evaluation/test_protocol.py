"""Evaluation protocols: only equal ones are ranked, and differences are described."""

import json
from dataclasses import replace

import pytest

from ganzoo.evaluation.protocol import EvaluationProtocol, protocol_differences, protocol_from_json

PROTOCOL = EvaluationProtocol(
    data={"fingerprint": "ab" * 32, "shape": [3, 8, 8]},
    features={"name": "random", "hash": "cd" * 32, "resizer": "none", "origin": "ganzoo-core 0.1.0"},
    samples={"reals": 10_000, "fakes": 10_000, "rows": 10_000, "seed": 0, "rounding": "8 bits"},
    metrics={
        "kid": {"uses_features": True, "settings": {"subsets": 100}, "origin": "ganzoo-core 0.1.0"},
        "modes": {"uses_features": False, "settings": {}, "origin": "ganzoo-core 0.1.0"},
    },
    ganzoo="0.1.0",
)


def test_a_protocol_reads_back_from_json():
    assert protocol_from_json(json.loads(json.dumps(PROTOCOL.as_json()))) == PROTOCOL


def test_a_protocol_does_not_differ_from_itself():
    assert protocol_differences(PROTOCOL, PROTOCOL, "kid") == []


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("data", {"fingerprint": "ef" * 32}, "data abababababab against efefefefefef"),
        ("data", {"shape": [1, 28, 28]}, "shape 3x8x8 against 1x28x28"),
        ("features", {"name": "timm:x"}, "features random against timm:x"),
        ("features", {"hash": "00" * 32}, "weights of the features cdcdcdcdcdcd against 000000000000"),
        ("features", {"resizer": "bilinear 299"}, "features.resizer none against bilinear 299"),
        ("samples", {"fakes": 5_000}, "fakes 10,000 against 5,000"),
        ("samples", {"reals": 50_000}, "reals 10,000 against 50,000"),
        ("samples", {"seed": 1}, "seed 0 against 1"),
        ("samples", {"rounding": "none"}, "rounding 8 bits against none"),
    ],
)
def test_each_field_that_differs_is_described(field, values, expected):
    other = replace(PROTOCOL, **{field: {**getattr(PROTOCOL, field), **values}})
    assert protocol_differences(PROTOCOL, other, "kid") == [expected]
    assert other.digest != PROTOCOL.digest


def test_settings_and_origin_of_the_metric_count():
    metrics = {**PROTOCOL.metrics, "kid": {**PROTOCOL.metrics["kid"], "settings": {"subsets": 50}}}
    assert protocol_differences(PROTOCOL, replace(PROTOCOL, metrics=metrics), "kid") == ["kid.subsets 100 against 50"]
    assert protocol_differences(PROTOCOL, replace(PROTOCOL, metrics=metrics), "modes") == []
    assert protocol_differences(PROTOCOL, replace(PROTOCOL, ganzoo="0.2.0"), "kid") == [
        "version of ganzoo 0.1.0 against 0.2.0"
    ]


def test_a_metric_without_features_ignores_them():
    other = replace(
        PROTOCOL, features={**PROTOCOL.features, "hash": "00" * 32}, samples={**PROTOCOL.samples, "rows": 5}
    )
    assert protocol_differences(PROTOCOL, other, "modes") == []
    assert len(protocol_differences(PROTOCOL, other, "kid")) == 2
