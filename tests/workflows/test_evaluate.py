"""Evaluating a run: values, protocol, files and errors."""

import json
import shutil

import pytest
import torch

from ganzoo.errors import BadData, BadRun, BadSetting, DoesNotFit, UnknownName
from ganzoo.evaluation.evaluator import EvaluationConfig
from ganzoo.evaluation.record import evaluation_from_json, read_evaluations
from ganzoo.runs.folder import RunFolder
from ganzoo.workflows.evaluate import EvaluationRequest, evaluate

GAP = {"metrics": ("gap", "spread"), "features": "averages", "device": "cpu"}


@pytest.fixture
def measure(opened):
    """Evaluate a run with the closed-form metrics."""

    def measured(folder, samples=40, seed=0, again=True, **asked):
        registry, config = opened(folder)
        request = EvaluationRequest(**{**GAP, "config": EvaluationConfig(samples, seed), **asked})
        return evaluate(registry, config, folder, request, again=again)

    return measured


@pytest.fixture
def run(trained, tmp_path):
    """A copy of the tiny run."""
    return RunFolder(shutil.copytree(trained.path, tmp_path / "run"))


def test_a_value_follows_its_definition(measure, run):
    from ganzoo import load
    from ganzoo.components.datasets.sprites.dataset import Sprites

    value = measure(run, samples=48).values["gap"]["gap"]
    fakes = (load(run.path).sample(range(48)).add(1).mul(127.5).round() / 127.5 - 1).flatten(2).mean(2).mean(0)
    reals = torch.from_numpy(Sprites(resolution=8, count=48).read(range(48))["images"]) / 127.5 - 1
    assert value.value == pytest.approx(float((fakes - reals.flatten(2).mean(2).mean(0)).norm()), rel=1e-4)


def test_evaluating_twice_gives_the_same_file_to_the_bit(measure, run):
    one, two = measure(run), measure(run)
    assert one.values == two.values
    assert [path.name for path in sorted(run.evaluations.glob("*.json"))] == [one.file_name]
    assert one.file_name == two.file_name == f"000000080-{one.protocol.digest}.json"


def test_the_file_holds_values_protocol_versions_and_reads_back(measure, run):
    evaluation = measure(run)
    facts = json.loads((run.evaluations / evaluation.file_name).read_text())
    assert facts["run"] == "run"
    assert facts["images"] == 80
    assert facts["checkpoint"] == "step-00000020"
    assert facts["values"]["gap"]["gap"].keys() == {"value", "error", "better"}
    assert facts["protocol"]["features"]["hash"] == "averages-1.0"
    samples = {"reals": 40, "fakes": 40, "rows": 10_000, "seed": 0, "rounding": "8 bits", "labels": "new samples"}
    assert facts["protocol"]["samples"] == samples
    assert {"python", "torch", "closed-form"} <= facts["versions"].keys()
    assert evaluation_from_json(facts).values == evaluation.values
    assert evaluation_from_json(facts).protocol == evaluation.protocol
    assert read_evaluations(run)[0].protocol == evaluation.protocol


def test_the_picture_of_a_metric_is_written_beside_the_values(measure, run):
    evaluation = measure(run)
    assert (run.evaluations / f"000000080-{evaluation.protocol.digest}-first.png").is_file()


def test_settings_reach_metric_and_features_and_the_protocol(measure, run):
    plain = measure(run).values["gap"]["gap"].value
    squared = measure(run, settings={"metric.gap.power": "2", "features.scale": 3})
    assert squared.values["gap"]["gap"].value == pytest.approx((3 * plain) ** 2, rel=1e-4)
    assert squared.protocol.metrics["gap"]["settings"] == {"power": 2}
    assert squared.protocol.features["hash"] == "averages-3.0"


def test_another_seed_takes_other_fakes_and_other_reals(measure, run):
    assert measure(run, seed=1).values["spread"] != measure(run, seed=0).values["spread"]


def test_an_existing_evaluation_is_not_repeated(measure, run):
    first = measure(run)
    assert measure(run, again=False).made == first.made
    assert measure(run, again=False, samples=41).protocol.samples["fakes"] == 41


def test_by_default_as_many_samples_as_reals(measure, run):
    assert measure(run, samples=None).protocol.samples["fakes"] == 48
    many = measure(run, samples=60).protocol.samples
    assert (many["fakes"], many["reals"]) == (60, 48)


def test_a_conditional_generator_receives_labels(measure, conditional, tmp_path):
    run = RunFolder(shutil.copytree(conditional.path, tmp_path / "run"))
    assert measure(run, metrics=("labelled",)).values["labelled"]["spread"].value > 0


def refused(measure, run, error, text, **asked):
    with pytest.raises(error, match=text) as raised:
        measure(run, **asked)
    assert "\n" not in str(raised.value)
    assert not run.evaluations.exists()


def test_a_mistake_is_one_line(measure, run):
    refused(measure, run, UnknownName, "Did you mean 'gap'", metrics=("gpa",))
    refused(measure, run, UnknownName, "'averages'", features="average")
    refused(measure, run, UnknownName, "'metric.gap.power'", settings={"metric.gap.powr": 2})
    refused(measure, run, UnknownName, "drop --weights", settings={"features.weights": "x.safetensors"})
    refused(measure, run, BadSetting, "int >= 1", settings={"metric.gap.power": 0})
    refused(measure, run, BadSetting, "at least one", metrics=())
    refused(measure, run, BadSetting, "at least 2", samples=1)
    refused(measure, run, BadSetting, "takes nothing after a colon", features="broken:x")
    refused(measure, run, BadData, "not finite", features="broken")
    refused(measure, run, DoesNotFit, "needs 'weather'", metrics=("styled",))
    refused(measure, run, BadSetting, "no such device", device="cuda:99")
    refused(measure, run, BadRun, "has no best checkpoint.*--evaluate", checkpoint="best")


def test_a_run_without_checkpoints_is_refused(measure, run):
    shutil.rmtree(run.checkpoints)
    refused(measure, run, BadRun, "no checkpoint yet.*ganzoo train --config")


def test_a_damaged_checkpoint_is_refused(measure, run):
    (next(run.checkpoints.iterdir()) / "training.safetensors").write_bytes(b"junk")
    refused(measure, run, BadRun, "damaged")


def test_an_argument_behind_a_colon_fills_the_setting_the_features_name(measure, run):
    assert measure(run, features="averages:hello").protocol.features["name"] == "averages"


def test_a_file_that_is_no_evaluation_is_named(measure, run):
    measure(run)
    (run.evaluations / "000000080-00000000.json").write_text("[]")
    with pytest.raises(BadRun, match="000000080-00000000.json"):
        read_evaluations(run)
