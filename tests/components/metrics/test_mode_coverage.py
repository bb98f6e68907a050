from __future__ import annotations

import math
from importlib.resources import files
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from ganzoo.components.datasets.points import Grid, Ring
from ganzoo.components.datasets.sprites.dataset import Sprites
from ganzoo.components.metrics import mode_coverage as coverage
from ganzoo.components.metrics.mode_coverage import (
    ModeCoverage,
    check_classifier,
    count_modes,
    estimate_divergence_error,
    estimate_modes_error,
    expect_ideal_coverage,
    measure_coverage,
)
from ganzoo.components.metrics.modes import Modes, divergence_from_uniform
from ganzoo.errors import BadSetting, DoesNotFit

CPU = torch.device("cpu")


class Fakes:
    """One side of a comparison, in batches of 7."""

    def __init__(self, samples):
        self.samples = samples

    def __len__(self):
        return len(self.samples)

    def batches(self, limit=None):
        for batch in self.samples.split(7):
            yield batch, torch.zeros(len(batch), dtype=torch.int64)


class Inputs:
    """Fakes and the data set whose modes they should reach."""

    device = CPU

    def __init__(self, dataset, samples):
        self.dataset, self.fake = dataset, Fakes(samples)


class Coloured:
    """Samples that are their own factors: 4 shapes in 2 colours."""

    def modes(self, classifier, device):
        return Modes({"shape": 4, "colour": 2}, lambda samples: samples.long())


class Unknown:
    """Data without known modes."""


def measure(dataset, samples, classifier=None):
    return ModeCoverage(classifier=classifier)(Inputs(dataset, torch.as_tensor(samples, dtype=torch.float32)))


def values(metrics):
    return {name: metric.value for name, metric in metrics.items()}


