"""Evaluation while a run trains: the best checkpoint is kept, and training is unchanged."""

import json
import math
import shutil

import pytest
import torch
from safetensors.torch import load_file

from ganzoo.assembly.build import assemble, build_engine
from ganzoo.assembly.recorded_data import describe_dataset
from ganzoo.config.layers import split_layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import Diverged, DoesNotFit
from ganzoo.evaluation.best_checkpoint import BestCheckpoint, read_best
from ganzoo.evaluation.during_training import PeriodicEvaluation
from ganzoo.evaluation.generator import find_checkpoint
from ganzoo.evaluation.protocol import EvaluationProtocol
from ganzoo.evaluation.record import read_evaluations
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.runs.folder import RunFolder, create_run
from ganzoo.training import checkpoints
from ganzoo.training.callbacks import Callback
from ganzoo.training.loop import run_training
from ganzoo.training.signals import StopRequest

TINY = {"run.batch_size": 4, "run.images": 64, "run.device": "cpu", "generator.width": 4, "discriminator.width": 4,
        "dataset.resolution": 8, "dataset.count": 48, "run.evaluate_samples": 32, "features": "averages"}  # fmt: skip

OFTEN = {"run.log_every": 4, "run.evaluate_every": 16}


@pytest.fixture
def watched(suites, tmp_path):
    """Make an engine and its periodic evaluation in a folder."""

    def make(name="run", **values):
        values = {**TINY, "metric": "gap", **values}
        config = resolve(suites, Request("dcgan", (split_layer("command line", values),)))
        assembly = assemble(suites, config)
        engine = build_engine(assembly, suites)
        folder = create_run("run", out=tmp_path / name)
        facts = {"data": describe_dataset(assembly.dataset)}
        said = []
        keeper = PeriodicEvaluation(engine, assembly, suites, folder, facts, say=said.append)
        keeper.said = said
        return engine, keeper, folder

    return make


def test_values_are_logged_and_written(watched):
    engine, keeper, folder = watched(**{"run.images": 4})
    engine.step()
    logged = keeper.metrics_to_log(engine.images_seen)
    (evaluation,) = read_evaluations(folder)
    assert logged == {"eval/gap": evaluation.values["gap"]["gap"].value}
    assert (evaluation.images, evaluation.checkpoint) == (4, "step-00000001")


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"run.evaluate_every": 24, "run.log_every": 8}, [24, 48, 64]),
        ({"run.evaluate_every": 20, "run.log_every": 8}, [20, 40, 60, 64]),
        ({"run.evaluate_every": 8, "run.log_every": 32}, list(range(8, 65, 8))),
        ({"run.evaluate_every": 18, "run.log_every": 4}, [20, 36, 56, 64]),
        ({"run.log_every": 1000}, [16, 32, 48, 64]),
        ({"run.evaluate_every": 1, "run.log_every": 2}, list(range(4, 65, 4))),
    ],
)
def test_it_evaluates_after_each_multiple_and_at_the_end_however_rare_the_log(watched, values, wanted):
    engine, keeper, folder = watched(**values)
    run_training(engine, [keeper], StopRequest())
    assert [evaluation.images for evaluation in read_evaluations(folder)] == wanted


def test_a_whole_run_is_evaluated(watched, suites):
    from ganzoo.runs.recorder import Recorder

    engine, keeper, folder = watched(**{"run.evaluate_every": 32, "run.log_every": 8})
    recorder = Recorder(engine, keeper._assembly.dataset, folder, {}, num_classes=0)
    run_training(engine, [recorder, keeper], StopRequest())
    lines = {line["images"]: line["eval/gap"] for line in folder.read_metrics() if "eval/gap" in line}
    assert lines == {e.images: e.values["gap"]["gap"].value for e in read_evaluations(folder)}
    assert list(lines) == [32, 64]
    best = read_best(folder)
    assert best.value.value == min(lines.values())
    assert find_checkpoint(folder, "best").name == f"step-{best.images // 4:08d}"


def test_the_best_checkpoint_is_complete_and_not_among_the_others(watched):
    engine, keeper, folder = watched()
    engine.step()
    keeper.evaluate(4)
    (place,) = checkpoints.list_checkpoints(folder.checkpoints / "best")
    assert find_checkpoint(folder, "best") == place
    assert checkpoints.verify_checkpoint(place)["counters"]["steps"] == 1
    assert checkpoints.list_checkpoints(folder.checkpoints) == []
    facts = json.loads((folder.checkpoints / "best" / "best.json").read_text())
    assert (facts["metric"], facts["name"], facts["images"]) == ("gap", "gap", 4)


