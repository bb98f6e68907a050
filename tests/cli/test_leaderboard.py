"""``ganzoo leaderboard`` as a user types it."""

import shutil

import pytest

TINY = ["--data", "sprites", "--resolution", "8", "--images", "32", "--samples", "40", "--metrics", "fd", "--device",
        "cpu", "-s", "run.batch_size=4", "-s", "dataset.count=64", "--out", "board"]  # fmt: skip
PAIRS = ["--recipes", "toy", "--losses", "non-saturating,wgan-gp", "--seeds", "0-1"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "board"


def times(place):
    return {file: file.stat().st_mtime_ns for file in place.rglob("*.safetensors")}


def test_every_pair_is_trained_and_ranked_and_the_same_command_continues(ganzoo, place, terminal):
    terminal(120)
    said = ganzoo("leaderboard", *PAIRS, *TINY)
    assert said.code == 0, said.err
    names = {path.name for path in (place / "runs").iterdir()}
    assert names == {f"toy-{loss}-s{seed}" for loss in ("non-saturating", "wgan-gp") for seed in (0, 1)}
    assert [line.split()[0] for line in said.lines[1:] if line[:3].strip()][:2] == ["1", "2"]
    text = (place / "leaderboard.md").read_text()
    assert "| rank | recipe | loss | fd ↓ | seeds |" in text
    assert f"command: ganzoo leaderboard {' '.join(PAIRS)}" in text
    assert "<table" in (place / "leaderboard.html").read_text()

    before = times(place)
    assert ganzoo("leaderboard", *PAIRS, *TINY).code == 0
    assert times(place) == before

    shutil.rmtree(place / "runs" / "toy-wgan-gp-s1")
    (place / "runs" / "toy-wgan-gp-s0" / "eval").rename(place / "gone")
    assert ganzoo("leaderboard", *PAIRS, *TINY).code == 0
    again = times(place)
    assert {file.parts[-4] for file in again if before.get(file) != again[file]} == {"toy-wgan-gp-s1"}
    assert (place / "runs" / "toy-wgan-gp-s0" / "eval").is_dir()


def test_an_interrupted_run_is_resumed(ganzoo, place):
    one = ["leaderboard", "--recipes", "dcgan", "--seeds", "0"]
    assert ganzoo(*one, *TINY).code == 0
    (run,) = (place / "runs").iterdir()
    assert run.name == "dcgan-non-saturating-s0"
    *_, last = sorted((run / "checkpoints").iterdir())
    whole = (last / "model.safetensors").read_bytes()
    shutil.rmtree(last)
    assert ganzoo(*one, *TINY).code == 0
    assert (last / "model.safetensors").read_bytes() == whole


def test_runs_of_another_length_are_refused(ganzoo, place):
    one = ["leaderboard", "--recipes", "dcgan", "--seeds", "0"]
    assert ganzoo(*one, *TINY).code == 0
    before = (place / "leaderboard.md").read_text()
    for images in ("16", "48"):
        said = ganzoo(*one, *(word if word != "32" else images for word in TINY))
        assert said.code == 2
        assert f"is a run of 32 images, not of {images}: choose another --out" in said.err
    assert (place / "leaderboard.md").read_text() == before


def test_runs_of_ganzoo_train_are_left_alone(ganzoo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "0001-dcgan-sprites").mkdir(parents=True)
    (tmp_path / "runs" / "0001-dcgan-sprites" / "config.toml").touch()
    words = [word if word != "board" else "." for word in TINY]
    assert ganzoo("leaderboard", "--recipes", "dcgan", "--seeds", "0", *words).code == 2
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["0001-dcgan-sprites"]


def test_a_folder_of_something_else_is_refused(ganzoo, tmp_path):
    (tmp_path / "holiday.png").touch()
    words = [word if word != "board" else str(tmp_path) for word in TINY]
    said = ganzoo("leaderboard", "--recipes", "dcgan", "--seeds", "0", *words)
    assert said.code == 2
    assert "holds something else than a leaderboard" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.png"]


def test_misfits_and_divergence_are_reported(ganzoo, place):
    words = ["leaderboard", "--recipes", "dcgan,toy", "--seeds", "0", *TINY, "-s", "generator.depth=2",
             "-s", "optimizer.discriminator.lr=1e30"]  # fmt: skip
    said = ganzoo(*words)
    assert said.code == 0, said.err
    text = " ".join(said.out.split())
    assert "does not fit: dcgan with its own loss: no setting 'generator.depth'" in text
    assert "toy with non-saturating, seed 0: training diverged" in text
    assert "diverged" in (place / "leaderboard.md").read_text()
    assert ganzoo(*words).out.split() == said.out.split()


def test_the_data_of_every_recipe_are_named(ganzoo, place):
    words = ["--images", "32", "--samples", "40", "--metrics", "fd", "--device", "cpu", "-s", "run.batch_size=4"]
    said = ganzoo("leaderboard", "--recipes", "toy,toy-modes", "--seeds", "0", *words, "--out", "board")
    assert said.code == 0, said.err
    (facts,) = (line for line in (place / "leaderboard.md").read_text().splitlines() if line.startswith("- data:"))
    assert facts.count(", 2") == 2 and "; or " in facts


def test_a_recorded_divergence_does_not_count_for_other_settings(ganzoo, place):
    words = ["leaderboard", "--recipes", "toy", "--seeds", "0", *TINY]
    wild, tame = ([*words, "-s", f"optimizer.discriminator.lr={lr}"] for lr in ("1e30", "1e-4"))
    assert ganzoo(*wild).code == 0
    said = ganzoo(*tame)
    assert said.code == 2
    assert "'board/runs/toy-non-saturating-s0' was trained with other settings" in said.err


def test_a_recipe_that_does_not_fit_the_metrics_is_listed_and_the_rest_is_trained(ganzoo, place):
    (place.parent / "conditional.toml").write_text('recipe = "toy"\nconditioning = "projection"\n')
    words = [word if word != "fd" else "cas" for word in TINY]
    words += ["-s", "dataset.label=content"]
    said = ganzoo("leaderboard", "--recipes", "toy,conditional.toml", "--seeds", "0", *words)
    assert said.code == 0, said.err
    text = " ".join(said.out.split())
    assert "does not fit: toy with its own loss: metric 'cas' needs 'conditional'" in text
    assert {path.name for path in (place / "runs").iterdir()} == {"conditional-non-saturating-s0"}


def test_a_recipe_file_is_trained_beside_installed_recipes(ganzoo, place):
    own = place.parent / "narrow.toml"
    own.write_text('recipe = "dcgan"\n[generator]\nwidth = 4\n[run]\nimages = 9000\nseed = 7\n')
    words = ["leaderboard", "--recipes", "dcgan,narrow.toml", "--losses", "hinge", "--seeds", "0", *TINY]
    said = ganzoo(*words)
    assert said.code == 0, said.err
    assert {path.name for path in (place / "runs").iterdir()} == {"dcgan-hinge-s0", "narrow-hinge-s0"}
    config = (place / "runs" / "narrow-hinge-s0" / "config.toml").read_text()
    assert "width = 4\n" in config
    assert "seed = 0\n" in config
    assert "| narrow | hinge |" in (place / "leaderboard.md").read_text()
    own.write_text('recipe = "dcgan"\n[generator]\nwidth = 8\n')
    said = ganzoo(*words)
    assert said.code == 2
    assert "'board/runs/narrow-hinge-s0' was trained with other settings" in said.err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "--recipes"),
        (["--recipes", "dcgna"], "'dcgan'"),
        (["--recipes", ","], "all"),
        (["--recipes", "dcgan,mine.toml"], "no file 'mine.toml'"),
        (["--recipes", "a/same.toml,b/same.toml"], "two recipes are called 'same'"),
        (["--recipes", "dcgan", "--losses", "higne"], "hinge"),
        (["--recipes", "dcgan", "--seeds", "five"], "0-63"),
        (["--recipes", "dcgan", "--metrics", "fdd"], "error: no metric 'fdd'. Did you mean 'fd'?"),
        (["--recipes", "dcgan", "--features", "rnadom"], "'random'"),
        (["--recipes", "dcgan", "--data", "./nowhere"], "nowhere"),
        (["--recipes", "dcgan", "--images", "0"], "--images"),
    ],
)
def test_a_mistake_is_one_clear_line_before_anything_is_trained(ganzoo, place, words, named):
    for folder in ("a", "b"):
        (place.parent / folder).mkdir()
        (place.parent / folder / "same.toml").write_text('recipe = "dcgan"\n')
    said = ganzoo("leaderboard", *TINY, *words)
    assert said.code == 2, said.out
    assert named in said.err
    assert not list(place.rglob("*.safetensors"))
