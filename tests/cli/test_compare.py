"""``ganzoo compare`` as a user types it."""

import shutil

import pytest

import ganzoo as library

SMALL = {"generator.width": 4, "discriminator.width": 4, "dataset.resolution": 8, "dataset.count": 64}
EVALUATED = ("--metrics", "fd", "--samples", "40", "--device", "cpu")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    place = tmp_path_factory.mktemp("compare")
    for name, loss in (("one", "non-saturating"), ("two", "wgan-gp")):
        library.train(
            "dcgan", loss=loss, images=16, batch_size=4, device="cpu", settings=SMALL, out=place / name, seed=3
        )
    return place


@pytest.fixture
def runs(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        shutil.copytree(trained / name, tmp_path / name)
    return tmp_path


def test_settings_that_differ_ranks_and_the_page(ganzoo, runs, terminal):
    terminal(120)
    assert ganzoo("evaluate", "one", "two", *EVALUATED).code == 0
    said = ganzoo("compare", "one", "two")
    assert said.code == 0, said.err
    table = {line.split()[0]: line.split()[1:] for line in said.lines if line.strip()}
    assert table["setting"] == ["one", "two"]
    assert table["loss"] == ["non-saturating", "wgan-gp"]
    assert "run.seed" not in table
    assert {"#1", "#2"} <= set(" ".join(said.lines).split())
    assert "compare.html" in said.out
    assert "<figure>" in (runs / "compare.html").read_text()


def test_values_at_different_images_show_the_images(ganzoo, runs, terminal):
    """Five steps of the discriminator to one of the generator: WGAN-GP has seen whole steps of 20."""
    terminal(120)
    shutil.copytree(runs / "one", runs / "again")
    assert ganzoo("evaluate", "one", "two", "again", *EVALUATED).code == 0
    said = ganzoo("compare", "one", "two").out
    assert "at 16" in said
    assert "at 20" in said
    assert "at 16" not in ganzoo("compare", "one", "again").out


def test_values_of_different_samples_are_not_ranked(ganzoo, runs):
    assert ganzoo("evaluate", "one", *EVALUATED).code == 0
    assert ganzoo("evaluate", "two", *EVALUATED, "--seed", "1").code == 0
    said = ganzoo("compare", "one", "two", "--out", "page.html", "--device", "cpu")
    assert "fd is not ranked: seed 0 against 1 (one, two)." in " ".join(said.out.split())
    assert "#1" not in said.out
    assert (runs / "page.html").exists()


def test_runs_need_neither_evaluations_nor_checkpoints_nor_data(ganzoo, runs):
    shutil.rmtree(runs / "two" / "checkpoints")
    said = ganzoo("compare", "one", "two")
    assert said.code == 0, said.err
    assert "ganzoo evaluate one" in said.out


@pytest.mark.parametrize(
    ("words", "named"),
    [(["one"], "two runs"), (["one", "one"], "two runs"), (["one", "nowhere"], "nowhere"),
     (["one", "two", "--out", "page.pdf"], ".html"), (["one", "two", "--out", "one/config.toml/x.html"], "--out")],
)  # fmt: skip
def test_a_mistake_is_one_clear_line(ganzoo, runs, words, named):
    said = ganzoo("compare", *words)
    assert said.code == 2, said.out
    assert named in said.err
    assert len(said.err.strip().splitlines()) <= 2
