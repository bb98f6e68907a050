"""Evaluating while a run trains: the best checkpoint is kept, and training does not notice."""

import json
import math
import shutil
from itertools import chain

import pytest
import torch
from safetensors.torch import load_file

from ganzoo.assembly.build import assemble, engine_of
from ganzoo.assembly.plan import Request, resolve
from ganzoo.assembly.remembered import describe_data
from ganzoo.config import split_layer
from ganzoo.engine import state
from ganzoo.engine.loop import fit
from ganzoo.engine.signals import Wish
from ganzoo.errors import Diverged, DoesNotFit
from ganzoo.evaluation.best import Best, best_of
from ganzoo.evaluation.protocol import Stamp
from ganzoo.evaluation.record import evaluations, labelled
from ganzoo.evaluation.subject import checkpoint_of
from ganzoo.evaluation.watching import BestKeeper
from ganzoo.measurement import Reading
from ganzoo.runs.folder import RunFolder, create

TINY = {"run.batch_size": 4, "run.images": 64, "run.device": "cpu", "generator.width": 4, "discriminator.width": 4,
        "dataset.resolution": 8, "dataset.count": 48, "run.evaluate_samples": 32, "features": "averages"}  # fmt: skip

OFTEN = {"run.log_every": 4, "run.evaluate_every": 16}


@pytest.fixture
def watched(rulers, tmp_path):
    """Make an engine and its keeper in a folder."""

    def make(name="run", **values):
        values = {**TINY, "metric": "gap", **values}
        config = resolve(rulers, Request("dcgan", (split_layer("command line", values),)))
        assembly = assemble(rulers, config)
        engine = engine_of(assembly, rulers)
        folder = create("run", out=tmp_path / name)
        facts = {"data": describe_data(assembly.dataset)}
        said = []
        keeper = BestKeeper(engine, assembly, rulers, folder, facts, say=said.append)
        keeper.said = said
        return engine, keeper, folder

    return make


def test_readings_are_told_and_written(watched):
    engine, keeper, folder = watched(**{"run.images": 4})
    engine.step()
    assert keeper.readings(engine.images_seen) == {}
    (late,) = keeper.overdue(engine.images_seen)
    (evaluation,) = evaluations(folder)
    assert (late.images, late.step) == (4, 1)
    assert late.values == {"eval/gap": evaluation.readings["gap"]["gap"].value}
    assert keeper.overdue(engine.images_seen) == []
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
def test_it_is_time_behind_a_multiple_and_at_the_end_however_rare_the_log(watched, values, wanted):
    engine, keeper, folder = watched(**values)
    fit(engine, [keeper], Wish())
    assert [evaluation.images for evaluation in evaluations(folder)] == wanted


def test_a_whole_run_is_watched(watched, rulers):
    from ganzoo.runs.recorder import Recorder

    engine, keeper, folder = watched(**{"run.evaluate_every": 32, "run.log_every": 8})
    recorder = Recorder(engine, keeper._assembly.dataset, folder, {}, num_classes=0)
    fit(engine, [recorder, keeper], Wish())
    lines = {line["images"]: line["eval/gap"] for line in folder.readings() if "eval/gap" in line}
    assert lines == {e.images: e.readings["gap"]["gap"].value for e in evaluations(folder)}
    assert list(lines) == [32, 64]
    best = best_of(folder)
    assert best.reading.value == min(lines.values())
    assert checkpoint_of(folder, "best").name == f"step-{best.images // 4:08d}"


def test_the_best_checkpoint_is_kept_whole_and_is_no_ordinary_one(watched):
    engine, keeper, folder = watched()
    engine.step()
    keeper.evaluate(4)
    (place,) = state.checkpoints(folder.checkpoints / "best")
    assert checkpoint_of(folder, "best") == place
    assert state.verify(place)["counters"]["steps"] == 1
    assert state.checkpoints(folder.checkpoints) == []
    facts = json.loads((folder.checkpoints / "best" / "best.json").read_text())
    assert (facts["metric"], facts["name"], facts["images"]) == ("gap", "gap", 4)


