"""Judges: what a file says of them, what they name, and the one that is shipped."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ganzoo.data.sprites.dataset import NAMES, Sprites
from ganzoo.errors import BadRun, BadSetting, DoesNotFit
from ganzoo.features.judge import Judge, load_judge
from ganzoo.features.judge_file import KEY, SHIPPED, JudgeFacts, half_of, read_judge, save_judge, shipped
from ganzoo.features.judge_network import JudgeNetwork
from ganzoo.features.sight import pixels_of

HEADS = {"colour": ("red", "blue"), "size": ("small", "middle", "large")}


@pytest.fixture
def written(tmp_path):
    """An untrained judge of two heads in a file."""
    torch.manual_seed(0)
    network = half_of(JudgeNetwork((3, 8, 8), {name: len(names) for name, names in HEADS.items()}).eval())
    facts = JudgeFacts((3, 8, 8), HEADS, {"colour": 0.5, "size": 0.25}, "6 samples", "toys", "abc", 64, "ganzoo judge")
    return save_judge(network, facts, tmp_path / "toys.safetensors"), network, facts


def test_a_file_gives_back_the_judge_and_what_is_known_of_it(written, images):
    path, network, facts = written
    again, found = read_judge(str(path))
    assert found == facts
    x = images(3, 8, 8)
    assert torch.equal(again.eval()(x), network(x))


def test_predictions_are_the_likeliest_classes(written, images):
    judge, x = load_judge(str(written[0]), (3, 8, 8)), images(3, 8, 8)
    named = judge.predict(x)
    assert judge.heads == HEADS
    for head, logits in judge.logits(x).items():
        assert torch.equal(named[head], logits.argmax(1))
        assert named[head].dtype == torch.int64


def test_probabilities_are_of_every_combination(written, images):
    judge, x = load_judge(str(written[0]), (3, 8, 8)), images(3, 8, 8)
    joint = judge.probabilities(x).view(-1, 2, 3)
    for dim, head in ((2, "colour"), (1, "size")):
        torch.testing.assert_close(joint.sum(dim), judge.logits(x)[head].softmax(1))


def test_features_are_averages_of_the_last_maps(written, images):
    judge, x = Judge((3, 8, 8), path=str(written[0])), images(3, 8, 8)
    torch.testing.assert_close(judge(x), judge.maps(x)[-1].mean((2, 3)))
    assert judge(x).shape == (4, judge.dim)


@pytest.mark.parametrize("shape", [(1, 8, 8), (4, 20, 12), (3, 5, 5)])
def test_images_of_other_forms_are_brought_to_its_own(written, images, shape):
    judge = Judge(shape, path=str(written[0]))
    assert judge(images(*shape)).shape == (4, judge.dim)
    assert (judge.name, judge.resizer) == ("judge:toys", "bilinear antialias 8")


def test_equal_judges_have_equal_hashes_wherever_they_lie(written, tmp_path):
    path, network, facts = written
    moved = path.rename(tmp_path / "moved.safetensors")
    one = Judge((3, 8, 8), path=str(moved)).fingerprint()
    with torch.no_grad():
        network.heads["size"].bias += 1
    other = save_judge(network, facts, tmp_path / "other.safetensors")
    assert Judge((1, 9, 9), path=str(moved)).fingerprint() == one != Judge((3, 8, 8), path=str(other)).fingerprint()


def test_what_it_cannot_look_at_is_refused(written):
    with pytest.raises(DoesNotFit, match="look at images"):
        Judge((2,), path=str(written[0]))
    with pytest.raises(DoesNotFit, match="not 7"):
        Judge((7, 8, 8), path=str(written[0]))


def test_a_file_that_is_no_judge_is_refused(tmp_path):
    save_file({"weight": torch.ones(1)}, tmp_path / "plain.safetensors")
    save_file({"weight": torch.ones(1)}, tmp_path / "old.safetensors", {KEY: json.dumps({"format": 0})})
    save_file({"weight": torch.ones(1)}, tmp_path / "odd.safetensors", {KEY: "[]"})
    for name, reason in (("plain", "no judge"), ("old", "format 0"), ("odd", "no judge")):
        with pytest.raises(BadSetting, match=reason):
            read_judge(str(tmp_path / f"{name}.safetensors"))


def test_a_judge_that_does_not_exist_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(BadSetting, match="'sprite'.*Did you mean 'sprites'"):
        read_judge("sprite")
    with pytest.raises(BadSetting, match="no such file"):
        read_judge(str(tmp_path / "gone.safetensors"))


def test_a_place_that_cannot_be_written_is_told(written, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadRun, match="--out"):
        save_judge(written[1], written[2], tmp_path / "file" / "judge.safetensors")


def test_the_shipped_judge_is_small_and_knows_what_it_is():
    assert shipped() == ["sprites"]
    assert (SHIPPED / "sprites.safetensors").stat().st_size < 1_000_000
    judge = load_judge("sprites", (3, 32, 32))
    assert judge.heads == {name: NAMES[name] for name in ("content", "style", "palette")}
    assert min(judge.accuracy.values()) > 0.99
    assert judge.facts_of_training.command


@pytest.mark.parametrize(("resolution", "least"), [(32, 0.99), (64, 0.98), (24, 0.95)])
def test_the_shipped_judge_names_what_sprites_show(resolution, least):
    sprites = Sprites(resolution=resolution, seed=5, count=200)
    batch = sprites.read(np.arange(200))
    with torch.no_grad():
        named = load_judge("sprites", sprites.shape).predict(pixels_of(torch.from_numpy(batch["images"])))
    for head, found in named.items():
        assert float((found == torch.from_numpy(batch[head])).float().mean()) >= least, head
