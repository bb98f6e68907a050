"""Real and generated samples: read or generated once, and identical on every access."""

import numpy as np
import pytest
import torch
from torch import nn

from ganzoo.errors import BadData, Diverged
from ganzoo.evaluation.inputs import sample_store as sample_store
from ganzoo.evaluation.inputs.samples import FeatureView, GeneratedSamples, RealSamples, first_seed


class Averages(nn.Module):
    """Each channel's average, or a point as it is."""

    name, resizer = "averages", "none"

    def __init__(self, dim):
        super().__init__()
        self.dim, self.calls = dim, 0

    def forward(self, images):
        self.calls += 1
        return images.flatten(2).mean(2) if images.ndim == 4 else images

    def fingerprint(self):
        return "averages"


class Data:
    """Random images or points with labels, counted as they are read."""

    def __init__(self, count=300, shape=(2, 4, 4), kind=np.uint8, seed=0):
        random = np.random.default_rng(seed)
        self.shape, self.num_classes, self.class_names, self.reads = shape, 3, ("a", "b", "c"), 0
        pixels = random.integers(0, 256, (count, *shape))
        self.pixels = pixels.astype(np.uint8) if kind is np.uint8 else (pixels / 127.5 - 1).astype(np.float32)
        self.labels = np.arange(count) % 3

    def __len__(self):
        return len(self.pixels)

    def read(self, indices):
        self.reads += len(indices)
        return {"images": self.pixels[indices], "labels": self.labels[indices]}

    def fingerprint(self):
        return f"{self.pixels.dtype}{self.pixels.sum()}{self.pixels.shape}"


class Linear(nn.Module):
    """A generator whose samples are their latents, spread over the pixels."""

    latent_dim = 2

    def __init__(self, shape, scale=0.3):
        super().__init__()
        self.shape, self.scale = shape, scale

    def forward(self, latents, labels):
        images = self.scale * latents.view(-1, 2, *[1] * (len(self.shape) - 1)).expand(-1, *self.shape)
        return images + 0.01 * labels.view(-1, *[1] * len(self.shape))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def view(cpu):
    return lambda dim=2, rows=10_000: FeatureView(Averages(dim), rows, cpu)


def test_cached_features_are_used_for_the_same_version_of_an_extractor_only(view, cpu):
    again, newer = (FeatureView(Averages(2), 10_000, cpu, origin=version) for version in ("mine 1", "mine 2"))
    compute_features(RealSamples(Data(), 300, 0, FeatureView(Averages(2), 10_000, cpu, origin="mine 1")))
    for seen, computed in ((again, False), (newer, True)):
        compute_features(RealSamples(Data(), 300, 0, seen))
        assert bool(seen.features.calls) is computed


def compute_features(side):
    """Have the features computed."""
    return side.rows


def test_bytes_and_floats_give_the_same_moments_and_rows(view):
    stored, floating = RealSamples(Data(), 300, 0, view()), RealSamples(Data(kind=np.float32), 300, 0, view())
    assert torch.equal(stored.rows, floating.rows)
    assert torch.equal(stored.moments.covariance, floating.moments.covariance)


def test_moments_are_those_of_all_and_rows_those_of_the_first(view):
    data = Data()
    side = RealSamples(data, 300, 0, view(rows=50))
    everything = (torch.from_numpy(data.pixels).double() / 127.5 - 1).flatten(2).mean(2)
    assert side.rows.shape == (50, 2)
    assert torch.allclose(side.moments.mean, everything.mean(0), atol=1e-6)
    assert torch.allclose(side.moments.covariance, torch.cov(everything.T), atol=1e-6)
    assert torch.allclose(side.rows[:5], side.images(range(5)).flatten(2).mean(2))


def test_a_subset_depends_on_seed_and_count_alone(view):
    one, same, other = (RealSamples(Data(), 100, seed, view()) for seed in (0, 0, 1))
    assert torch.equal(one.images(range(100)), same.images(range(100)))
    assert not torch.equal(one.images(range(100)), other.images(range(100)))
    assert len({tuple(row.flatten().tolist()) for row in one.images(range(100))}) == 100


def test_reals_are_shuffled_even_when_all_are_taken(view):
    data = Data()
    data.labels = np.sort(data.labels)
    assert set(RealSamples(data, 300, 0, view()).labels[:50].tolist()) == {0, 1, 2}


def test_labels_belong_to_their_images(view):
    data = Data()
    side = RealSamples(data, 120, 0, view())
    order = [
        int(np.flatnonzero((data.pixels == image).all((1, 2, 3)))[0]) for image in side._samples_at(np.arange(120))
    ]
    assert side.labels.tolist() == data.labels[order].tolist()


def test_what_is_small_is_read_once(view):
    data = Data()
    side = RealSamples(data, 300, 0, view())
    compute_features(side), compute_features(side)
    assert len(side.labels) == sum(len(images) for images, _ in side.batches())
    assert data.reads == 300


