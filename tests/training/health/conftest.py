"""Simulated generators with a known defect that emit reals, so that only their variety is wrong."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ganzoo.checks.data import Noise
from ganzoo.components.datasets.images import Idx, Zip
from ganzoo.components.datasets.points import Grid, Ring
from ganzoo.components.datasets.sprites.dataset import Sprites
from ganzoo.training.health.references import choose_embedding, measure_references, to_samples

CPU = torch.device("cpu")


class SimulatedGenerators:
    """Measures generators that emit some of a data set's reals.

    Args:
        dataset: the reals.
        seed: seed of all random choices.
        classes: whether the generators are conditioned on classes.
        jitter: standard deviation of the noise in what they emit.
    """

    def __init__(self, dataset, seed, *, classes=False, jitter=0.05):
        self.random, self.jitter = np.random.default_rng(seed), getattr(dataset, "std", jitter)
        self.embed = choose_embedding(dataset.shape, CPU)
        self.references = measure_references(dataset, self.embed, CPU, classes=classes, seed=seed)
        found = dataset.read(self.random.permutation(len(dataset))[:1_500])
        self.pool, self.labels = to_samples(found["images"]), found["labels"] if classes else 0 * found["labels"]
        self.modes = to_samples(dataset.centres).float() if hasattr(dataset, "centres") else self.pool

    def reals(self):
        """Measure a perfect generator."""
        wanted, indices = self.references.labels.numpy(), np.zeros(len(self.references.labels), np.int64)
        for label in np.unique(wanted):
            have, many = np.flatnonzero(self.labels == label), (wanted == label).sum()
            indices[wanted == label] = self.random.choice(have, many, replace=len(have) < many)
        return self.measure(self.pool[indices])

    def repeating(self, modes):
        """Measure a generator that emits a few modes with noise."""
        chosen = self.modes[self.random.permutation(len(self.modes))[:modes]]
        return self.measure(self.jittered(chosen[self.random.integers(modes, size=len(self.references.labels))]))

    def ignoring_noise(self, *, jittered):
        """Measure a generator that emits one sample per class, whatever its noise."""
        ones = {label: np.flatnonzero(self.labels == label)[0] for label in np.unique(self.labels)}
        samples = self.pool[[ones[label] for label in self.references.labels.tolist()]]
        return self.measure(self.jittered(samples) if jittered else samples)

    def jittered(self, samples):
        noise = self.random.standard_normal(samples.shape).astype(np.float32)
        return samples + self.jitter * torch.from_numpy(noise)

    def measure(self, samples):
        return {name: float(value) for name, value in self.references.compare(self.embed(samples)).items()}


@pytest.fixture(scope="session")
def data(request):
    """Data sets by name; those of real images are skipped where they are missing."""
    made = {
        "sprites": lambda: Sprites(label="content", count=4_000),
        "ring-8": lambda: Ring(count=4_000),
        "grid-25": lambda: Grid(count=4_000),
        "noise": lambda: Noise((3, 32, 32)),
        "mnist": lambda: Idx(path=str(shared(request) / "mnist"), split="test"),
        "fashion-mnist": lambda: Idx(path=str(shared(request) / "fashion-mnist"), split="test"),
        "dcss-tiles": lambda: Zip(path=str(shared(request) / "dcss-tiles" / "dcss_tiles32.zip")),
    }
    opened = {}

    def open_set(name):
        if name not in opened:
            opened[name] = made[name]()
        return opened[name]

    return open_set


def shared(request):
    return request.getfixturevalue("shared_data")
