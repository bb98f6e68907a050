"""Labels of the fakes are independent of the reals, so that a perfect conditional generator scores as perfect."""

import numpy as np
import pytest
import torch
from torch import nn

from ganzoo.components.datasets.points import Ring
from ganzoo.evaluation.evaluator import EvaluationConfig, Evaluator
from ganzoo.evaluation.inputs.labels import draw_labels, label_source
from ganzoo.evaluation.metric_suite import build_suite
from ganzoo.registry.registry import load_registry

SAMPLES, SEEDS = 200, 24


class Collected:
    """A finite data set of ring samples: no further samples can be generated."""

    def __init__(self, ring):
        self.read, self.fingerprint = ring.read, ring.fingerprint
        self.shape, self.num_classes, self.class_names = ring.shape, ring.num_classes, ring.class_names
        self._count = len(ring)

    def __len__(self):
        return self._count


class Perfect(nn.Module):
    """A mode of the ring for each class, with the spread the ring has."""

    latent_dim = 2

    def __init__(self, ring):
        super().__init__()
        self.centres = torch.as_tensor(np.asarray(ring.centres), dtype=torch.float32)
        self.std = ring.std

    def forward(self, latents, labels):
        return self.centres[labels] + self.std * latents


@pytest.fixture
def kid():
    """Kernel distances of perfect fakes over many samples of both sides."""
    registry = load_registry()
    suite = build_suite(registry, ["kid"], "raw", {"metric.kid.subset_size": SAMPLES, "metric.kid.subsets": 2})

    def measure(dataset):
        generator, found = Perfect(Ring()).eval(), []
        for seed in range(SEEDS):
            evaluator = Evaluator(suite, dataset, EvaluationConfig(SAMPLES, seed), device=torch.device("cpu"))
            found.append(evaluator.evaluate(generator, conditional=True).values["kid"]["kid"].value)
        return np.array(found)

    return measure


@pytest.mark.parametrize("collected", [False, True], ids=["drawn", "collected"])
def test_the_kernel_distance_of_a_perfect_conditional_generator_is_zero_in_the_mean(kid, collected):
    ring = Ring(count=5_000)
    found = kid(Collected(ring) if collected else ring)
    assert abs(found.mean()) < 3 * found.std(ddof=1) / SEEDS**0.5
    assert (found > 0).any()


def test_labels_come_as_often_as_in_the_data_and_not_in_the_order_of_the_reals():
    ring = Ring(count=4_000)
    order = np.random.default_rng(0).permutation(len(ring))
    reals = ring.read(order[:1_000])["labels"]
    for dataset in (ring, Collected(ring)):
        found = draw_labels(dataset, order, 1_000, 1_000, seed=0).numpy()
        assert np.bincount(found, minlength=8) == pytest.approx(np.full(8, 125), abs=45)
        assert (found == reals).mean() < 0.2  # an eighth by chance
    assert not torch.equal(*(draw_labels(ring, order, 1_000, 1_000, seed=seed) for seed in (0, 1)))


def test_the_protocol_records_the_origin_of_labels():
    ring = Ring(count=100)
    assert label_source(ring, 100, 100) == "new samples"
    assert label_source(Collected(ring), 50, 50) == "other samples"
    assert label_source(Collected(ring), 60, 50) == "drawn from all"
    assert draw_labels(Collected(ring), np.arange(100), 60, 50, seed=0).shape == (50,)
    kept = build_suite(load_registry(), ["kid"], "raw", {})
    protocol = Evaluator(kept, ring, EvaluationConfig(50), device=torch.device("cpu")).protocol
    assert protocol.samples["labels"] == "new samples"