def test_a_worse_reading_changes_nothing(watched):
    engine, keeper, folder = watched()
    engine.step()
    keeper.evaluate(4)
    best = keeper.best
    with torch.no_grad():
        for weight in engine.averages["generator"].module.parameters():
            weight.fill_(1.0)  # one grey for all
    keeper.evaluate(8)
    assert keeper.best == best
    assert [path.name for path in state.checkpoints(folder.checkpoints / "best")] == ["step-00000001"]


def test_training_does_not_notice(watched):
    quiet, _, _ = watched("quiet")
    engine, keeper, _ = watched(metric=("spread", "gap"))
    for _ in range(3):
        quiet.step()
        engine.step()
        before = torch.get_rng_state()
        keeper.evaluate(engine.images_seen)
        assert torch.equal(torch.get_rng_state(), before)
    ours, theirs = state.training_tensors(engine), state.training_tensors(quiet)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_resumed_run_remembers_its_best(watched, rulers):
    engine, keeper, folder = watched()
    engine.step()
    keeper.evaluate(4)
    again = BestKeeper(engine, keeper._assembly, rulers, folder, {})
    assert again.best == keeper.best == best_of(folder)


def test_the_best_of_another_ruler_is_set_aside_and_told_of(watched, rulers):
    engine, keeper, folder = watched()
    engine.step()
    keeper.evaluate(4)
    before = best_of(folder)
    said = []
    other = {**TINY, "metric": "gap", "run.evaluate_samples": 31}
    assembly = assemble(rulers, resolve(rulers, Request("dcgan", (split_layer("command line", other),))))
    again = BestKeeper(engine, assembly, rulers, folder, {}, say=said.append)
    engine.step()
    again.readings(64)
    assert len(again.overdue(64)) == 1
    assert best_of(folder).images == 64
    aside = folder.checkpoints / f"best-gap-{before.stamp.digest}-4"
    assert [place.name for place in state.checkpoints(aside)] == ["step-00000001"]
    (line,) = said
    assert "gap" in line and "at 4 images" in line and str(aside) in line


def test_metrics_that_do_not_fit_are_refused_before_training(watched):
    with pytest.raises(DoesNotFit, match="'weather'"):
        watched(metric="styled")


def test_a_reading_better_neither_way_keeps_nothing(watched):
    engine, keeper, folder = watched(metric="spread", **{"metric.spread.better": "neither"})
    engine.step()
    keeper.evaluate(4)
    assert keeper.best is None
    assert best_of(folder) is None


def test_training_goes_on_while_a_metric_computes(watched, tmp_path):
    """The readings are those of the images at which the evaluation began, not of those at which it was done."""
    gate = tmp_path / "gate"
    engine, keeper, folder = watched(metric=("gap", "waiting"), **OFTEN, **{"metric.waiting.gate": str(gate)})
    engine.step()
    keeper.readings(4)  # nothing is due
    for _ in range(3):
        engine.step()
    keeper.readings(16)
    began = {name: tensor.clone() for name, tensor in state.model_tensors(engine).items()}
    for _ in range(3):
        engine.step()
        assert keeper.overdue(-1) == []
    assert evaluations(folder) == []
    gate.touch()
    (late,) = keeper.overdue(engine.images_seen)
    assert (late.images, late.step) == (16, 4)
    (evaluation,) = evaluations(folder)
    assert list(evaluation.readings) == ["gap", "waiting"]
    assert evaluation.readings["waiting"]["apart"].value == pytest.approx(evaluation.readings["gap"]["gap"].value)
    kept = load_file(checkpoint_of(folder, "best") / state.MODEL)
    assert all(torch.equal(kept[name], tensor) for name, tensor in began.items())


def test_a_checkpoint_waits_for_evaluations_of_earlier_ticks_only(watched, tmp_path):
    gate = tmp_path / "gate"
    engine, keeper, _ = watched(metric="waiting", **OFTEN, **{"metric.waiting.gate": str(gate)})
    for _ in range(4):
        engine.step()
    keeper.readings(16)
    assert keeper.overdue(15) == []
    gate.touch()
    assert [late.images for late in keeper.overdue(16)] == [16]


