"""Laws of the data set: labels are true, reading is pure and lazy, the fingerprint identifies the data."""

import time

import numpy as np
import pytest

from ganzoo.components.datasets.sprites import dataset
from ganzoo.components.datasets.sprites.dataset import Sprites
from ganzoo.components.datasets.sprites.factors import sample_factors
from ganzoo.components.datasets.sprites.render import render
from ganzoo.errors import BadData, BadSetting


def test_reads_the_images_of_its_factors():
    data = Sprites(seed=5, count=100)
    indices = np.array([99, 0, 42])
    batch = data.read(indices)
    factors = sample_factors(5, indices)
    assert np.array_equal(batch["images"], render(factors, 32))
    assert np.array_equal(batch["labels"], factors.content)
    assert all(np.array_equal(batch[name], getattr(factors, name)) for name in ("content", "style", "palette"))
    assert batch["images"].dtype == np.uint8
    assert all(batch[name].dtype == np.int64 for name in ("labels", "content", "style", "palette"))


@pytest.mark.parametrize("label", ["content", "style", "palette"])
def test_label_is_the_chosen_factor(label):
    data = Sprites(label=label, count=500)
    batch = data.read(np.arange(500))
    assert data.num_classes == len(data.class_names) == len(set(batch["labels"])) == 8
    assert np.array_equal(batch["labels"], batch[label])


def test_all_labels_name_every_combination():
    data = Sprites(label="all")
    batch = data.read(np.arange(20))
    assert data.num_classes == 512
    for row in range(20):
        names = [Sprites(label=f).class_names[batch[f][row]] for f in ("content", "style", "palette")]
        assert data.class_names[batch["labels"][row]] == " ".join(names)


def test_without_label_there_are_no_classes():
    data = Sprites(label="none")
    assert (data.num_classes, data.class_names) == (0, ())
    assert np.array_equal(data.read(np.arange(5))["labels"], np.zeros(5, np.int64))


def test_order_repetition_and_caching_do_not_change_an_image(monkeypatch):
    wanted = np.array([7, 3, 7, 7, 1, 3])
    data = Sprites(count=10)
    first = data.read(wanted)["images"]
    data.read(np.arange(10))
    assert np.array_equal(data.read(wanted)["images"], first)
    assert np.array_equal(first[0], first[2])
    monkeypatch.setattr(dataset, "MAX_CACHED_BYTES", 0)
    assert np.array_equal(Sprites(count=10).read(wanted)["images"], first)


def test_an_image_is_rendered_once(monkeypatch):
    rendered = []

    def counting(factors, *format):
        rendered.append(len(factors))
        return render(factors, *format)

    monkeypatch.setattr(dataset, "render", counting)
    data = Sprites(count=50)
    for indices in ([3, 4, 3], [4, 5], [3, 4, 5], []):
        data.read(np.array(indices, dtype=np.int64))
    assert rendered == [2, 1]


def test_changing_a_batch_does_not_change_the_data():
    data = Sprites(count=10)
    data.read(np.arange(3))["images"][:] = 0
    assert data.read(np.arange(3))["images"].max() > 0


def test_construction_is_fast_at_any_size():
    start = time.process_time()
    data = Sprites(resolution=256, count=10_000_000)
    assert time.process_time() - start < 0.05
    assert len(data) == 10_000_000
    assert data.read(np.array([9_999_999]))["images"].shape == (1, *data.shape)


def test_a_smaller_set_is_the_beginning_of_a_larger_one():
    small, large = Sprites(count=8), Sprites(count=80)
    assert np.array_equal(small.read(np.arange(8))["images"], large.read(np.arange(8))["images"])


def test_fingerprint_is_equal_for_equal_data_only(monkeypatch):
    def prints():
        settings = [{}, {"seed": 1}, {"count": 9}, {"resolution": 28}, {"channels": 1}, {"label": "style"}]
        return [Sprites(**s).fingerprint() for s in settings]

    before = prints()
    assert before == prints()
    assert len(set(before)) == len(before)
    assert all(len(p) == 64 for p in before)
    monkeypatch.setattr(dataset, "render", lambda *args: render(*args) ^ 1)
    assert not set(before) & set(prints())


def test_reading_does_not_change_the_fingerprint():
    data = Sprites(count=10)
    before = data.fingerprint()
    data.read(np.arange(10))
    assert data.fingerprint() == before


@pytest.mark.parametrize("indices", [[-1], [10], [0, 10]])
def test_samples_that_do_not_exist_are_refused(indices):
    with pytest.raises(IndexError, match="0 to 9"):
        Sprites(count=10).read(np.array(indices))


@pytest.mark.parametrize("bad", [{"resolution": 7}, {"channels": 5}, {"channels": 0}, {"count": 0}, {"seed": -1}])
def test_bad_settings_are_refused_with_the_value(bad):
    with pytest.raises(BadData, match=str(next(iter(bad.values())))):
        Sprites(**bad)


def test_a_misspelt_label_gets_the_right_spelling():
    with pytest.raises(BadSetting, match="Did you mean 'style'"):
        Sprites(label="styl")
