"""``ganzoo classifier`` as a user types it."""

import os

import numpy as np
import pytest
from PIL import Image

from ganzoo.components.features.classifier import load_classifier

QUICK = ["--images", "256", "--device", "cpu"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Red and blue images, thirty of each, in folders; the working folder is beside them."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for name, colour in (("red", 0), ("blue", 2)):
        (tmp_path / "colours" / name).mkdir(parents=True)
        for number in range(30):
            pixels = random.integers(100, size=(8, 8, 3)).astype(np.uint8)
            pixels[:, :, colour] += 120
            Image.fromarray(pixels).save(tmp_path / "colours" / name / f"{number}.png")
    return "colours"


def test_a_folder_of_classes_becomes_a_classifier(ganzoo, folder, images_of):
    said = ganzoo("classifier", folder, *QUICK)
    assert said.code == 0, said.err
    assert "10 samples held out with seed 0" in said.out
    assert "--features classifier:classifier-colours.safetensors" in said.out
    classifier = load_classifier("classifier-colours.safetensors", (3, 8, 8))
    assert classifier.heads == {"class": ("blue", "red")}
    assert classifier.accuracy["class"] == 1
    assert classifier.metadata.command == "ganzoo classifier colours --images 256"
    assert classifier.predict(images_of("blue", "red"))["class"].tolist() == [0, 1]


@pytest.fixture
def images_of(folder):
    """The first image of each named class, as a run would see it."""
    import torch

    from ganzoo.components.features.preprocessing import to_unit_range

    def read(*names):
        pixels = [np.asarray(Image.open(f"colours/{name}/0.png")) for name in names]
        return to_unit_range(torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2))

    return read


def test_settings_reach_the_data(ganzoo, folder):
    form = ["--resolution", "4", "--set", "dataset.channels=1"]
    said = ganzoo("classifier", folder, *QUICK, *form, "--out", "grey.safetensors")
    assert said.code == 0, said.err
    facts = load_classifier("grey.safetensors", (1, 4, 4)).metadata
    assert facts.shape == (1, 4, 4)
    assert facts.command == "ganzoo classifier colours --resolution 4 --images 256 --set dataset.channels=1"


def test_a_time_limit_ends_the_training(ganzoo, folder):
    assert ganzoo("classifier", folder, "--time", "1s", "--device", "cpu").code == 0


def test_sprites_have_three_heads(ganzoo, folder):
    small = ["-s", "dataset.count=64", "--resolution", "8", "--out", "sprites.safetensors"]
    said = ganzoo("classifier", "sprites", *QUICK, *small)
    assert said.code == 0, said.err
    assert [line.split()[0] for line in said.lines[:3]] == ["content", "style", "palette"]
    assert "64 held-out samples" in said.out


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("ring-8",), "ganzoo classifier sprites"),
        (("nowhere/at/all",), "does not exist"),
        (("spritse",), "'sprites'"),
        (("colours", "--set", "dataset.labels=false"), "no labels"),
        (("colours", "--out", "scorer.pth"), "scorer.safetensors"),
        (("colours", "--out", "there.safetensors"), "exists"),
        (("colours", "--time", "soon"), "90s"),
        (("colours", "--images", "many"), "int >= 1"),
        (("colours", "--set", "dataset.reslution=3"), "dataset.resolution"),
        (("colours", "--set", "generator.width=3"), "generator.width"),
        (("colours/red",), "no labels"),
        (("colours/red", "--out", "new/deep/scorer.safetensors"), "no labels"),
        (("colours", "--out", "there.safetensors/scorer.safetensors"), "cannot write"),
        (("one.npz",), "one class"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line_and_leaves_nothing(ganzoo, folder, words, hint, tmp_path):
    (tmp_path / "there.safetensors").write_text("mine")
    np.savez(tmp_path / "one.npz", images=np.zeros((30, 8, 8), np.uint8), labels=np.zeros(30, int))
    before = sorted(os.listdir(tmp_path))
    said = ganzoo("classifier", *words)
    assert said.code == 2
    assert hint in said.err
    assert len(said.err.splitlines()) <= 2
    assert sorted(os.listdir(tmp_path)) == before
