"""What a run weighs, against counting by hand."""

from ganzoo.engine.weigh import weigh


def test_state_counts_weights_gradients_moments_and_the_average(engine):
    run = engine()
    weight = weigh(run)
    generator, critic = weight.parameters["generator"], weight.parameters["discriminator"]
    assert weight.state == 4 * (generator * (1 + 1 + 2 + 1) + critic * (1 + 1 + 2))


def test_activations_grow_with_the_batch(engine):
    small, large = (weigh(engine(**{"run.batch_size": size})).activations for size in (4, 32))
    assert 4 * small < large
