"""The report of a run that was evaluated."""

import shutil

import pytest

from ganzoo.evaluation.evaluator import EvaluationConfig
from ganzoo.report.run_report import evaluations_section, write_run_report
from ganzoo.runs.folder import RunFolder
from ganzoo.workflows.evaluate import EvaluationRequest, evaluate


@pytest.fixture
def folder(trained, tmp_path):
    return RunFolder(shutil.copytree(trained.path, tmp_path / "run"))


def test_a_run_that_was_not_evaluated_has_no_section(folder):
    assert evaluations_section(folder) == ""
    write_run_report(folder)
    assert "Evaluations" not in folder.report.read_text()


def test_evaluating_renews_the_report(folder, opened):
    asked = EvaluationRequest(metrics=("gap", "spread"), features="averages", config=EvaluationConfig(40), device="cpu")
    found = evaluate(*opened(folder), folder, asked)
    text = folder.report.read_text()
    assert "<h2>Evaluations</h2>" in text
    assert f"{found.images} images" in text
    assert "gap: 40 fakes against 40 reals" in text
    assert text.index("<h2>Samples</h2>") < text.index("<h2>Evaluations</h2>") < text.index("<h2>Configuration</h2>")


def test_pictures_a_metric_left_are_shown(folder, opened):
    asked = EvaluationRequest(metrics=("spread",), features="averages", config=EvaluationConfig(40), device="cpu")
    found = evaluate(*opened(folder), folder, asked)
    sheet = folder.evaluations / f"{found.file_name.removesuffix('.json')}-nearest-reals.png"
    shutil.copy(folder.reals, sheet)
    assert "<figcaption>nearest reals</figcaption>" in evaluations_section(folder)


def test_a_damaged_evaluation_is_named_and_spoils_no_report(folder):
    folder.evaluations.mkdir(exist_ok=True)
    (folder.evaluations / "000000040-broken.json").write_text("{")
    write_run_report(folder)
    assert "000000040-broken.json is no evaluation that can be read" in folder.report.read_text()
