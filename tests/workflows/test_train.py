"""A run is started, interrupted and resumed by real processes and real signals."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from safetensors.torch import load_file

import ganzoo
from ganzoo.runs.commit import find_commit
from ganzoo.runs.folder import RunFolder
from ganzoo.training import checkpoints
from ganzoo.workflows.options import RunOptions
from ganzoo.workflows.prepare import prepare_run
from ganzoo.workflows.train import run_name

TINY = ["--batch-size", "4", "-s", "generator.width=4", "-s", "discriminator.width=4", "-s", "dataset.resolution=8",
        "-s", "dataset.count=64", "--device", "cpu", "-s", "run.log_every=400"]  # fmt: skip
MAIN = [sys.executable, "-c", "from ganzoo.cli.main import main; main()"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
PATIENCE = 250
"""Seconds a process may take where others share its cores; it needs a few."""


def start(place, *words):
    return subprocess.Popen([*MAIN, *words], cwd=place, env=ENVIRONMENT, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)  # fmt: skip


def run_to_end(place, *words):
    """Run a command to its end and return the exit code."""
    return start(place, *words).wait(PATIENCE)


def wait_for_metrics(place, run="run", lines=1):
    file = place / run / "metrics.jsonl"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if file.exists() and len(file.read_text().splitlines()) >= lines:
            return
        time.sleep(0.05)
    pytest.fail("the run wrote no metrics in time")


def tensors(run):
    newest = checkpoints.list_checkpoints(run / "checkpoints")[-1]
    return {**load_file(newest / checkpoints.MODEL), **load_file(newest / checkpoints.TRAINING)}


def periodic_metrics(run):
    """Metrics computed while training, by number of images."""
    lines = RunFolder(run).read_metrics()
    return {line["images"]: {n: v for n, v in line.items() if n.startswith("eval/")} for line in lines
            if any(n.startswith("eval/") for n in line)}  # fmt: skip


def test_a_run_on_own_data_is_named_after_them(tmp_path):
    (tmp_path / "my photos!").mkdir()
    for number in range(8):
        Image.new("RGB", (8, 8), (30 * number, 0, 0)).save(tmp_path / "my photos!" / f"{number}.png")
    prepared = prepare_run(
        RunOptions(recipe="dcgan", data=str(tmp_path / "my photos!"), resolution=8, run={"batch_size": 4})
    )
    assert run_name(prepared.assembly.config) == "dcgan-non-saturating-my-photos"
    assert run_name(prepare_run(RunOptions(recipe="dcgan")).assembly.config) == "dcgan-non-saturating-sprites"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_the_run_and_resuming_is_exact(tmp_path, number, code):
    words = ["train", "dcgan", *TINY, "--images"]
    child = start(tmp_path, *words, "10M", "--out", "run")
    wait_for_metrics(tmp_path)
    child.send_signal(number)
    said = child.communicate(timeout=PATIENCE)[0]
    assert child.returncode == code, said
    assert "ganzoo train --resume run" in said
    (checkpoint,) = checkpoints.list_checkpoints(tmp_path / "run" / "checkpoints")
    seen = checkpoints.verify_checkpoint(checkpoint)["counters"]["batches_seen"] * 4
    total = str(seen + 200)
    assert run_to_end(tmp_path, "train", "--resume", "run", "--images", total) == 0
    assert run_to_end(tmp_path, *words, total, "--out", "straight") == 0
    ours, theirs = tensors(tmp_path / "run"), tensors(tmp_path / "straight")
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not bool((ours[name] == theirs[name]).all())] == []


def test_a_second_interrupt_stops_at_once_and_keeps_the_checkpoint(tmp_path):
    child = start(
        tmp_path, "train", "dcgan", *TINY, "--images", "10M", "--out", "run", "-s", "run.checkpoint_every=400"
    )
    wait_for_metrics(tmp_path, lines=2)
    child.send_signal(signal.SIGINT)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=PATIENCE)
    assert child.returncode == 130
    for checkpoint in checkpoints.list_checkpoints(tmp_path / "run" / "checkpoints"):
        checkpoints.verify_checkpoint(checkpoint)


def test_a_second_writer_is_refused(tmp_path):
    child = start(
        tmp_path, "train", "dcgan", *TINY, "--images", "10M", "--out", "run", "-s", "run.checkpoint_every=400"
    )
    wait_for_metrics(tmp_path, lines=2)
    other = start(tmp_path, "train", "--resume", "run")
    said = other.communicate(timeout=PATIENCE)[0]
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=PATIENCE)
    assert other.returncode == 2
    assert "being written by another process" in said


def test_auto_continues_the_interrupted_run_only(tmp_path):
    words = ["train", "dcgan", *TINY, "--images", "6000", "--resume", "auto"]
    child = start(tmp_path, *words, "--time", "1s")
    child.communicate(timeout=PATIENCE)
    (run,) = (tmp_path / "runs").iterdir()
    assert run_to_end(tmp_path, *words) == 0
    assert list((tmp_path / "runs").iterdir()) == [run]
    lines = [json.loads(line)["images"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert lines[-1] == 6000
    assert lines == sorted(set(lines))
    assert run_to_end(tmp_path, *words) == 0
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_a_run_folder_holds_its_documented_files(tmp_path):
    assert run_to_end(tmp_path, "train", "dcgan", *TINY, "--images", "16") == 0
    run = tmp_path / "runs" / "0001-dcgan-non-saturating-sprites"
    names = {path.name for path in run.iterdir()} - {".lock"}
    assert names == {
        "config.toml",
        "environment.json",
        "metrics.jsonl",
        "reals.png",
        "report.html",
        "samples",
        "checkpoints",
    }
    environment = json.loads((run / "environment.json").read_text())
    assert {"ganzoo-core", "ganzoo-dcgan", "torch", "python"} <= environment["versions"].keys()
    assert len(environment["data"]) == 64
    assert environment["commit"] == find_commit(Path(ganzoo.__file__).parent)


def test_a_run_can_be_repeated_from_its_configuration(tmp_path):
    assert run_to_end(tmp_path, "train", "dcgan", *TINY, "--images", "16", "--loss", "wgan-gp", "--out", "one") == 0
    assert run_to_end(tmp_path, "train", "--config", "one/config.toml", "--out", "two") == 0
    one, two = tensors(tmp_path / "one"), tensors(tmp_path / "two")
    assert all(bool((one[name] == two[name]).all()) for name in one)


def test_a_killed_run_resumes_to_the_same_end(tmp_path):
    words = ["train", "dcgan", *TINY, "-s", "run.checkpoint_every=200", "--evaluate", "fd,kid@500",
             "-s", "run.evaluate_samples=64"]  # fmt: skip
    assert run_to_end(tmp_path, *words, "--images", "4000", "--out", "straight") == 0
    child = start(tmp_path, *words, "--images", "4000", "--out", "run")
    wait_for_metrics(tmp_path)
    for pause in (0.0, 0.11, 0.23):
        time.sleep(pause)
        child.kill()
        child.communicate(timeout=PATIENCE)
        child = start(tmp_path, "train", "--resume", "run")
        time.sleep(3)
    child.communicate(timeout=PATIENCE)
    assert run_to_end(tmp_path, "train", "--resume", "run") == 0
    ours, theirs = tensors(tmp_path / "run"), tensors(tmp_path / "straight")
    assert all(bool((ours[name] == theirs[name]).all()) for name in theirs)
    ours, theirs = (periodic_metrics(tmp_path / name) for name in ("run", "straight"))
    assert ours == theirs
    assert len(theirs) == 8
