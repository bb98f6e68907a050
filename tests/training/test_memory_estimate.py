"""Memory estimates, compared with counting by hand."""

from dataclasses import replace

import pytest

from ganzoo.training import memory_estimate
from ganzoo.training.memory_estimate import estimate_memory


def test_state_counts_weights_gradients_moments_and_the_average(engine):
    run = engine()
    weight = estimate_memory(run)
    generator, discriminator = weight.parameters["generator"], weight.parameters["discriminator"]
    assert weight.state == 4 * (generator * (1 + 1 + 2 + 1) + discriminator * (1 + 1 + 2))


def test_activations_grow_with_the_batch(engine):
    small, large = (estimate_memory(engine(**{"run.batch_size": size})).activations for size in (4, 32))
    assert 4 * small < large


def test_activations_are_counted_without_computing_them(engine):
    run = engine(loss="wgan-gp", augmentation=("ada",))
    for phase in run.phases:
        assert memory_estimate._count_saved(lambda phase=phase: run.losses(phase)) == pytest.approx(
            memory_estimate._count_activations(run, phase), rel=0.1
        )


def test_more_than_any_machine_holds_can_be_estimated(engine):
    large = {"dataset": "ring-8", "dataset.count": 4096, "generator.width": 2048, "run.batch_size": 2**20}
    weight = estimate_memory(engine("toy", **large))
    assert weight.activations > 2**35
    assert estimate_memory(engine("toy", **large, **{"run.micro_batch_size": 8})).activations < weight.activations / 500


def test_a_phase_that_needs_values_computes(engine):
    run = engine()
    phase, seen = run.phases[0], []

    def peeking(batch):
        seen.append(float(batch.images.sum()))
        return phase.losses(batch)

    run.phases = (replace(phase, losses=peeking),)
    assert estimate_memory(run).activations == memory_estimate._count_saved(lambda: run.losses(phase))
    assert len(seen) == 1