def test_what_a_killed_run_had_no_time_to_read_is_read_when_it_goes_on(watched):
    engine, keeper, folder = watched(**OFTEN)
    for _ in range(4):
        engine.step()
    keeper.begin(16)
    (late,) = keeper.overdue(16)
    assert late.images == 16
    with folder.metrics.open("a") as stream:
        stream.write(json.dumps({"images": 16, "step": 4, **late.values}) + "\n")
    keeper.begin(16)
    assert keeper.overdue(16) == []


def test_a_metric_that_peeps_is_told_so(watched):
    engine, keeper, _ = watched(metric="peeping", **{"run.images": 4})
    engine.step()
    keeper.readings(4)
    assert keeper.overdue(4) == []
    assert "looks at images" in keeper.said[0]


@pytest.mark.parametrize(
    ("metric", "samples"), [("ifd", 8), ("diversity", 4)], ids=["beside training", "in its thread"]
)
def test_a_metric_that_refuses_its_evidence_is_told_of_once_and_training_goes_on(watched, metric, samples):
    """Both need several samples of a class, and of which classes there are how many shows when they are looked at."""
    few = {"conditioning": "projection", "run.evaluate_samples": samples}
    engine, keeper, folder = watched(metric=metric, **{"run.evaluate_every": 4, "run.images": 12, **few})
    assert fit(engine, [keeper], Wish()) == "images"
    assert len(keeper.said) == 1
    assert "No evaluation at 4 images, and training goes on: " in keeper.said[0]
    assert evaluations(folder) == []


def test_a_metric_that_refuses_takes_nothing_from_the_others(watched):
    engine, keeper, folder = watched(metric=("gap", "ifd"), conditioning="projection", **{"run.evaluate_samples": 8})
    engine.step()
    keeper.readings(64)
    (late,) = keeper.overdue(64)
    assert late.values.keys() == {"eval/gap"}
    (evaluation,) = evaluations(folder)
    assert list(evaluation.readings) == list(evaluation.stamp.metrics) == ["gap"]
    assert best_of(folder).metric == "gap"
    (line,) = keeper.said
    assert line.startswith("No ifd at 64 images: ifd needs two")


def test_a_metric_that_refuses_once_leaves_the_best_it_decided(watched, monkeypatch):
    engine, keeper, folder = watched(metric=("gap", "spread"))
    engine.step()
    keeper.evaluate(4)
    before = best_of(folder)

    def refuse(self, evidence):
        raise DoesNotFit("gap has a headache")

    monkeypatch.setattr(type(keeper._examiner._metrics["gap"]), "__call__", refuse)
    engine.step()
    keeper.readings(64)
    (late,) = keeper.overdue(64)
    assert late.values.keys() == {"eval/spread"}
    assert best_of(folder) == before == keeper.best
    assert [place.name for place in folder.checkpoints.iterdir()] == ["best"]


def test_samples_that_are_not_finite_end_the_run(watched):
    engine, keeper, _ = watched(metric="gap", **{"run.evaluate_every": 4, "run.images": 12})
    with torch.no_grad():
        for weight in engine.averages["generator"].module.parameters():
            weight.fill_(float("nan"))
    with pytest.raises(Diverged, match="not finite"):
        keeper.readings(4)
        keeper.overdue(4)


def test_features_alone_give_the_readings_of_all_the_evidence(watched):
    engine, keeper, _ = watched(metric=("fd", "kid", "pr", "dc"))
    engine.step()
    average = engine.averages["generator"].module
    beside = keeper._examiner.look(average, conditional=False)().readings
    assert beside == keeper._examiner.examine(average, conditional=False).readings


