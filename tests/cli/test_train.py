"""``ganzoo train`` and ``ganzoo sample``, as they are typed: what they say and what they leave."""

import pytest

FEW = ("--images", "8", "--batch-size", "4", "--resolution", "8", "--device", "cpu", "-s", "dataset.count=32")
SMALL = (*FEW, "-s", "generator.width=4", "-s", "discriminator.width=4")
NARROW = tuple(
    word for player in ("generator", "discriminator") for name, value in (("channel_base", 64), ("max_channels", 8))
    for word in ("-s", f"{player}.{name}={value}")
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("trained")


@pytest.fixture
def run(place, ganzoo, monkeypatch):
    """A run of eight images in ``run``, the folder it lies in being the current one."""
    monkeypatch.chdir(place)
    if not (place / "run").exists():
        assert ganzoo("train", "dcgan", *SMALL, "--out", "run").code == 0
    return place / "run"


def test_the_end_says_what_to_type_next(ganzoo, tmp_path):
    said = ganzoo("train", "dcgan", *SMALL, "--out", str(tmp_path / "new"))
    assert said.code == 0
    assert "Done after 8 images." in said.out
    assert f"ganzoo sample {tmp_path / 'new'} --seeds 0-63" in said.out


def test_a_run_that_has_seen_its_images_has_nothing_left_to_do(ganzoo, run):
    said = ganzoo("train", "--resume", "run")
    assert said.code == 0
    assert "Nothing was left to do: the run had seen its 8 images. Go on with more --images." in said.out


def test_it_goes_on_to_more_images(ganzoo, run):
    said = ganzoo("train", "--resume", "run", "--images", "1.2e1")
    assert said.code == 0
    assert "Done after 12 images." in said.out


def test_a_dry_run_writes_nothing(ganzoo, place, run):
    before = sorted(place.rglob("*"))
    assert ganzoo("train", "dcgan", *SMALL, "--dry-run").code == 0
    assert sorted(place.rglob("*")) == before


def test_a_sheet_is_named_by_all_that_decides_what_it_shows(ganzoo, tmp_path, monkeypatch):
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
