from __future__ import annotations

import json

import pytest

from ganzoo.components.datasets.files.classes import Classes, number_classes, read_classes
from ganzoo.errors import BadData


def test_folders_are_classes_in_order():
    classes = read_classes(["b/1.png", "a/2.png", "b/deep/er/3.png"], None, "x")
    assert classes == Classes((1, 0, 1), ("a", "b"))


@pytest.mark.parametrize("names", [["1.png", "2.png"], ["all/1.png", "all/2.png"], ["all/1.png"], []])
def test_images_in_one_folder_have_no_classes(names):
    assert read_classes(names, None, "x") == Classes(None, ())


def test_a_folder_around_everything_is_no_class():
    assert read_classes(["set/a/1.png", "set/b/2.png"], None, "x").names == ("a", "b")


def test_images_beside_class_folders_are_refused_by_name():
    with pytest.raises(BadData, match=r"x holds 1 images beside .* 1.png.*\n?.*dataset.labels=false"):
        read_classes(["1.png", "a/2.png"], None, "x")


def test_the_manifest_replaces_folders():
    manifest = json.dumps({"labels": [["00/b.png", 0], ["00\\a.png", 2]]}).encode()
    assert read_classes(["00/a.png", "00/b.png"], manifest, "x") == Classes((2, 0), ("0", "1", "2"))


def test_null_labels_mean_no_classes():
    assert read_classes(["a/1.png", "b/2.png"], b'{"labels": null}', "x") == Classes()


def test_another_json_of_that_name_is_ignored():
    assert read_classes(["a/1.png", "b/2.png"], b'{"licence": "MIT"}', "x").names == ("a", "b")


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (b"{", "no valid JSON"),
        (b"\xff", "no valid JSON"),
        (b"[" * 100_000, "no valid JSON"),
        (b'{"labels": 3}', "no list of"),
        (b'{"labels": [["1.png"]]}', "no list of"),
        (b'{"labels": [["2.png", 0]]}', r"no label for 1.png \(1 in all\)"),
        (b'{"labels": [["1.png", 0.5]]}', "label 0.5: only class numbers"),
        (b'{"labels": [["1.png", true]]}', "label True: only class numbers"),
        (b'{"labels": [["1.png", -1]]}', "labels from -1"),
    ],
)
def test_a_broken_manifest_is_refused(manifest, message):
    with pytest.raises(BadData, match=message):
        read_classes(["1.png"], manifest, "x")


def test_classes_are_named_by_number():
    assert number_classes([2, 0], "x") == Classes((2, 0), ("0", "1", "2"))


@pytest.mark.parametrize("label", [-1, 10**9])
def test_absurd_numbers_are_refused(label):
    with pytest.raises(BadData, match="classes are numbered"):
        number_classes([0, label], "x")
