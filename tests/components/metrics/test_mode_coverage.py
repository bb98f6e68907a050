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
    classifier_accuracy,
    count_modes,
    coverage_readings,
    divergence_error,
    ideal,
    reach_error,
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


class TermContext:
    """Evidence of fakes beside the data set whose modes they should reach."""

    device = CPU

    def __init__(self, dataset, samples):
        self.dataset, self.fake = dataset, Fakes(samples)


class Coloured:
    """Samples that are their own factors: 4 shapes in 2 colours."""

    def modes(self, classifier, device):
        return Modes({"shape": 4, "colour": 2}, lambda samples: samples.long())


class Unknown:
    """Data nobody knows the modes of."""


def read(dataset, samples, classifier=None):
    return ModeCoverage(classifier=classifier)(TermContext(dataset, torch.as_tensor(samples, dtype=torch.float32)))


def values(readings):
    return {name: reading.value for name, reading in readings.items()}


def cells(*counts):
    """All eight combinations, each so often."""
    return [(cell // 2, cell % 2) for cell, count in enumerate(counts) for _ in range(count)]


def test_centres_themselves_are_covered_evenly():
    found = values(read(Grid(side=10, count=9), Grid(side=10, count=9).centres))
    assert found["modes"] == 100
    assert (found["coverage"], found["high_quality"]) == (1, 1)
    assert found["reverse_kl"] == pytest.approx(0, abs=1e-12)


def test_the_readings_are_those_shown_during_training():
    ring = Ring(count=500)
    samples = ring.read(np.arange(500))["images"] + 0.02
    found = values(read(ring, samples))
    assert {name: found[name] for name in ("modes", "high_quality", "reverse_kl")} == ring.count_modes(samples)


def test_quality_has_a_binomial_error():
    ring = Ring(count=9)
    readings = read(ring, np.concatenate([ring.centres, np.zeros((8, 2))]))
    assert (readings["high_quality"].value, readings["high_quality"].error) == (
        0.5,
        pytest.approx(math.sqrt(0.25 / (16 + 4))),
    )


def test_better_is_more_modes_more_evenly():
    better = {name: reading.better for name, reading in read(Coloured(), cells(*[1] * 8)).items()}
    assert better.pop("reverse_kl") == "lower"
    assert {better.pop("ideal_modes"), better.pop("ideal_reverse_kl")} == {"neither"}
    assert set(better.values()) == {"higher"}


def test_values_are_plain_numbers():
    readings = read(Coloured(), cells(*[1] * 8)) | read(Ring(count=9), [[1.0, 0.0]])
    assert {type(reading.value) for reading in readings.values()} == {float}


def test_a_judge_turns_nothing_away_so_there_is_no_quality():
    assert "high_quality" not in read(Coloured(), cells(*[1] * 8))


def test_factors_are_read_one_by_one_and_in_pairs():
    found = values(read(Coloured(), cells(3, 1, 0, 0, 0, 0, 3, 1)))
    p = np.array([0.75, 0.25])
    assert (found["modes"], found["coverage"], found["shape_colour_coverage"]) == (4, 0.5, 0.5)
    assert found["shape_evenness"] == pytest.approx(0.5)  # two of four shapes, evenly: log 2 / log 4
    assert found["colour_evenness"] == pytest.approx(float(-(p * np.log2(p)).sum()))


@pytest.mark.parametrize(("counts", "evenness"), [([1] * 8, 1), ([5, 0, 0, 0, 0, 0, 0, 0], 0)])
def test_evenness_goes_from_one_value_only_to_all_alike(counts, evenness):
    found = values(read(Coloured(), cells(*counts)))
    assert [found["shape_evenness"], found["colour_evenness"]] == pytest.approx([evenness] * 2)


def test_samples_of_no_mode_are_drawn_but_not_counted():
    modes = Modes({"one": 3}, lambda samples: samples[:, None], strict=True)
    counts, drawn = count_modes(modes, [torch.tensor([0, -1, 2]), torch.tensor([-1, 2])])
    assert (counts.tolist(), drawn) == ([1, 0, 2], 5)
    assert coverage_readings(modes, counts, drawn)["high_quality"].value == 0.6


def test_no_good_sample_at_all_is_the_worst_reading():
    found = values(read(Ring(count=9), np.full((5, 2), np.nan)))
    assert (found["modes"], found["high_quality"]) == (0, 0)
    assert found["reverse_kl"] == pytest.approx(math.log(8))


def test_the_ideal_draws_as_many_samples_and_none_of_them_poor():
    modes = Modes({"one": 8}, lambda samples: samples, strict=True)
    found = values(coverage_readings(modes, np.array([2, 0, 0, 0, 0, 0, 0, 0]), 5))
    assert (found["ideal_modes"], found["ideal_reverse_kl"]) == pytest.approx(ideal(8, 5))


@pytest.mark.parametrize(("num_modes", "samples"), [(1, 5), (2, 1), (3, 4), (4, 6)])
def test_the_ideal_is_the_mean_over_all_draws(num_modes, samples):
    draws = np.stack(np.meshgrid(*[np.arange(num_modes)] * samples), -1).reshape(-1, samples)
    shares = np.stack([(draws == mode).mean(1) for mode in range(num_modes)], 1)
    logs = np.log(np.where(shares > 0, shares * num_modes, 1))
    expected = ((shares > 0).sum(1).mean(), (shares * logs).sum(1).mean())
    assert ideal(num_modes, samples) == pytest.approx(expected)


def test_the_ideal_of_many_samples_is_the_textbook_bias():
    modes, reverse_kl = ideal(1000, 26_000)
    assert modes == pytest.approx(1000, abs=1e-6)
    assert reverse_kl == pytest.approx(999 / 52_000, rel=0.02)


def test_even_draws_read_as_the_ideal_says():
    drawn = np.random.default_rng(0).multinomial(2000, [1 / 512] * 512, size=200)
    found = [values(coverage_readings(Modes({"cell": 512}, lambda x: x), counts, 2000)) for counts in drawn]
    for name in ("modes", "reverse_kl"):
        measured = np.array([reading[name] for reading in found])
        assert measured.mean() == pytest.approx(found[0][f"ideal_{name}"], abs=4 * measured.std() / 200**0.5)


def test_data_without_known_modes_is_refused_with_what_has_them():
    with pytest.raises(DoesNotFit, match="does not know.*ring-8"):
        read(Unknown(), [[0.0]])


def test_points_need_no_judge():
    with pytest.raises(BadSetting, match=r"judge = digits.safetensors: points are counted by their distance"):
        read(Ring(count=9), [[0.0, 0.0]], classifier="digits.safetensors")


def test_readings_depend_on_what_the_judge_is_not_on_where_it_lies(tmp_path):
    shipped = files("ganzoo") / "features" / "weights" / "sprites.safetensors"
    with safe_open(shipped, "pt") as file:
        facts, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    place, data = tmp_path / "judge.safetensors", Sprites(resolution=32, count=8)

    def told(name):
        return ModeCoverage(classifier=name).facts(data, CPU)

    save_file(tensors, place, facts)
    ours = told(str(place))
    assert ours == told(None) == told(f"{tmp_path}/./judge.safetensors")
    tensors[next(iter(tensors))] += 1
    save_file(tensors, place, facts)
    assert told(str(place)) != ours
    assert ModeCoverage().facts(Ring(), CPU) == {}


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


def test_the_judge_is_tried_on_reals():
    found = classifier_accuracy(Halves().modes(None, "cpu"), Halves(), torch.device("cpu"))["judge_accuracy"]
    assert (found.value, found.better) == (0.5, "neither")
    assert classifier_accuracy(Ring(count=9).modes(None, "cpu"), Ring(count=9), torch.device("cpu")) == {}


@pytest.mark.parametrize(("settings", "low", "high"), [({}, 0.98, 1.0), ({"channels": 1}, 0.1, 0.5)])
def test_the_shipped_judge_knows_coloured_sprites_and_says_that_it_does_not_know_grey_ones(settings, low, high):
    sprites = Sprites(count=250, **settings)
    found = classifier_accuracy(sprites.modes(None, torch.device("cpu")), sprites, torch.device("cpu"))
    assert low <= found["judge_accuracy"].value <= high


@pytest.mark.parametrize("evenness", [0.0, 0.5, 1.5])
@pytest.mark.parametrize(("num_modes", "samples"), [(50, 400), (200, 300), (8, 1000)])
def test_errors_are_the_deviations_of_draws(evenness, num_modes, samples):
    random = np.random.default_rng(0)
    shares = np.arange(1, num_modes + 1.0) ** -evenness
    drawn = [random.multinomial(samples, shares / shares.sum()) for _ in range(400)]
    for read, error in ((np.count_nonzero, reach_error), (divergence_from_uniform, divergence_error)):
        spread = np.std([read(counts) for counts in drawn])
        told = np.median([error(counts) for counts in drawn])
        assert spread / 2.5 <= told <= spread * 2.5 + 1e-3, (read.__name__, spread, told)


def test_modes_that_were_dropped_are_no_chance():
    """With half the modes out of reach and the others hit often, another draw reaches as many."""
    assert reach_error(np.array([100, 120, 90, 110, 0, 0, 0, 0])) < 1e-6


def test_readings_of_modes_have_errors():
    found = read(Coloured(), cells(3, 1, 0, 0, 0, 0, 3, 1))
    assert {name for name, reading in found.items() if reading.error is None} == {"ideal_modes", "ideal_reverse_kl"}
    assert read(Coloured(), cells(*[1000] * 8))["modes"].error == 0


def test_a_judge_is_tried_once_for_all_evaluations(monkeypatch):
    tried = []
    plain = coverage.classifier_accuracy
    monkeypatch.setattr(coverage, "judged_rightly", lambda *words: (tried.append(1), plain(*words))[1])
    metric, sprites = ModeCoverage(), Sprites(count=40)
    inputs = SimpleNamespace(
        dataset=sprites, device=torch.device("cpu"),
        fake=SimpleNamespace(batches=lambda: [(torch.zeros(4, 3, 32, 32), torch.zeros(4))]),
    )  # fmt: skip
    assert metric(inputs) == metric(inputs)
    assert len(tried) == 1