def cells(*counts):
    """Return samples of all eight combinations, as many as the counts say."""
    return [(cell // 2, cell % 2) for cell, count in enumerate(counts) for _ in range(count)]


def test_centres_themselves_are_covered_evenly():
    found = values(measure(Grid(side=10, count=9), Grid(side=10, count=9).centres))
    assert found["modes"] == 100
    assert (found["coverage"], found["high_quality"]) == (1, 1)
    assert found["reverse_kl"] == pytest.approx(0, abs=1e-12)


def test_the_values_are_those_shown_during_training():
    ring = Ring(count=500)
    samples = ring.read(np.arange(500))["images"] + 0.02
    found = values(measure(ring, samples))
    assert {name: found[name] for name in ("modes", "high_quality", "reverse_kl")} == ring.count_modes(samples)


def test_quality_has_a_binomial_error():
    ring = Ring(count=9)
    found = measure(ring, np.concatenate([ring.centres, np.zeros((8, 2))]))
    assert (found["high_quality"].value, found["high_quality"].error) == (
        0.5,
        pytest.approx(math.sqrt(0.25 / (16 + 4))),
    )


def test_better_is_more_modes_more_evenly():
    better = {name: metric.better for name, metric in measure(Coloured(), cells(*[1] * 8)).items()}
    assert better.pop("reverse_kl") == "lower"
    assert {better.pop("ideal_modes"), better.pop("ideal_reverse_kl")} == {"neither"}
    assert set(better.values()) == {"higher"}


def test_values_are_plain_numbers():
    found = measure(Coloured(), cells(*[1] * 8)) | measure(Ring(count=9), [[1.0, 0.0]])
    assert {type(metric.value) for metric in found.values()} == {float}


def test_a_classifier_rejects_nothing_so_there_is_no_quality():
    assert "high_quality" not in measure(Coloured(), cells(*[1] * 8))


def test_factors_are_measured_one_by_one_and_in_pairs():
    found = values(measure(Coloured(), cells(3, 1, 0, 0, 0, 0, 3, 1)))
    p = np.array([0.75, 0.25])
    assert (found["modes"], found["coverage"], found["shape_colour_coverage"]) == (4, 0.5, 0.5)
    assert found["shape_evenness"] == pytest.approx(0.5)  # two of four shapes, evenly: log 2 / log 4
    assert found["colour_evenness"] == pytest.approx(float(-(p * np.log2(p)).sum()))


@pytest.mark.parametrize(("counts", "evenness"), [([1] * 8, 1), ([5, 0, 0, 0, 0, 0, 0, 0], 0)])
def test_evenness_goes_from_one_value_only_to_all_alike(counts, evenness):
    found = values(measure(Coloured(), cells(*counts)))
    assert [found["shape_evenness"], found["colour_evenness"]] == pytest.approx([evenness] * 2)


def test_samples_of_no_mode_count_in_the_total_only():
    modes = Modes({"one": 3}, lambda samples: samples[:, None], strict=True)
    counts, total = count_modes(modes, [torch.tensor([0, -1, 2]), torch.tensor([-1, 2])])
    assert (counts.tolist(), total) == ([1, 0, 2], 5)
    assert measure_coverage(modes, counts, total)["high_quality"].value == 0.6


def test_without_a_good_sample_values_are_the_worst():
    found = values(measure(Ring(count=9), np.full((5, 2), np.nan)))
    assert (found["modes"], found["high_quality"]) == (0, 0)
    assert found["reverse_kl"] == pytest.approx(math.log(8))


def test_the_ideal_has_as_many_samples_and_no_poor_one():
    modes = Modes({"one": 8}, lambda samples: samples, strict=True)
    found = values(measure_coverage(modes, np.array([2, 0, 0, 0, 0, 0, 0, 0]), 5))
    assert (found["ideal_modes"], found["ideal_reverse_kl"]) == pytest.approx(expect_ideal_coverage(8, 5))


@pytest.mark.parametrize(("num_modes", "samples"), [(1, 5), (2, 1), (3, 4), (4, 6)])
def test_the_ideal_is_the_mean_over_all_outcomes(num_modes, samples):
    outcomes = np.stack(np.meshgrid(*[np.arange(num_modes)] * samples), -1).reshape(-1, samples)
    shares = np.stack([(outcomes == mode).mean(1) for mode in range(num_modes)], 1)
    logs = np.log(np.where(shares > 0, shares * num_modes, 1))
    expected = ((shares > 0).sum(1).mean(), (shares * logs).sum(1).mean())
    assert expect_ideal_coverage(num_modes, samples) == pytest.approx(expected)


def test_the_ideal_of_many_samples_is_the_textbook_bias():
    modes, reverse_kl = expect_ideal_coverage(1000, 26_000)
    assert modes == pytest.approx(1000, abs=1e-6)
    assert reverse_kl == pytest.approx(999 / 52_000, rel=0.02)


def test_even_samples_have_the_ideal_values_on_average():
    drawn = np.random.default_rng(0).multinomial(2000, [1 / 512] * 512, size=200)
    found = [values(measure_coverage(Modes({"cell": 512}, lambda x: x), counts, 2000)) for counts in drawn]
    for name in ("modes", "reverse_kl"):
        measured = np.array([metrics[name] for metrics in found])
        assert measured.mean() == pytest.approx(found[0][f"ideal_{name}"], abs=4 * measured.std() / 200**0.5)


def test_data_without_known_modes_is_refused_with_what_has_them():
    with pytest.raises(DoesNotFit, match="does not know.*ring-8"):
        measure(Unknown(), [[0.0]])


def test_points_need_no_classifier():
    with pytest.raises(
        BadSetting, match=r"metric.modes.classifier = digits.safetensors: points are counted by their distance"
    ):
        measure(Ring(count=9), [[0.0, 0.0]], classifier="digits.safetensors")


def test_the_metadata_names_the_classifier_by_its_weights_not_its_path(tmp_path):
    shipped = files("ganzoo") / "components" / "features" / "weights" / "sprites.safetensors"
    with safe_open(shipped, "pt") as file:
        metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    path, data = tmp_path / "other.safetensors", Sprites(resolution=32, count=8)

    def read(name):
        return ModeCoverage(classifier=name).metadata(data, CPU)

    save_file(tensors, path, metadata)
    ours = read(str(path))
    assert ours == read(None) == read(f"{tmp_path}/./other.safetensors")
    tensors[next(iter(tensors))] += 1
    save_file(tensors, path, metadata)
    assert read(str(path)) != ours
    assert ModeCoverage().metadata(Ring(), CPU) == {}


class Halves:
    """Samples of one value; a classifier takes every second for another."""

    class_names, num_classes, shape = (), 0, (1,)

    def __len__(self):
        return 10

    def read(self, indices):
        return {"images": indices[:, None].astype(np.float32), "labels": np.zeros(len(indices), np.int64)}

    def modes(self, classifier, device):
        def values(samples):
            return (samples[:, :1] % 2).long()

        return Modes({"one": 2}, values, truth=lambda indices: np.zeros((len(indices), 1), np.int64))


def test_the_classifier_is_checked_on_reals():
    found = check_classifier(Halves().modes(None, "cpu"), Halves(), torch.device("cpu"))["classifier_accuracy"]
    assert (found.value, found.better) == (0.5, "neither")
    assert check_classifier(Ring(count=9).modes(None, "cpu"), Ring(count=9), torch.device("cpu")) == {}


@pytest.mark.parametrize(("settings", "low", "high"), [({}, 0.98, 1.0), ({"channels": 1}, 0.1, 0.5)])
def test_the_shipped_classifier_is_accurate_on_colour_and_its_low_accuracy_on_grey_shows(settings, low, high):
    sprites = Sprites(count=250, **settings)
    found = check_classifier(sprites.modes(None, torch.device("cpu")), sprites, torch.device("cpu"))
    assert low <= found["classifier_accuracy"].value <= high


@pytest.mark.parametrize("evenness", [0.0, 0.5, 1.5])
@pytest.mark.parametrize(("num_modes", "samples"), [(50, 400), (200, 300), (8, 1000)])
def test_errors_are_the_deviations_over_samples(evenness, num_modes, samples):
    rng = np.random.default_rng(0)
    shares = np.arange(1, num_modes + 1.0) ** -evenness
    sampled = [rng.multinomial(samples, shares / shares.sum()) for _ in range(400)]
    for measure, estimate in (
        (np.count_nonzero, estimate_modes_error),
        (divergence_from_uniform, estimate_divergence_error),
    ):
        spread = np.std([measure(counts) for counts in sampled])
        estimated = np.median([estimate(counts) for counts in sampled])
        assert spread / 2.5 <= estimated <= spread * 2.5 + 1e-3, (measure.__name__, spread, estimated)


def test_dropped_modes_add_no_error():
    """With half the modes out of reach and the others hit often, another sample reaches as many."""
    assert estimate_modes_error(np.array([100, 120, 90, 110, 0, 0, 0, 0])) < 1e-6


def test_values_of_modes_have_errors():
    found = measure(Coloured(), cells(3, 1, 0, 0, 0, 0, 3, 1))
    assert {name for name, metric in found.items() if metric.error is None} == {"ideal_modes", "ideal_reverse_kl"}
    assert measure(Coloured(), cells(*[1000] * 8))["modes"].error == 0


def test_a_classifier_is_checked_once_for_all_evaluations(monkeypatch):
    calls = []
    original = coverage.check_classifier
    monkeypatch.setattr(coverage, "check_classifier", lambda *args: (calls.append(1), original(*args))[1])
    metric, sprites = ModeCoverage(), Sprites(count=40)
    inputs = SimpleNamespace(
        dataset=sprites, device=torch.device("cpu"),
        fake=SimpleNamespace(batches=lambda: [(torch.zeros(4, 3, 32, 32), torch.zeros(4))]),
    )  # fmt: skip
    assert metric(inputs) == metric(inputs)
    assert len(calls) == 1
