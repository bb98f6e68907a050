from __future__ import annotations

import subprocess
import sys
from urllib.error import URLError

import numpy as np
import pytest

from ganzoo.components.datasets.images import Torchvision
from ganzoo.errors import BadData

datasets = pytest.importorskip("torchvision.datasets")


class Tiny(datasets.FakeData):
    def __init__(self, root, train=True, download=False, target=None):
        super().__init__(size=6 if train else 2, image_size=(3, 10, 8), num_classes=3)
        self.target = target

    def __getitem__(self, index):
        image, target = super().__getitem__(index)
        return image, target if self.target is None else self.target


class Named(Tiny):
    classes = ("cat", "dog", "emu")


class Boxes(Tiny):
    def __init__(self, root):
        super().__init__(root, target={"box": 1})


class Offline(Tiny):
    def __init__(self, root, download=False):
        raise URLError("no route to host")


@pytest.fixture(autouse=True)
def known(monkeypatch):
    for kind in (Tiny, Named, Boxes, Offline):
        monkeypatch.setattr(datasets, kind.__name__, kind, raising=False)
    monkeypatch.setattr(datasets, "__all__", [*datasets.__all__, "Tiny", "Named", "Boxes", "Offline"])


def test_a_set_is_read_by_its_name():
    data = Torchvision(path="Tiny")
    expected = [np.asarray(image).transpose(2, 0, 1) for image, _ in map(Tiny(".").__getitem__, range(6))]
    assert (len(data), data.shape) == (6, (3, 10, 8))
    assert np.array_equal(data.read(np.arange(6))["images"], expected)
    assert len(Torchvision(path="Tiny", split="test")) == 2


def test_resolution_and_channels_apply():
    assert Torchvision(path="Tiny", resolution=4, channels=1).shape == (1, 4, 4)


def test_its_class_names_are_kept():
    assert Torchvision(path="Named").class_names == ("cat", "dog", "emu")
    assert Torchvision(path="Named", labels=False).num_classes == 0


@pytest.mark.parametrize(
    ("typed", "meant"), [("CIFAR01", "CIFAR10"), ("cifar10", "CIFAR10"), ("fashion-mnist", "FashionMNIST")]
)
def test_an_unknown_name_suggests_the_nearest(typed, meant):
    with pytest.raises(BadData, match=f"no data set '{typed}'. Did you mean 'torchvision:{meant}'"):
        Torchvision(path=typed)


def test_a_failed_download_is_one_clear_error(cache):
    with pytest.raises(BadData) as caught:
        Torchvision(path="Offline")
    assert "torchvision:Offline could not be created or downloaded" in str(caught.value)
    assert "no route to host" in str(caught.value)
    assert "--data PATH" in str(caught.value)
    assert not (cache / "images").exists()


def test_labels_that_are_no_classes_are_refused_and_can_be_ignored():
    with pytest.raises(BadData, match=r"gives dict labels, not classes: add --set dataset.labels=false"):
        Torchvision(path="Boxes")
    assert len(Torchvision(path="Boxes", labels=False)) == 6


def test_a_cached_set_is_opened_without_torch(cache):
    Torchvision(path="Tiny")
    code = (
        "import sys; from ganzoo.components.datasets.images import Torchvision; "
        "assert len(Torchvision(path='Tiny')) == 6; assert 'torch' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
