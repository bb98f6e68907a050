"""What a run weighs, against counting by hand."""

from dataclasses import replace

import pytest

from ganzoo.engine import weigh as weighing
from ganzoo.engine.weigh import weigh


def test_state_counts_weights_gradients_moments_and_the_average(engine):
    run = engine()
    weight = weigh(run)
    generator, critic = weight.parameters["generator"], weight.parameters["discriminator"]
    assert weight.state == 4 * (generator * (1 + 1 + 2 + 1) + critic * (1 + 1 + 2))


def test_activations_grow_with_the_batch(engine):
    small, large = (weigh(engine(**{"run.batch_size": size})).activations for size in (4, 32))
    assert 4 * small < large


def test_what_is_kept_is_told_without_computing_it(engine):
    run = engine(loss="wgan-gp", augmentation=("ada",))
    for phase in run.phases:
        assert weighing._kept(lambda phase=phase: run.terms(phase)) == pytest.approx(
            weighing._activations(run, phase), rel=0.1
        )


def test_more_than_any_machine_holds_can_be_weighed(engine):
    large = {"dataset": "ring-8", "dataset.count": 4096, "generator.width": 2048, "run.batch_size": 2**20}
    weight = weigh(engine("toy", **large))
    assert weight.activations > 2**35
    assert weigh(engine("toy", **large, **{"run.part_size": 8})).activations < weight.activations / 500


def test_a_phase_that_must_see_values_computes(engine):
    run = engine()
    phase, seen = run.phases[0], []

    def peeking(batch):
        seen.append(float(batch.images.sum()))
        return phase.terms(batch)

    run.phases = (replace(phase, terms=peeking),)
    assert weigh(run).activations == weighing._kept(lambda: run.terms(phase))
    assert len(seen) == 1