@pytest.mark.parametrize(
    ("share", "reads"), [(sample_store.SHARE, 300), (float("inf"), 600)], ids=["disk", "full disk"]
)
def test_what_is_large_is_kept_on_a_disk_with_space(view, monkeypatch, share, reads):
    small = RealSamples(Data(), 300, 0, view())
    monkeypatch.setattr(sample_store, "KEPT", 100)
    monkeypatch.setattr(sample_store, "SHARE", share)
    data = Data()
    side = RealSamples(data, 300, 0, view())
    compute_features(side)
    assert torch.equal(side.images(range(300)), small.images(range(300)))
    assert torch.equal(side.images([5, 2, 5]), small.images([5, 2, 5]))
    assert torch.equal(side.labels, small.labels)
    assert data.reads == reads + (0 if reads == 300 else 3)


def test_points_lie_on_a_disk_as_they_were(monkeypatch, tmp_path):
    monkeypatch.setattr(sample_store, "KEPT", 0)
    kept = sample_store.open_store(5, (2,), np.float32)
    points = np.arange(10, dtype=np.float32).reshape(5, 2) / 7
    kept[np.array([3, 0])] = points[[3, 0]]
    assert isinstance(kept, sample_store.DiskStore)
    assert np.array_equal(kept[np.array([0, 3, 0])], points[[0, 3, 0]])
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_cache_that_cannot_be_written_takes_no_samples(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(sample_store, "KEPT", 0)
    assert sample_store.open_store(5, (2,), np.float32) is None


def test_features_of_reals_are_found_again(view):
    first, second = view(), view()
    one = RealSamples(Data(), 300, 0, first)
    compute_features(one)
    two = RealSamples(Data(), 300, 0, second)
    assert torch.equal(one.rows, two.rows)
    assert torch.equal(one.moments.covariance, two.moments.covariance)
    assert (first.features.calls > 0, second.features.calls) == (True, 0)
    for other in (
        RealSamples(Data(seed=1), 300, 0, second),
        RealSamples(Data(), 299, 0, second),
        RealSamples(Data(), 300, 1, second),
    ):
        calls = second.features.calls
        compute_features(other)
        assert second.features.calls > calls


def test_too_few_reals_are_refused(view):
    for count in (0, 1):
        with pytest.raises(BadData, match="at least 2"):
            RealSamples(Data(count=count), 300, 0, view())


def test_values_that_are_not_finite_are_refused(view):
    data = Data(kind=np.float32)
    data.pixels[7, 0, 0, 0] = np.nan
    with pytest.raises(BadData, match="not finite"):
        compute_features(RealSamples(data, 300, 0, view()))
    with pytest.raises(Diverged, match="not finite"):
        compute_features(
            GeneratedSamples(Linear((2, 4, 4), float("nan")), torch.zeros(4, dtype=torch.int64), (2, 4, 4), 0, view())
        )


def fakes(view, count=40, seed=0, shape=(2, 4, 4), labels=None):
    classes = torch.zeros(count, dtype=torch.int64) if labels is None else labels
    return GeneratedSamples(Linear(shape), classes, shape, seed, view)


def test_a_fake_is_the_sample_of_its_seed_rounded_to_bytes(view):
    from ganzoo.sampling.seeds import sample

    made = sample(Linear((2, 4, 4)), range(40), [0] * 40, torch.device("cpu"))
    rounded = made.add(1).mul(127.5).round().clamp(0, 255) / 127.5 - 1
    assert torch.equal(fakes(view()).images(range(40)), rounded)
    assert torch.equal(fakes(view()).images([33, 2]), rounded[[33, 2]])


def test_points_are_taken_as_they_are(view):
    from ganzoo.sampling.seeds import sample

    made = sample(Linear((2,)), range(40), [0] * 40, torch.device("cpu"))
    assert torch.equal(fakes(view(), shape=(2,)).images(range(40)), made)


def test_fakes_are_of_their_labels_and_batches_hold_both(view):
    labels = torch.arange(40) % 3
    side = fakes(view(), labels=labels)
    assert torch.equal(side.labels, labels)
    images, classes = zip(*side.batches(limit=30), strict=True)
    assert torch.equal(torch.cat(images), side.images(range(30)))
    assert torch.equal(torch.cat(classes), labels[:30])


def test_seeds_of_other_evaluations_lie_far_apart(view):
    starts = sorted(first_seed(seed) for seed in range(100))
    gaps = np.diff([*starts, starts[0] + 2**32])
    assert gaps.min() > 10_000_000
    assert first_seed(0) == 0
    assert not torch.equal(fakes(view()).rows, fakes(view(), seed=1).rows)


def test_progress_is_reported(cpu):
    paragraphs = []
    compute_features(
        RealSamples(Data(), 300, 0, FeatureView(Averages(2), 10, cpu, lambda *what: paragraphs.append(what)))
    )
    assert paragraphs[0] == ("reals", 0, 300)
    assert paragraphs[-1] == ("reals", 300, 300)