@pytest.mark.parametrize("small", [True, False], ids=["samples fit", "samples do not fit"])
def test_samples_laid_by_give_the_readings_of_all_the_evidence(watched, monkeypatch, small):
    engine, keeper, _ = watched(metric=("swd", "memorisation", "cas"), conditioning="projection")
    engine.step()
    average, examiner = engine.averages["generator"].module, keeper._examiner
    whole = examiner.examine(average, conditional=True)
    if not small:
        monkeypatch.setattr("ganzoo.evaluation.samples.room_for", lambda *_: None)  # of the fakes, which are made anew
    read = []
    monkeypatch.setattr(type(examiner), "_read", noting(type(examiner)._read, read))
    finish = examiner.look(average, conditional=True)
    assert [*chain(*read)] == ([] if small else ["swd", "memorisation", "cas"])
    beside = finish()
    values, wanted = ({name: reading.value for name, reading in labelled(f.readings).items()} for f in (beside, whole))
    assert values == (wanted if small else pytest.approx(wanted, rel=1e-5))  # made anew, features round otherwise
    assert beside.pictures.keys() == whole.pictures.keys() == {"nearest"}
    assert torch.equal(beside.pictures["nearest"].images, whole.pictures["nearest"].images)


def noting(plain, read):
    def note(self, names, *evidence):
        read.append(list(names))
        return plain(self, names, *evidence)

    return note


def best(value, better="lower", seed=0, name="fd"):
    stamp = Stamp({"fingerprint": "a"}, {"name": "f"}, {"seed": seed}, {"fd": {"featured": True}}, "0.1.0")
    return Best("fd", name, Reading(value, None, better), 4, stamp)


def test_better_is_what_the_metric_says():
    assert best(1.0).beats(best(2.0))
    assert not best(2.0).beats(best(1.0))
    assert best(2.0, "higher").beats(best(1.0, "higher"))
    assert not best(1.0).beats(best(1.0))
    assert not best(math.nan).beats(None)


def test_a_best_of_another_ruler_does_not_stand_in_the_way():
    assert best(2.0).beats(best(1.0, seed=1))
    assert best(2.0).beats(best(1.0, name="other"))
    assert best(2.0).beats(None)


def test_a_run_that_was_killed_with_nothing_but_its_best_goes_on_from_there(rulers, tmp_path):
    from ganzoo.session import train

    values = {**TINY, "run.log_every": 8, "metric": ("gap", "kid"), "run.evaluate_every": 16}

    def go(folder, images, resume=False):
        said = split_layer("command line", {**values, "run.images": images})
        assembly = assemble(rulers, resolve(rulers, Request("dcgan", (said,))))
        return train(rulers, assembly, folder, resume=resume)

    whole, killed = create("run", out=tmp_path / "whole"), create("run", out=tmp_path / "killed")
    go(whole, 64)
    go(killed, 32)
    for checkpoint in state.checkpoints(killed.checkpoints):
        shutil.rmtree(checkpoint)
    images = best_of(killed).images
    outcome = go(killed, 64, resume=True)
    assert (outcome.before, outcome.images) == (images, 64)
    ours, theirs = (load_file(checkpoint_of(folder) / state.TRAINING) for folder in (killed, whole))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_watched_run_that_is_resumed_ends_as_one_that_nobody_watched(rulers, tmp_path):
    from ganzoo.session import train

    def go(name, images, watch, resume=False):
        values = {**TINY, "run.images": images, "run.log_every": 8}
        values |= {"metric": ("gap", "kid"), "run.evaluate_every": 16} if watch else {}
        assembly = assemble(rulers, resolve(rulers, Request("dcgan", (split_layer("command line", values),))))
        folder = RunFolder(tmp_path / name) if resume else create("run", out=tmp_path / name)
        train(rulers, assembly, folder, resume=resume)
        return folder

    go("watched", 32, watch=True)
    watched, quiet = go("watched", 64, watch=True, resume=True), go("quiet", 64, watch=False)
    ours, theirs = (load_file(checkpoint_of(folder) / state.TRAINING) for folder in (watched, quiet))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert [e.images for e in evaluations(watched)] == [16, 32, 48, 64]
    assert [line["images"] for line in watched.readings() if "eval/gap" in line] == [16, 32, 48, 64]
    best = min(evaluations(watched), key=lambda e: e.readings["gap"]["gap"].value)
    assert best_of(watched).images == best.images
