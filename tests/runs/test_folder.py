"""Run folders: numbering, reading, rewinding."""

import json
from pathlib import Path

import pytest

from ganzoo.errors import BadRun
from ganzoo.runs.folder import RunFolder, create_run, list_runs


def test_runs_are_numbered_one_after_another(tmp_path):
    paths = [create_run("dcgan-sprites", out=None, base=tmp_path / "runs").path.name for _ in range(3)]
    assert paths == ["0001-dcgan-sprites", "0002-dcgan-sprites", "0003-dcgan-sprites"]
    (tmp_path / "runs" / "0041-other").mkdir()
    assert create_run("x", out=None, base=tmp_path / "runs").path.name == "0042-x"


def test_an_exact_folder_must_be_empty(tmp_path):
    assert create_run("x", out=tmp_path / "mine", base=tmp_path).path == tmp_path / "mine"
    with pytest.raises(BadRun, match="--resume"):
        create_run("x", out=tmp_path / "mine", base=tmp_path)


def test_the_error_about_another_folder_names_runs_that_may_be_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message_about("0001-dcgan") == "it does not exist. Name one that ganzoo train made."
    for name in ("runs/0001-dcgan-shapes", "runs/0002-sngan-sprites", "mine"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "config.toml").touch()
    assert message_about("0001-dcgan") == "it does not exist. Did you mean 'runs/0001-dcgan-shapes'?"
    assert (
        message_about("runs")
        == "it holds no config.toml. Choose from: mine, runs/0001-dcgan-shapes, runs/0002-sngan-sprites."
    )
    assert message_about("x/yz").endswith("Choose from: runs/0001-dcgan-shapes, runs/0002-sngan-sprites.")


def message_about(path):
    with pytest.raises(BadRun) as refused:
        RunFolder(Path(path)).config()
    return str(refused.value).partition("is not a run folder: ")[2]


def test_rewinding_drops_later_lines_and_an_incomplete_one(tmp_path):
    folder = create_run("x", out=tmp_path / "run", base=tmp_path)
    lines = [json.dumps({"images": n}) + "\n" for n in (10, 20, 30)]
    folder.metrics.write_text("".join(lines) + '{"images": 4')
    for images in (0, 20, 30):
        (folder.samples / f"{images:09d}.png").write_bytes(b"")
    folder.rewind(20)
    assert [line["images"] for line in folder.read_metrics()] == [10, 20]
    assert sorted(sheet.name for sheet in folder.samples.iterdir()) == ["000000000.png", "000000020.png"]


def test_rewinding_drops_later_evaluations(tmp_path):
    folder = create_run("x", out=tmp_path / "run", base=tmp_path)
    folder.evaluations.mkdir()
    for name in ("000000020-ab.json", "000000030-ab.json", "000000030-ab-nearest.png", "notes.txt"):
        (folder.evaluations / name).touch()
    folder.rewind(20)
    assert sorted(file.name for file in folder.evaluations.iterdir()) == ["000000020-ab.json", "notes.txt"]


def test_one_writer_at_a_time(tmp_path):
    folder = create_run("x", out=tmp_path / "run", base=tmp_path)
    with folder.locked(), pytest.raises(BadRun, match="another process"), RunFolder(folder.path).locked():
        pass
    with folder.locked():
        pass


def test_a_folder_that_cannot_be_written_is_refused_with_advice(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(BadRun, match=r"cannot be written \(Not a directory\). Copy it"),
        RunFolder(tmp_path / "file" / "run").locked(),
    ):
        pass


def test_folders_without_a_configuration_are_no_runs(tmp_path):
    create_run("x", out=None, base=tmp_path)
    assert list_runs(tmp_path) == []