def test_a_worse_value_changes_nothing(watched):
    engine, keeper, folder = watched()
    engine.step()
    keeper.evaluate(4)
    best = keeper.best
    with torch.no_grad():
        for weight in engine.averages["generator"].module.parameters():
            weight.fill_(1.0)  # one grey for all
    keeper.evaluate(8)
    assert keeper.best == best
    assert [path.name for path in checkpoints.list_checkpoints(folder.checkpoints / "best")] == ["step-00000001"]


def test_training_is_unchanged(watched):
    quiet, _, _ = watched("quiet")
    engine, keeper, _ = watched(metric=("spread", "gap"))
    for _ in range(3):
        quiet.step()
        engine.step()
        before = torch.get_rng_state()
        keeper.evaluate(engine.images_seen)
        assert torch.equal(torch.get_rng_state(), before)
    ours, theirs = checkpoints.training_tensors(engine), checkpoints.training_tensors(quiet)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_resumed_run_remembers_its_best(watched, suites):
    engine, keeper, folder = watched()
    engine.step()
    keeper.evaluate(4)
    again = PeriodicEvaluation(engine, keeper._assembly, suites, folder, {})
    assert again.best == keeper.best == read_best(folder)


def test_the_best_of_another_protocol_is_set_aside_and_reported(watched, suites):
    engine, keeper, folder = watched()
    engine.step()
    keeper.evaluate(4)
    before = read_best(folder)
    said = []
    other = {**TINY, "metric": "gap", "run.evaluate_samples": 31}
    assembly = assemble(suites, resolve(suites, Request("dcgan", (split_layer("command line", other),))))
    again = PeriodicEvaluation(engine, assembly, suites, folder, {}, say=said.append)
    engine.step()
    assert again.metrics_to_log(64).keys() == {"eval/gap"}
    assert read_best(folder).images == 64
    aside = folder.checkpoints / f"best-gap-{before.protocol.digest}-4"
    assert [place.name for place in checkpoints.list_checkpoints(aside)] == ["step-00000001"]
    (line,) = said
    assert "gap" in line and "at 4 images" in line and str(aside) in line


def test_metrics_that_do_not_fit_are_refused_before_training(watched):
    with pytest.raises(DoesNotFit, match="'weather'"):
        watched(metric="styled")


def test_a_value_without_direction_keeps_no_best(watched):
    engine, keeper, folder = watched(metric="spread", **{"metric.spread.better": "neither"})
    engine.step()
    keeper.evaluate(4)
    assert keeper.best is None
    assert read_best(folder) is None


def test_a_checkpoint_never_precedes_an_evaluation_due_by_then(watched):
    """A run that is killed and resumed from any checkpoint misses no evaluation."""
    engine, keeper, folder = watched(**OFTEN, **{"run.checkpoint_every": 4})
    found = []

    class Saving(Callback):
        def on_checkpoint(self, images):
            found.append((images, [evaluation.images for evaluation in read_evaluations(folder)]))

    run_training(engine, [Saving(), keeper], StopRequest())
    assert all(evaluated == [due for due in (16, 32, 48, 64) if due <= images] for images, evaluated in found)


@pytest.mark.parametrize(("metric", "samples"), [("ifd", 8), ("diversity", 4)])
def test_a_metric_that_refuses_its_inputs_is_reported_once_and_training_goes_on(watched, metric, samples):
    """Both need several samples of a class; how many there are is known when labels are drawn."""
    few = {"conditioning": "projection", "run.evaluate_samples": samples}
    engine, keeper, folder = watched(metric=metric, **{"run.evaluate_every": 4, "run.images": 12, **few})
    assert run_training(engine, [keeper], StopRequest()) == "images"
    assert len(keeper.said) == 1
    assert "No evaluation at 4 images, and training goes on: " in keeper.said[0]
    assert read_evaluations(folder) == []


def test_a_metric_that_refuses_leaves_the_others(watched):
    engine, keeper, folder = watched(metric=("gap", "ifd"), conditioning="projection", **{"run.evaluate_samples": 8})
    engine.step()
    assert keeper.metrics_to_log(64).keys() == {"eval/gap"}
    (evaluation,) = read_evaluations(folder)
    assert list(evaluation.values) == list(evaluation.protocol.metrics) == ["gap"]
    assert read_best(folder).metric == "gap"
    (line,) = keeper.said
    assert line.startswith("No ifd at 64 images: ifd needs two")


