"""Thresholds are calibrated: collapsed generators lie below the alarm, reals above the watch threshold."""

import numpy as np
import pytest
import torch

from ganzoo.components.datasets.points import Ring
from ganzoo.components.datasets.sprites.dataset import Sprites
from ganzoo.training.health.references import (
    MAX_CLASSES,
    SAMPLES,
    choose_embedding,
    draw_new_reals,
    measure_references,
    to_samples,
)
from ganzoo.training.health.rules import RULES

from .conftest import CPU, SimulatedGenerators

NAMES = ["sprites", "ring-8", "grid-25", "noise", "mnist", "fashion-mnist", "dcss-tiles"]
LABELLED = [name for name in NAMES if name != "noise"]
SEEDS = range(3)


@pytest.mark.parametrize("name", NAMES)
def test_reals_are_ok(data, name):
    for seed in SEEDS:
        generators = SimulatedGenerators(data(name), seed)
        for values in (generators.reals() for _ in range(6)):
            assert values["spread"] > RULES["spread"].watch
            assert values["distinct"] > RULES["distinct"].watch


@pytest.mark.parametrize("name", LABELLED)
def test_reals_of_each_class_are_ok(data, name):
    for seed in SEEDS:
        generators = SimulatedGenerators(data(name), seed, classes=True)
        for values in (generators.reals() for _ in range(6)):
            assert all(values[name] > RULES[name].watch for name in ("spread", "distinct", "noise"))


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_generator_alarms_in_both_metrics(data, name):
    for seed in SEEDS:
        values = SimulatedGenerators(data(name), seed).repeating(1)
        assert values["spread"] < RULES["spread"].alarm
        assert values["distinct"] < RULES["distinct"].alarm


@pytest.mark.parametrize("name", NAMES)
def test_a_generator_of_three_modes_alarms_although_they_may_be_far_apart(data, name):
    for seed in SEEDS:
        assert SimulatedGenerators(data(name), seed).repeating(3)["distinct"] < RULES["distinct"].alarm


@pytest.mark.parametrize("name", LABELLED)
def test_a_conditional_generator_that_ignores_its_noise_alarms(data, name):
    for seed in SEEDS:
        generators = SimulatedGenerators(data(name), seed, classes=True)
        assert generators.ignoring_noise(jittered=False)["noise"] < 1e-6
        if data(name).shape != (2,):  # with jitter, a mode of a mixture has its full variety
            assert generators.ignoring_noise(jittered=True)["noise"] < RULES["noise"].alarm


def test_equal_seeds_give_equal_statistics(data):
    one, other = (SimulatedGenerators(data("sprites"), 3, classes=True).references for _ in range(2))
    assert torch.equal(one.labels, other.labels)
    assert (one.spread, one.distinct, one.within) == (other.spread, other.distinct, other.within)


def test_classes_come_evenly(data):
    dataset = Sprites(label="all", count=4_000)
    references = measure_references(dataset, choose_embedding(dataset.shape, CPU), CPU, classes=True, seed=0)
    counts = np.unique(references.labels.numpy(), return_counts=True)[1]
    assert len(counts) <= MAX_CLASSES
    eight = SimulatedGenerators(data("sprites"), 0, classes=True).references.labels.numpy()
    assert np.unique(eight, return_counts=True)[1].tolist() == [SAMPLES // 8] * 8


def test_data_sets_smaller_than_a_measurement_are_enough(data):
    references = SimulatedGenerators(data("noise"), 0).references
    assert len(references.labels) == len(data("noise"))
    assert references.distinct.item() == pytest.approx(24.0, rel=0.01)


@pytest.mark.parametrize("dataset", [Ring(count=500), Sprites(count=500, resolution=8, channels=1, label="style")])
def test_new_reals_are_of_the_same_kind_and_not_in_the_set(dataset):
    new = draw_new_reals(dataset, 40, seed=12345)
    own = dataset.read(np.arange(500))
    assert new["images"].shape == (40, *dataset.shape)
    assert set(new["labels"]) <= set(range(dataset.num_classes))
    ours, theirs = ({image.tobytes() for image in found["images"]} for found in (own, new))
    assert len(theirs - ours) > 36  # sprites at 8x8 pixels coincide now and then


def test_collected_data_give_no_new_reals(data):
    assert draw_new_reals(data("noise"), 4, seed=0) is None


def test_bytes_are_scaled_and_floats_unchanged():
    assert to_samples(np.array([0, 255], np.uint8)).tolist() == [-1.0, 1.0]
    assert to_samples(np.array([4.0, -2.0], np.float32)).tolist() == [4.0, -2.0]
