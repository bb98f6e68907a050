"""Reference classifiers: their files, their predictions, and the shipped one."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ganzoo.components.datasets.sprites.dataset import NAMES, Sprites
from ganzoo.components.features.classifier import ReferenceClassifier, load_classifier
from ganzoo.components.features.classifier_file import (
    KEY,
    SHIPPED,
    ClassifierMetadata,
    list_shipped,
    read_classifier,
    save_classifier,
    to_half_precision,
)
from ganzoo.components.features.classifier_network import ClassifierNetwork
from ganzoo.components.features.preprocessing import to_unit_range
from ganzoo.errors import BadRun, BadSetting, DoesNotFit

HEADS = {"colour": ("red", "blue"), "size": ("small", "middle", "large")}


@pytest.fixture
def written(tmp_path):
    """A file of an untrained classifier with two heads."""
    torch.manual_seed(0)
    network = to_half_precision(
        ClassifierNetwork((3, 8, 8), {name: len(names) for name, names in HEADS.items()}).eval()
    )
    metadata = ClassifierMetadata(
        (3, 8, 8), HEADS, {"colour": 0.5, "size": 0.25}, "6 samples", "toys", "abc", 64, "ganzoo classifier"
    )
    return save_classifier(network, metadata, tmp_path / "toys.safetensors"), network, metadata


def test_a_file_holds_the_classifier_and_its_metadata(written, images):
    path, network, metadata = written
    again, found = read_classifier(str(path))
    assert found == metadata
    x = images(3, 8, 8)
    assert torch.equal(again.eval()(x), network(x))


def test_predictions_are_the_most_likely_classes(written, images):
    classifier, x = load_classifier(str(written[0]), (3, 8, 8)), images(3, 8, 8)
    predicted = classifier.predict(x)
    assert classifier.heads == HEADS
    for head, logits in classifier.logits(x).items():
        assert torch.equal(predicted[head], logits.argmax(1))
        assert predicted[head].dtype == torch.int64


def test_probabilities_are_of_every_combination(written, images):
    classifier, x = load_classifier(str(written[0]), (3, 8, 8)), images(3, 8, 8)
    joint = classifier.probabilities(x).view(-1, 2, 3)
    for dim, head in ((2, "colour"), (1, "size")):
        torch.testing.assert_close(joint.sum(dim), classifier.logits(x)[head].softmax(1))


def test_features_are_averages_of_the_last_maps(written, images):
    classifier, x = ReferenceClassifier((3, 8, 8), path=str(written[0])), images(3, 8, 8)
    torch.testing.assert_close(classifier(x), classifier.maps(x)[-1].mean((2, 3)))
    assert classifier(x).shape == (4, classifier.dim)


@pytest.mark.parametrize("shape", [(1, 8, 8), (4, 20, 12), (3, 5, 5)])
def test_images_of_other_shapes_are_converted(written, images, shape):
    classifier = ReferenceClassifier(shape, path=str(written[0]))
    assert classifier(images(*shape)).shape == (4, classifier.dim)
    assert (classifier.name, classifier.resizer) == ("classifier:toys", "bilinear antialias 8")


def test_equal_classifiers_have_equal_hashes_at_any_path(written, tmp_path):
    path, network, metadata = written
    moved = path.rename(tmp_path / "moved.safetensors")
    one = ReferenceClassifier((3, 8, 8), path=str(moved)).fingerprint()
    with torch.no_grad():
        network.heads["size"].bias += 1
    other = save_classifier(network, metadata, tmp_path / "other.safetensors")
    assert (
        ReferenceClassifier((1, 9, 9), path=str(moved)).fingerprint()
        == one
        != ReferenceClassifier((3, 8, 8), path=str(other)).fingerprint()
    )


def test_data_it_cannot_take_are_refused(written):
    with pytest.raises(DoesNotFit, match="take images"):
        ReferenceClassifier((2,), path=str(written[0]))
    with pytest.raises(DoesNotFit, match="not 7"):
        ReferenceClassifier((7, 8, 8), path=str(written[0]))


def test_a_file_without_a_classifier_is_refused(tmp_path):
    save_file({"weight": torch.ones(1)}, tmp_path / "plain.safetensors")
    save_file({"weight": torch.ones(1)}, tmp_path / "old.safetensors", {KEY: json.dumps({"format": 0})})
    save_file({"weight": torch.ones(1)}, tmp_path / "odd.safetensors", {KEY: "[]"})
    for name, reason in (("plain", "no classifier"), ("old", "format 0"), ("odd", "no classifier")):
        with pytest.raises(BadSetting, match=reason):
            read_classifier(str(tmp_path / f"{name}.safetensors"))


def test_a_classifier_that_does_not_exist_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(BadSetting, match="'sprite'.*Did you mean 'sprites'"):
        read_classifier("sprite")
    with pytest.raises(BadSetting, match="no such file"):
        read_classifier(str(tmp_path / "gone.safetensors"))


def test_a_path_that_cannot_be_written_is_refused(written, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadRun, match="--out"):
        save_classifier(written[1], written[2], tmp_path / "file" / "classifier.safetensors")


def test_the_shipped_classifier_is_small_and_has_metadata():
    assert list_shipped() == ["sprites"]
    assert (SHIPPED / "sprites.safetensors").stat().st_size < 1_000_000
    classifier = load_classifier("sprites", (3, 32, 32))
    assert classifier.heads == {name: NAMES[name] for name in ("content", "style", "palette")}
    assert min(classifier.accuracy.values()) > 0.99
    assert classifier.metadata.command


@pytest.mark.parametrize(("resolution", "least"), [(32, 0.99), (64, 0.98), (24, 0.95)])
def test_the_shipped_classifier_names_what_sprites_show(resolution, least):
    sprites = Sprites(resolution=resolution, seed=5, count=200)
    batch = sprites.read(np.arange(200))
    with torch.no_grad():
        predicted = load_classifier("sprites", sprites.shape).predict(to_unit_range(torch.from_numpy(batch["images"])))
    for head, found in predicted.items():
        assert float((found == torch.from_numpy(batch[head])).float().mean()) >= least, head