def test_a_metric_that_refuses_once_leaves_the_best_it_decided(watched, monkeypatch):
    engine, keeper, folder = watched(metric=("gap", "spread"))
    engine.step()
    keeper.evaluate(4)
    before = read_best(folder)

    def refuse(self, inputs):
        raise DoesNotFit("gap has a headache")

    monkeypatch.setattr(type(keeper._evaluator._metrics["gap"]), "__call__", refuse)
    engine.step()
    assert keeper.metrics_to_log(64).keys() == {"eval/spread"}
    assert read_best(folder) == before == keeper.best
    assert [place.name for place in folder.checkpoints.iterdir()] == ["best"]


def test_an_unexpected_error_is_reported_and_training_goes_on(watched, monkeypatch):
    """Such as a device that is out of memory, which no component is named for."""
    engine, keeper, folder = watched(**{"run.evaluate_every": 4, "run.images": 12})

    def fail(self, *args, **kwargs):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(type(keeper._evaluator), "evaluate", fail)
    assert run_training(engine, [keeper], StopRequest()) == "images"
    (line,) = keeper.said
    assert line.startswith("No evaluation at 4 images, and training goes on: RuntimeError: out of memory")
    assert f"ganzoo evaluate {folder.path} --metrics gap" in line


def test_samples_that_are_not_finite_end_the_run(watched):
    engine, keeper, _ = watched(metric="gap", **{"run.evaluate_every": 4, "run.images": 12})
    with torch.no_grad():
        for weight in engine.averages["generator"].module.parameters():
            weight.fill_(float("nan"))
    with pytest.raises(Diverged, match="not finite"):
        keeper.metrics_to_log(4)


def best(value, better="lower", seed=0, name="fd"):
    protocol = EvaluationProtocol(
        {"fingerprint": "a"}, {"name": "f"}, {"seed": seed}, {"fd": {"uses_features": True}}, "0.1.0"
    )
    return BestCheckpoint("fd", name, MetricValue(value, None, better), 4, protocol)


def test_better_is_what_the_metric_says():
    assert best(1.0).is_better_than(best(2.0))
    assert not best(2.0).is_better_than(best(1.0))
    assert best(2.0, "higher").is_better_than(best(1.0, "higher"))
    assert not best(1.0).is_better_than(best(1.0))
    assert not best(math.nan).is_better_than(None)


def test_a_best_of_another_protocol_is_replaced():
    assert best(2.0).is_better_than(best(1.0, seed=1))
    assert best(2.0).is_better_than(best(1.0, name="other"))
    assert best(2.0).is_better_than(None)


def test_a_run_killed_with_only_its_best_checkpoint_resumes_from_it(suites, tmp_path):
    from ganzoo.workflows.train import train_run

    values = {**TINY, "run.log_every": 8, "metric": ("gap", "kid"), "run.evaluate_every": 16}

    def go(folder, images, resume=False):
        said = split_layer("command line", {**values, "run.images": images})
        assembly = assemble(suites, resolve(suites, Request("dcgan", (said,))))
        return train_run(suites, assembly, folder, resume=resume)

    whole, killed = create_run("run", out=tmp_path / "whole"), create_run("run", out=tmp_path / "killed")
    go(whole, 64)
    go(killed, 32)
    for checkpoint in checkpoints.list_checkpoints(killed.checkpoints):
        shutil.rmtree(checkpoint)
    images = read_best(killed).images
    outcome = go(killed, 64, resume=True)
    assert (outcome.before, outcome.images) == (images, 64)
    ours, theirs = (load_file(find_checkpoint(folder) / checkpoints.TRAINING) for folder in (killed, whole))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_an_evaluated_run_that_is_resumed_ends_as_one_without_evaluation(suites, tmp_path):
    from ganzoo.workflows.train import train_run

    def go(name, images, watch, resume=False):
        values = {**TINY, "run.images": images, "run.log_every": 8}
        values |= {"metric": ("gap", "kid"), "run.evaluate_every": 16} if watch else {}
        assembly = assemble(suites, resolve(suites, Request("dcgan", (split_layer("command line", values),))))
        folder = RunFolder(tmp_path / name) if resume else create_run("run", out=tmp_path / name)
        train_run(suites, assembly, folder, resume=resume)
        return folder

    go("watched", 32, watch=True)
    watched, quiet = go("watched", 64, watch=True, resume=True), go("quiet", 64, watch=False)
    ours, theirs = (load_file(find_checkpoint(folder) / checkpoints.TRAINING) for folder in (watched, quiet))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert [e.images for e in read_evaluations(watched)] == [16, 32, 48, 64]
    assert [line["images"] for line in watched.read_metrics() if "eval/gap" in line] == [16, 32, 48, 64]
    best = min(read_evaluations(watched), key=lambda e: e.values["gap"]["gap"].value)
    assert read_best(watched).images == best.images
