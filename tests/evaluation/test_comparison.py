"""Comparing runs: what differs, which is better, and when runs are not ranked."""

import re
import shutil
from dataclasses import replace

import pytest

from ganzoo.assembly.build import open_dataset
from ganzoo.config.layers import Config, Setting
from ganzoo.errors import BadRun
from ganzoo.evaluation.comparison import (
    compare_values,
    differing_settings,
    newest_by_metric,
    open_compared_runs,
    rank_values,
)
from ganzoo.evaluation.evaluator import EvaluationConfig
from ganzoo.evaluation.generator import find_checkpoint, load_generator
from ganzoo.evaluation.record import read_evaluations, write_evaluation
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.report.comparison_page import page
from ganzoo.report.curves import Curve
from ganzoo.report.html import html_document, write_page
from ganzoo.report.overlaid_curves import overlay
from ganzoo.runs.folder import RunFolder
from ganzoo.workflows.evaluate import EvaluationRequest, evaluate


@pytest.fixture
def three(trained, conditional, opened, tmp_path):
    """Three runs: two with equal evaluation protocols, one with another seed."""
    folders = []
    for name, source, seed in (("a", trained, 0), ("b", conditional, 0), ("c", trained, 1)):
        folder = RunFolder(shutil.copytree(source.path, tmp_path / name))
        asked = EvaluationRequest(
            metrics=("gap", "spread"), features="averages", config=EvaluationConfig(40, seed), device="cpu"
        )
        evaluate(*opened(folder), folder, asked)
        folders.append((folder, *opened(folder)))
    return folders


def config(**settings):
    components = {"loss": Setting(settings.pop("loss", "hinge"), "default")}
    return Config("dcgan", components, {path: Setting(value, "default") for path, value in settings.items()})


def test_only_what_differs_is_listed():
    rows = differing_settings({
        "a": config(loss="hinge", **{"generator.width": 64, "run.seed": 0, "run.device": "cpu"}),
        "b": config(loss="wgan", **{"generator.width": 64, "run.seed": 1, "run.device": "cuda", "loss.weight": 2.0}),
    })  # fmt: skip
    assert rows == {
        "loss": {"a": "hinge", "b": "wgan"},
        "run.seed": {"a": 0, "b": 1},
        "loss.weight": {"b": 2.0},
    }


def test_equal_values_share_a_rank_and_the_direction_decides():
    lower = {run: MetricValue(value) for run, value in {"a": 2.0, "b": 1.0, "c": 1.0, "d": float("nan")}.items()}
    assert rank_values(lower) == {"a": 3, "b": 1, "c": 1}
    higher = {run: MetricValue(value, None, "higher") for run, value in {"a": 2.0, "b": 1.0}.items()}
    assert rank_values(higher) == {"a": 1, "b": 2}
    assert rank_values({"a": MetricValue(1.0, None, "neither"), "b": MetricValue(2.0, None, "neither")}) == {}


def test_values_of_one_protocol_are_ranked(three):
    for row in compare_values(open_compared_runs(three[:2])):
        assert row.obstacles == ()
        assert sorted(entry.rank for entry in row.entries.values()) == [1, 2]


def test_values_of_different_protocols_are_not_ranked_and_the_reason_is_given(three):
    for row in compare_values(open_compared_runs(three)):
        assert row.obstacles == ("seed 0 against 1 (a, c)",)
        assert [entry.rank for entry in row.entries.values()] == [None] * 3


def test_each_metric_is_taken_from_the_newest_evaluation_that_holds_it(three, opened):
    folder = three[0][0]
    asked = EvaluationRequest(metrics=("gap",), features="averages", config=EvaluationConfig(41), device="cpu")
    evaluate(*opened(folder), folder, asked)
    newest = open_compared_runs(three)[0].newest
    assert newest["gap"].protocol.samples["fakes"] == 41
    assert newest["spread"].protocol.samples["fakes"] == 40
    older = replace(newest["gap"], images=1)
    assert newest_by_metric([older, newest["gap"]])["gap"] == newest["gap"]


def test_a_newer_value_that_only_some_have_does_not_hide_a_shared_one(three, opened):
    folder = three[0][0]
    before = [(s.name, s.obstacles, s.entries) for s in compare_values(open_compared_runs(three[:2]))]
    evaluate(
        *opened(folder),
        folder,
        EvaluationRequest(metrics=("gap",), features="averages", config=EvaluationConfig(42), device="cpu"),
    )
    assert open_compared_runs(three)[0].newest["gap"].protocol.samples["fakes"] == 42
    assert [(s.name, s.obstacles, s.entries) for s in compare_values(open_compared_runs(three[:2]))] == before


