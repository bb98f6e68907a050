"""Evaluations as files, and what metrics are shown."""

import json
import math

import pytest
import torch

from ganzoo.errors import BadRun
from ganzoo.evaluation.inputs.metric_inputs import EvaluatorInputs, Picture
from ganzoo.evaluation.protocol import EvaluationProtocol
from ganzoo.evaluation.record import (
    Evaluation,
    evaluation_from_json,
    half_interval,
    half_interval_text,
    label_values,
    write_evaluation,
)
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.runs.folder import RunFolder

PROTOCOL = EvaluationProtocol({"fingerprint": "a", "shape": [2]}, {"name": "f"}, {"seed": 0}, {}, "0.1.0")


def test_a_value_that_is_not_finite_is_null_in_the_file():
    evaluation = Evaluation(
        "r", "step-00000001", 4, {"m": {"x": MetricValue(math.inf), "y": MetricValue(1.0, 0.5)}}, PROTOCOL
    )
    facts = json.loads(json.dumps(evaluation.as_json(), allow_nan=False))
    assert facts["values"]["m"]["x"]["value"] is None
    again = evaluation_from_json(facts).values["m"]
    assert math.isnan(again["x"].value)
    assert again["y"] == MetricValue(1.0, 0.5)


def test_names_are_plain_unless_two_metrics_share_one():
    values = {
        "fd": {"fd": MetricValue(1.0)},
        "a": {"x": MetricValue(2.0), "y": MetricValue(3.0)},
        "b": {"x": MetricValue(4.0)},
    }
    assert {name: value.value for name, value in label_values(values).items()} == {
        "fd": 1.0, "a x": 2.0, "y": 3.0, "b x": 4.0,
    }  # fmt: skip


def test_an_interval_is_196_standard_errors_and_written_with_two_digits():
    assert half_interval(MetricValue(1.0, 0.5)) == pytest.approx(0.98)
    assert half_interval(MetricValue(1.0)) is None
    assert [half_interval_text(half) for half in (0.01234, 213.4, 21340.0)] == ["0.012", "210", "21,000"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "eval").write_text("")
    with pytest.raises(BadRun, match="Free some space"):
        write_evaluation(
            RunFolder(tmp_path), Evaluation("r", "c", 4, {}, PROTOCOL), {"p": Picture(torch.zeros(4, 2), 2)}
        )


def make_inputs(seed):
    return EvaluatorInputs(None, None, None, None, None, False, torch.device("cpu"), seed)


def test_random_numbers_depend_on_evaluation_seed_and_name_alone():
    def rng(seed, name):
        return torch.randn(4, generator=make_inputs(seed).make_rng(name))

    assert torch.equal(rng(0, "kid"), rng(0, "kid"))
    assert not torch.equal(rng(0, "kid"), rng(0, "pr"))
    assert not torch.equal(rng(0, "kid"), rng(1, "kid"))


def test_pictures_are_kept_by_name():
    inputs = make_inputs(0)
    inputs.save_sheet("nearest", torch.zeros(4, 3, 8, 8), 2)
    assert inputs.pictures["nearest"].columns == 2
