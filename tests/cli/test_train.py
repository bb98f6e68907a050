"""``ganzoo train``, ``sample`` and ``interpolate`` as a user types them."""

import pytest
from PIL import Image

from ganzoo.cli.options import format_seeds, parse_seeds

FEW = ("--images", "8", "--batch-size", "4", "--resolution", "8", "--device", "cpu", "-s", "dataset.count=32")
SMALL = (*FEW, "-s", "generator.width=4", "-s", "discriminator.width=4")
NARROW = tuple(
    word for player in ("generator", "discriminator") for name, value in (("channel_base", 64), ("max_channels", 8))
    for word in ("-s", f"{player}.{name}={value}")
)  # fmt: skip


@pytest.fixture
def own_run(ganzoo, tmp_path, monkeypatch):
    """A run ``run`` of the pictures in the folder ``art``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "art").mkdir()
    for number in range(6):
        Image.new("RGB", (8, 8), (40 * number, 0, 0)).save(tmp_path / "art" / f"{number}.png")
    words = ("--images", "8", "--batch-size", "4", "--device", "cpu", "-s", "generator.width=4")
    words += ("-s", "discriminator.width=4", "--data", "art", "--out", "run")
    assert ganzoo("train", "dcgan", *words).code == 0


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("trained")


@pytest.fixture
def run(place, ganzoo, monkeypatch):
    """A run of eight images in the folder ``run`` of the current folder."""
    monkeypatch.chdir(place)
    if not (place / "run").exists():
        assert ganzoo("train", "dcgan", *SMALL, "--out", "run").code == 0
    return place / "run"


def test_the_end_names_the_next_commands(ganzoo, tmp_path):
    said = ganzoo("train", "dcgan", *SMALL, "--out", str(tmp_path / "new"))
    assert said.code == 0
    assert "Done after 8 images." in said.out
    assert f"ganzoo sample {tmp_path / 'new'} --seeds 0-63" in said.out


def test_a_finished_run_has_nothing_left_to_do(ganzoo, run):
    said = ganzoo("train", "--resume", "run")
    assert said.code == 0
    assert "Nothing left to do: the run has seen 8 images already. Continue it with more --images." in said.out


def test_a_run_continues_to_more_images(ganzoo, run):
    said = ganzoo("train", "--resume", "run", "--images", "1.2e1")
    assert said.code == 0
    assert "Done after 12 images." in said.out


def test_changed_data_are_reported(ganzoo, tmp_path, own_run):
    assert "The data have changed" not in ganzoo("train", "--resume", "run", "--images", "12").out
    Image.new("RGB", (8, 8), (0, 200, 0)).save(tmp_path / "art" / "new.png")
    said = ganzoo("train", "--resume", "run", "--images", "16")
    assert said.code == 0
    assert "The data have changed since the run was trained on them" in said.out


def test_moved_data_are_found_again(ganzoo, tmp_path, own_run):
    (tmp_path / "art").rename(tmp_path / "moved")
    for command in (("evaluate", "run", "--metrics", "fd"), ("train", "--resume", "run", "--images", "12")):
        said = ganzoo(*command)
        assert said.code == 2
        assert "If the data lie elsewhere now: --set dataset.path=PATH" in said.err
        assert ganzoo(*command, "--set", "dataset.path=moved").code == 0


def test_other_data_are_refused(ganzoo, tmp_path, own_run):
    (tmp_path / "other").mkdir()
    for number in range(6):
        Image.new("RGB", (16, 16), (40 * number, 0, 0)).save(tmp_path / "other" / f"{number}.png")
    said = ganzoo("evaluate", "run", "--metrics", "fd", "--set", "dataset.path=other")
    assert said.code == 2
    assert "these are not the data the run was trained on: shape (3, 16, 16), not (3, 8, 8)" in said.err


def test_a_dry_run_writes_nothing(ganzoo, place, run):
    before = sorted(place.rglob("*"))
    assert ganzoo("train", "dcgan", *SMALL, "--dry-run").code == 0
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("text", ["0-6", "5", "7,0-1", "3,5,8-11", "2,1,0"])
def test_seeds_are_written_as_they_are_read(text):
    assert format_seeds(parse_seeds(text)) == text


def test_pictures_that_differ_have_names_that_differ(ganzoo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ganzoo("train", "stylegan2-small", *FEW, *NARROW, "--out", "styled").code == 0
    asked = [(), ("--truncation", "0.5"), ("--noise-seed", "3"), ("--truncation", "0.5", "--noise-seed", "3")]
    for words in asked:
        assert ganzoo("sample", "styled", "--seeds", "0-3", *words).code == 0
    names = {sheet.name for sheet in (tmp_path / "styled").glob("seeds-*.png")}
    assert names == {
        "seeds-0-3.png", "seeds-0-3-truncation-0.5.png", "seeds-0-3-noise-3.png",
        "seeds-0-3-truncation-0.5-noise-3.png",
    }  # fmt: skip
    mixed = ("--style-mix", "1", "2")
    for words in [mixed, (*mixed, "--mix", "fine"), (*mixed, "--truncation", "0.5"), ("--style-mix", "2", "2")]:
        assert ganzoo("sample", "styled", "--seeds", "0-3", *words).code == 0
    assert len(list((tmp_path / "styled").glob("mix-*.png"))) == 4
    assert ganzoo("sample", "styled", "--seeds", "7,0-3", *mixed).code == 0
    assert (tmp_path / "styled" / "mix-coarse-1x2-seeds-7_0-1.png").exists()  # only the seeds it shows
    walked = ("--seeds", "0-1", "--frames", "2")
    for words in [
        walked,
        (*walked, "--space", "z"),
        (*walked, "--truncation", "0.5"),
        ("--seeds", "0-1", "--frames", "3"),
    ]:
        assert ganzoo("interpolate", "styled", *words).code == 0
    assert len(list((tmp_path / "styled").glob("walk-*.webp"))) == 4
