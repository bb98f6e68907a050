"""``ganzoo evaluate`` as a user types it."""

import json
import shutil

import pytest
from PIL import Image

import ganzoo as library
from ganzoo.cli.options import split_names

SMALL = {"generator.width": 4, "discriminator.width": 4, "dataset.resolution": 8, "dataset.count": 64}
FEW = ("--samples", "40", "--device", "cpu")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return library.train("dcgan", images=16, batch_size=4, device="cpu", settings=SMALL,
                         out=tmp_path_factory.mktemp("evaluate") / "run").path  # fmt: skip


@pytest.fixture
def run(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(trained, tmp_path / "run")
    return tmp_path / "run"


def test_the_table_has_a_column_per_run_with_intervals_and_the_protocol(ganzoo, run, terminal):
    terminal(120)
    shutil.copytree(run, run.parent / "other")
    said = ganzoo("evaluate", "run", "other", "--metrics", "fd,kid", *FEW)
    assert said.code == 0, said.err
    assert said.lines[0].split() == ["run", "other"]
    assert [line.split()[0] for line in said.lines[1:4]] == ["images", "fd", "kid"]
    assert "±" in said.out
    assert "40 fakes against 40 reals of data" in said.out
    assert "features random" in said.out
    assert "seed 0" in said.out


def test_metrics_that_fit_the_data_are_computed_by_default(ganzoo, run):
    said = ganzoo("evaluate", "run", *FEW, "--json")
    (found,) = json.loads(said.out)
    assert {"fd", "kid", "pr", "dc"} <= found["values"].keys()
    (file,) = (run / "eval").glob("*.json")
    assert json.loads(file.read_text()) == found
    assert found["images"] == 16


def test_settings_and_seed_stand_in_the_protocol(ganzoo, run):
    words = ("--metrics", "kid", "--set", "metric.kid.subsets=7", "--seed", "3", "--json", *FEW)
    (found,) = json.loads(ganzoo("evaluate", "run", *words).out)
    assert found["protocol"]["metrics"]["kid"]["settings"]["subsets"] == 7
    assert found["protocol"]["samples"]["seed"] == 3


MISTAKES = [
    (["evaluate"], "RUN"),
    (["evaluate", "nowhere"], "nowhere"),
    (["evaluate", "run", "--metrics", "fdd"], "'fd'"),
    (["evaluate", "run", "--metrics", ""], "at least one"),
    (["evaluate", "run", "--features", "rnadom"], "'random'"),
    (["evaluate", "run", "--samples", "1"], ">= 2"),
    (["evaluate", "run", "--samples", "many"], "--samples"),
    (["evaluate", "run", "--checkpoint", "oldest"], "newest"),
    (["evaluate", "run", "--checkpoint", "best"], "--evaluate"),
    (["evaluate", "run", "--weights", "nowhere.safetensors"], "--weights"),
    (["evaluate", "run", "--metrics", "kid", "--set", "metric.kid.subset=3"], "'metric.kid.subsets'"),
    (["evaluate", "run", "--metrics", "kid", "--samples", "2"], "--samples 4"),
    (["evaluate", "bare"], "ganzoo train --config bare/config.toml"),
]


@pytest.mark.parametrize(("words", "named"), MISTAKES, ids=[" ".join(words) for words, _ in MISTAKES])
def test_a_mistake_is_one_clear_line(ganzoo, run, words, named):
    shutil.copytree(run, run.parent / "bare")
    shutil.rmtree(run.parent / "bare" / "checkpoints")
    said = ganzoo(*words, *([] if words == ["evaluate"] else ["--device", "cpu"]))
    assert said.code == 2, said.err
    assert named in said.err
    assert 1 <= len(said.err.strip().splitlines()) <= 2
    assert not (run / "eval").exists()


@pytest.mark.parametrize("count", [1, 2])
def test_one_image_is_too_few_and_two_are_enough_for_fd(ganzoo, tmp_path, monkeypatch, count):
    import numpy as np

    monkeypatch.chdir(tmp_path)
    np.save("data.npy", np.random.default_rng(0).integers(0, 256, (count, 3, 8, 8)).astype(np.uint8))
    small = {"generator.width": 4, "discriminator.width": 4}
    library.train("dcgan", data="data.npy", images=8, batch_size=4, device="cpu", settings=small, out="run")
    said = ganzoo("evaluate", "run", "--metrics", "fd", "--device", "cpu")
    assert said.code == (2 if count == 1 else 0), said.err
    assert "at least 2" in said.err if count == 1 else "fd" in said.out


def test_no_run_is_evaluated_if_one_cannot_be_opened(ganzoo, run):
    said = ganzoo("evaluate", "run", "nowhere", "--metrics", "fd", *FEW)
    assert said.code == 2
    assert "'nowhere' is" in said.err
    assert not (run / "eval").exists()


def test_runs_evaluated_before_an_error_are_shown(ganzoo, run):
    photos = run.parent / "photos"
    photos.mkdir()
    for number in range(8):
        Image.new("RGB", (8, 8), (20 * number, 9, 9)).save(photos / f"{number}.png")
    trained = library.train("dcgan", data="photos", images=8, batch_size=4, device="cpu", out=run.parent / "other",
                            settings={"generator.width": 4, "discriminator.width": 4})  # fmt: skip
    said = ganzoo("evaluate", "run", str(trained.path), "--metrics", "modes", *FEW)
    assert said.code == 2
    assert "metric 'modes' needs" in said.err
    assert "coverage" in said.out
    assert list((run / "eval").glob("*.json"))


def test_missing_data_are_named(ganzoo, tmp_path, monkeypatch):
    import numpy as np

    monkeypatch.chdir(tmp_path)
    np.save("data.npy", np.zeros((8, 3, 8, 8), np.uint8))
    small = {"generator.width": 4, "discriminator.width": 4}
    library.train("dcgan", data="data.npy", images=8, batch_size=4, device="cpu", settings=small, out="run")
    (tmp_path / "data.npy").unlink()
    said = ganzoo("evaluate", "run", *FEW)
    assert said.code == 2
    assert "data.npy" in said.err


def test_names_are_separated_by_commas():
    assert split_names(" fd, kid,fd,") == ("fd", "kid")
    assert split_names(None) is None


def test_a_number_of_samples_may_be_written_short(ganzoo, run):
    words = ("--metrics", "fd", "--samples", "0.04k", "--device", "cpu", "--json")
    (found,) = json.loads(ganzoo("evaluate", "run", *words).out)
    assert found["protocol"]["samples"]["fakes"] == 40