@pytest.mark.parametrize(
    ("images", "wanted"),
    [(((20, 50), (20, 60)), [20, 20]), (((20, 30), (20, 30)), [30, 30]), (((50,), (60,)), [50, 60])],
    ids=["the last they share", "the last of both", "none they share"],
)
def test_values_of_a_shared_protocol_are_compared_at_equal_images_if_the_newest_have_others(
    three, opened, images, wanted
):
    for seed, ((folder, *_), read) in enumerate(zip(three[:2], images, strict=True), 50):
        (shared,) = read_evaluations(folder)
        (folder.evaluations / shared.file_name).unlink()
        asked = EvaluationRequest(
            metrics=("gap",), features="averages", config=EvaluationConfig(40, seed), device="cpu"
        )
        own = evaluate(*opened(folder), folder, asked)
        for evaluation in (*(replace(shared, images=number) for number in read), replace(own, images=1000)):
            write_evaluation(folder, evaluation, {})
    found = next(s for s in compare_values(open_compared_runs(three[:2])) if s.metric == "gap")
    assert found.obstacles == ()
    assert [entry.images for entry in found.entries.values()] == wanted


def test_runs_with_overlapping_intervals_share_a_rank():
    values = {
        "a": MetricValue(1.0, 0.1),
        "b": MetricValue(1.1, 0.1),
        "c": MetricValue(3.0, 0.1),
        "d": MetricValue(0.5),
    }
    assert rank_values(values) == {"a": 2, "b": 2, "c": 4, "d": 1}


def test_runs_of_one_name_get_unique_names(three, tmp_path):
    other = RunFolder(shutil.copytree(three[0][0].path, tmp_path / "deeper" / "a"))
    names = [run.name for run in open_compared_runs([three[0], (other, *three[0][1:])])]
    assert names == [f"{tmp_path.name}/a", "deeper/a"]


def test_the_page_holds_everything_and_loads_nothing(three):
    runs = open_compared_runs(three)
    subjects = {}
    for run in runs[:2]:
        data = open_dataset(run.registry, run.config)
        subjects[run.name] = load_generator(run.registry, run.config, data, find_checkpoint(run.folder), "cpu")
    text = page(runs, subjects)
    for words in (
        "Metrics",
        "Differences",
        "Samples",
        "Curves",
        "seed 0 against 1 (a, c)",
        "conditioning",
        "discriminator/loss",
    ):
        assert words in text, words
    assert text.count('<figure><img src="data:image') == 2
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")


def test_the_page_describes_the_evaluation_protocols(three):
    text = page(open_compared_runs(three[:2]), {})
    assert re.search(
        r"gap: 40 fakes against 40 reals of data \w{8,}, seen by features averages \(averages-1\.0\), seed 0", text
    )
    assert re.search(r"spread: 40 fakes against 40 reals of data \w{8,}, seed 0", text)


def test_the_page_claims_to_rank_only_where_it_does(three):
    assert "Same evaluation protocol" in page(open_compared_runs(three[:2]), {})
    assert "Same evaluation protocol" not in page(open_compared_runs(three), {})


def test_a_run_without_evaluations_is_shown_the_command(trained, opened):
    text = page(open_compared_runs([(trained, *opened(trained))] * 2), {})
    assert f"ganzoo evaluate {trained.path}" in text


def test_curves_of_all_runs_share_their_axes():
    drawn = overlay(
        "loss", {0: Curve("loss", ((0.0, 0.0), (100.0, 1.0))), 9: Curve("loss", ((0.0, 1.0), (200.0, 3.0)))}
    )
    assert 'class="run0"' in drawn
    assert 'class="run1 again"' in drawn
    assert drawn.count("<polyline") == 2
    assert overlay("one", {0: Curve("one", ((5.0, 2.0),))}).count("<circle") == 1


def test_a_page_is_written_whole_or_refused(tmp_path):
    write_page(html_document("x", "<p>y</p>"), tmp_path / "deep" / "x.html")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["x.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(BadRun, match="--out"):
        write_page("x", tmp_path / "file" / "x.html")
