from __future__ import annotations

import numpy as np
import pytest
import torch

from ganzoo.components.datasets.points import Grid, Ring

SETS = [Ring(count=20_000), Grid(count=20_000)]


def test_the_ring_is_the_published_one():
    ring = SETS[0]
    assert np.allclose(np.linalg.norm(ring.centres, axis=1), 1)
    assert np.allclose(ring.centres[[0, 2]], [[1, 0], [0, 1]])
    assert (ring.num_classes, ring.std) == (8, 0.01)


def test_the_grid_is_the_published_one():
    grid = SETS[1]
    assert sorted(map(tuple, grid.centres)) == [(x, y) for x in range(-4, 5, 2) for y in range(-4, 5, 2)]
    assert (grid.num_classes, grid.std) == (25, 0.05)


@pytest.mark.parametrize("data", SETS, ids=["ring", "grid"])
def test_samples_lie_around_the_centre_of_their_label(data):
    batch = data.read(np.arange(len(data)))
    offsets = batch["images"] - data.centres[batch["labels"]]
    assert (batch["images"].dtype, batch["labels"].dtype) == (np.float32, np.int64)
    assert batch["images"].shape == (20_000, 2)
    assert data.shape == (2,)
    assert np.abs(offsets.mean(0)).max() < 4 * data.std / 20_000**0.5
    assert offsets.std() == pytest.approx(data.std, rel=0.02)
    assert len(data.class_names) == data.num_classes == len(np.unique(batch["labels"]))


@pytest.mark.parametrize("data", SETS, ids=["ring", "grid"])
def test_the_modes_of_the_data_match_the_closed_form(data):
    modes = data.count_modes(data.read(np.arange(len(data)))["images"])
    assert modes["modes"] == data.num_classes
    assert modes["high_quality"] == pytest.approx(1 - np.exp(-4.5), abs=4 * (0.011 / 20_000) ** 0.5)
    assert modes["reverse_kl"] < 2 * data.num_classes / 20_000


def test_the_seed_decides_the_samples():
    assert Ring(count=9).fingerprint() == Ring(count=9).fingerprint()
    assert Ring(count=9).fingerprint() != Ring(count=9, seed=1).fingerprint()


def test_a_larger_grid_keeps_spacing_and_spread():
    grid = Grid(side=10, count=9)
    axis = range(-9, 10, 2)
    assert sorted(map(tuple, grid.centres)) == [(x, y) for x in axis for y in axis]
    assert (grid.num_classes, grid.std) == (100, SETS[1].std)


@pytest.mark.parametrize("data", SETS, ids=["ring", "grid"])
def test_a_sample_belongs_to_the_mode_of_its_label(data):
    batch = data.read(np.arange(2000))
    modes = data.modes(None, torch.device("cpu"))
    found = modes.values(torch.from_numpy(batch["images"]))[:, 0].numpy()
    assert (modes.factors, modes.strict) == ({"mode": data.num_classes}, True)
    assert np.array_equal(found[found >= 0], batch["labels"][found >= 0])
    assert (found < 0).mean() == pytest.approx(np.exp(-4.5), abs=0.01)
