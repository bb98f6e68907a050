"""Run folders: numbering, reading, rewinding."""

import json
from pathlib import Path

import pytest

from ganzoo.errors import BadRun
from ganzoo.runs.folder import RunFolder, all_runs, create


def test_runs_are_numbered_one_after_another(tmp_path):
    paths = [create("dcgan-sprites", out=None, base=tmp_path / "runs").path.name for _ in range(3)]
    assert paths == ["0001-dcgan-sprites", "0002-dcgan-sprites", "0003-dcgan-sprites"]
    (tmp_path / "runs" / "0041-other").mkdir()
    assert create("x", out=None, base=tmp_path / "runs").path.name == "0042-x"


def test_an_exact_folder_must_be_empty(tmp_path):
    assert create("x", out=tmp_path / "mine", base=tmp_path).path == tmp_path / "mine"
    with pytest.raises(BadRun, match="--resume"):
        create("x", out=tmp_path / "mine", base=tmp_path)


def test_a_folder_that_is_no_run_names_those_that_may_be_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert told_of("0001-dcgan") == "it does not exist. Name one that ganzoo train made."
    for name in ("runs/0001-dcgan-shapes", "runs/0002-sngan-sprites", "mine"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "config.toml").touch()
    assert told_of("0001-dcgan") == "it does not exist. Did you mean 'runs/0001-dcgan-shapes'?"
    assert (
        told_of("runs")
        == "it holds no config.toml. Choose from: mine, runs/0001-dcgan-shapes, runs/0002-sngan-sprites."
    )
    assert told_of("x/yz").endswith("Choose from: runs/0001-dcgan-shapes, runs/0002-sngan-sprites.")


def told_of(path):
    with pytest.raises(BadRun) as refused:
        RunFolder(Path(path)).config()
    return str(refused.value).partition("is no run folder: ")[2]


def test_rewinding_drops_what_came_later_and_a_line_cut_short(tmp_path):
    folder = create("x", out=tmp_path / "run", base=tmp_path)
    lines = [json.dumps({"images": n}) + "\n" for n in (10, 20, 30)]
    folder.metrics.write_text("".join(lines) + '{"images": 4')
    for images in (0, 20, 30):
        (folder.samples / f"{images:09d}.png").write_bytes(b"")
    folder.rewind(20)
    assert [line["images"] for line in folder.read_metrics()] == [10, 20]
    assert sorted(sheet.name for sheet in folder.samples.iterdir()) == ["000000000.png", "000000020.png"]


def test_rewinding_drops_evaluations_of_a_future_that_is_gone(tmp_path):
    folder = create("x", out=tmp_path / "run", base=tmp_path)
    folder.evaluations.mkdir()
    for name in ("000000020-ab.json", "000000030-ab.json", "000000030-ab-nearest.png", "notes.txt"):
        (folder.evaluations / name).touch()
    folder.rewind(20)
    assert sorted(file.name for file in folder.evaluations.iterdir()) == ["000000020-ab.json", "notes.txt"]


def test_one_writer_at_a_time(tmp_path):
    folder = create("x", out=tmp_path / "run", base=tmp_path)
    with folder.locked(), pytest.raises(BadRun, match="another process"), RunFolder(folder.path).locked():
        pass
    with folder.locked():
        pass


def test_a_folder_nobody_can_write_to_is_a_mistake_not_a_bug(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(BadRun, match=r"cannot be written \(Not a directory\). Copy it"),
        RunFolder(tmp_path / "file" / "run").locked(),
    ):
        pass


def test_only_finished_starts_count_as_runs(tmp_path):
    create("x", out=None, base=tmp_path)
    assert all_runs(tmp_path) == []
