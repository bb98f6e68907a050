"""Random numbers are a pure function of the seed, however a batch is split."""

import torch

from ganzoo.training.rng import BatchRng, mix_seeds, seed_layers

CPU = torch.device("cpu")


def test_a_split_batch_sees_the_numbers_of_the_whole():
    whole = BatchRng(7, 6, 0, 6, CPU)
    parts = [BatchRng(7, 6, 0, 4, CPU), BatchRng(7, 6, 4, 6, CPU)]
    for rng in ("normal", "uniform", "normal"):
        together = torch.cat([getattr(part, rng)(3, 2) for part in parts])
        assert torch.equal(getattr(whole, rng)(3, 2), together)


def test_uniform_lies_in_the_unit_interval_and_normal_has_unit_variance():
    draws = BatchRng(1, 10_000, 0, 10_000, CPU)
    uniform, normal = draws.uniform(), draws.normal()
    assert 0.0 <= uniform.min() and uniform.max() < 1.0
    assert abs(normal.var().item() - 1.0) < 0.05


def test_mixing_depends_on_every_part_and_on_their_order():
    seeds = {mix_seeds(0, 1, 2), mix_seeds(0, 2, 1), mix_seeds(1, 1, 2), mix_seeds(0, 1, 2, 0), mix_seeds(0, 1)}
    assert len(seeds) == 5
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_seeding_layers_repeats_them_and_queues_nothing_for_other_devices():
    queued = len(torch.cuda._queued_calls)
    drawn = []
    for _ in range(3):
        seed_layers(5, CPU)
        drawn.append(torch.nn.functional.dropout(torch.ones(64), 0.5))
    assert torch.equal(drawn[0], drawn[1]) and torch.equal(drawn[0], drawn[2])
    assert len(torch.cuda._queued_calls) == queued
