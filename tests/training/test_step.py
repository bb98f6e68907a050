"""One training step."""

from dataclasses import replace

import pytest
import torch

from ganzoo.config.run_settings import RunSettings
from ganzoo.errors import BadComponent
from ganzoo.interfaces.training import Phase
from ganzoo.training.step import Engine


def weights(engine: Engine) -> dict[str, torch.Tensor]:
    return {f"{n}.{k}": w.detach().clone() for n, p in engine.players.items() for k, w in p.module.named_parameters()}


def moved(engine: Engine, before: dict[str, torch.Tensor]) -> set[str]:
    return {name.split(".")[0] for name, w in weights(engine).items() if not torch.equal(w, before[name])}


def test_a_phase_moves_only_its_player(engine):
    run = engine()
    for phase in run.phases:
        before = weights(run)
        run.phases = (phase,)
        run._tensors = run._batches.at(0)
        run.step()
        assert moved(run, before) == {phase.player}


def test_images_seen_counts_reals_of_discriminator_steps(engine):
    run = engine(**{"trainer.discriminator_steps": 3})
    run.step()
    run.step()
    assert (run.steps, run.images_seen) == (2, 2 * 3 * 4)


def test_lazy_phases_run_at_every_nth_step(engine):
    run = engine(term=("gradient-penalty",), **{"term.gradient-penalty.every": 3})
    due = []
    for _ in range(7):
        run.step()
        due.append("gradient-penalty/gradient-penalty" in run.meter.read())
    assert due == [True, False, False, True, False, False, True]


@pytest.mark.parametrize(
    "split", [{"run.accumulate": 4}, {"run.micro_batch_size": 2}, {"run.micro_batch_size": 3}], ids=str
)
def test_accumulation_equals_the_whole_batch(engine, split):
    settings = {"discriminator.norm": "none", "generator": "mlp", "run.batch_size": 8}
    whole, parts = engine(**settings), engine(**settings, **split)
    for run in (whole, parts):
        run.step()
    for name, weight in weights(whole).items():
        assert torch.allclose(weight, weights(parts)[name], atol=2e-4), name


@pytest.mark.parametrize(
    ("split", "sizes"),
    [
        ({"micro_batch_size": 3}, [2, 3, 3]),
        ({"micro_batch_size": 9}, [8]),
        ({"micro_batch_size": 4, "accumulate": 4}, [2, 2, 2, 2]),
    ],
)
def test_no_micro_batch_is_larger_than_its_setting(engine, split, sizes):
    run, seen = engine(**{"run.batch_size": 8, **{f"run.{name}": value for name, value in split.items()}}), []
    losses = run.phases[0].losses
    run.phases = (replace(run.phases[0], losses=lambda batch: seen.append(len(batch.images)) or losses(batch)),)
    run.step()
    assert sorted(seen) == sizes


def test_learning_rates_depend_on_the_images_seen_before_the_step(engine):
    run, rates = engine(**{"run.images": 12, "optimizer.generator.schedule": "linear"}), []  # three steps of 4
    for _ in range(3):
        run.step()
        rates.append(run.players["generator"].optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([rates[0], rates[0] * 2 / 3, rates[0] / 3])
    assert rates[0] == run.players["generator"].settings.lr


@pytest.mark.parametrize(
    ("settings", "pack", "edges"),
    [
        ({"accumulate": 5}, 2, [0, 2, 4, 8, 10, 12]),
        ({"micro_batch_size": 5}, 2, [0, 4, 8, 12]),
        ({"micro_batch_size": 1}, 3, [0, 3, 6, 9, 12]),
        ({"accumulate": 12}, 4, [0, 4, 8, 12]),
        ({"batch_size": 11, "accumulate": 2}, 3, [0, 6, 11]),
        ({"batch_size": 2}, 3, [0, 2]),
    ],
)
def test_packs_stay_whole_where_a_batch_is_split(settings, pack, edges):
    assert RunSettings(**{"batch_size": 12, **settings}).edges(pack) == edges


def test_values_of_unequal_parts_equal_those_of_the_whole(engine):
    settings = {"discriminator.norm": "none", "generator": "mlp", "run.batch_size": 8}
    whole, parts = (engine(**settings, **split) for split in ({}, {"run.micro_batch_size": 3}))
    for run in (whole, parts):
        run.step()
    ours, theirs = whole.meter.read(), parts.meter.read()
    assert theirs["discriminator/loss"] == pytest.approx(ours["discriminator/loss"], rel=1e-5)


def test_a_loss_that_is_not_a_tensor_is_named(engine):
    run = engine()
    run.phases = (replace(run.phases[0], losses=lambda batch: {"loss": 1.0}),)
    with pytest.raises(BadComponent, match="loss discriminator/loss is a float, not a tensor"):
        run.step()


def test_clipping_bounds_the_step_of_plain_descent(engine):
    run = engine(**{"run.clip": 1e-3, "optimizer.discriminator.name": "sgd", "optimizer.discriminator.lr": 1.0,
                    "optimizer.discriminator.beta1": 0.0})  # fmt: skip
    before = weights(run)
    run.phases = run.phases[:1]
    run.step()
    change = torch.cat([(w - before[n]).flatten() for n, w in weights(run).items()])
    assert change.norm().item() == pytest.approx(1e-3, rel=1e-2)


def test_players_have_their_own_rate(engine):
    run = engine(**{"optimizer.generator.lr": 1e-3, "optimizer.discriminator.lr": 4e-3})
    run.step()
    rates = {name: player.optimizer.param_groups[0]["lr"] for name, player in run.players.items()}
    assert rates == {"generator": 1e-3, "discriminator": 4e-3}


def test_bf16_stays_close_to_float32(engine):
    full, half = (engine(**{"run.precision": p, "term": ("gradient-penalty",)}) for p in ("fp32", "bf16"))
    for run in (full, half):
        run.step()
    ours, theirs = full.meter.read(), half.meter.read()
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert theirs[name] == pytest.approx(value, rel=0.05, abs=0.05), name


def test_frozen_weights_stay_frozen(engine, build, catalogue):
    from ganzoo.assembly.build import build_engine

    parts = build()
    frozen = next(parts.trainer.players["discriminator"].parameters()).requires_grad_(False)
    before = frozen.clone()
    run = build_engine(parts, catalogue)
    run.step()
    assert torch.equal(frozen, before)
    assert not frozen.requires_grad


def test_constraints_hold_after_every_step(engine):
    run = engine(constraint=("weight-clipping",), **{"constraint.weight-clipping.limit": 0.02})
    for _ in range(2):
        run.step()
    assert max(w.abs().max().item() for w in run.players["discriminator"].parameters) <= 0.02


def test_evaluating_losses_changes_no_weight(engine):
    run = engine()
    before = weights(run)
    for phase in run.phases:
        assert isinstance(phase, Phase)
        assert all(torch.isfinite(loss) for loss in run.losses(phase).values())
    assert moved(run, before) == set()


def test_the_average_follows_the_generator(engine):
    run = engine(**{"run.ema_half_life": 1000, "run.ema_rampup": 1000.0})
    average = run.averages["generator"].module
    first = [w.clone() for w in average.parameters()]
    for _ in range(3):
        run.step()
    for start, now, goal in zip(first, average.parameters(), run.players["generator"].module.parameters(), strict=True):
        assert (now - start).norm() < (goal - start).norm()


def average_after(run, steps):
    """Return the average after some steps, if it starts at 1 and its original stays at 0."""
    ours, theirs = run.averages["generator"].module, run.players["generator"].module
    run.phases = tuple(phase for phase in run.phases if phase.player != "generator")
    with torch.no_grad():
        for average, original in zip(ours.parameters(), theirs.parameters(), strict=True):
            average.fill_(1.0)
            original.zero_()
    for _ in range(steps):
        run.step()
    return torch.cat([average.flatten() for average in ours.parameters()])


@pytest.mark.parametrize("discriminator_steps", [1, 2, 5])
def test_after_its_half_life_in_images_the_average_is_halfway(engine, discriminator_steps):
    half_life = 3 * discriminator_steps * 4
    ema = {"run.ema_half_life": half_life, "run.ema_rampup": 1000.0}
    run = engine(**ema, **{"trainer.discriminator_steps": discriminator_steps})
    left = average_after(run, 3)
    assert run.images_seen == half_life
    torch.testing.assert_close(left, torch.full_like(left, 0.5))


@pytest.mark.parametrize("discriminator_steps", [1, 3])
def test_the_half_life_is_at_most_a_share_of_the_images_seen(engine, discriminator_steps):
    """After n steps of m images half-lives were r m, 2 r m ... n r m: the average has 0.5^((1 + 1/2 ... 1/n) / r)."""
    ema = {"run.ema_half_life": 1_000_000, "run.ema_rampup": 1.5}
    left = average_after(engine(**ema, **{"trainer.discriminator_steps": discriminator_steps}), 2)
    torch.testing.assert_close(left, torch.full_like(left, 0.5))


def test_memory_does_not_grow_with_the_length_of_a_run(engine):
    import gc

    run = engine(generator="mlp", discriminator="mlp", **{"run.images": 100_000, "run.workers": 0})
    counts = []
    for step in range(2_000):
        run.step()
        if step in (500, 1_999):
            run.meter.read()
            gc.collect()
            counts.append(sum(isinstance(thing, torch.Tensor) for thing in gc.get_objects()))
    assert counts[1] <= counts[0] + 5


def test_random_numbers_of_layers_differ_from_the_latents(engine):
    """Equal noise would bypass the network, and style mixing would mix a style with itself."""
    run = engine()
    module, drawn = run.players["generator"].module, []
    module.register_forward_pre_hook(lambda _, given: drawn.append((given[0].clone(), torch.randn_like(given[0]))))
    run.step()
    for latents, of_layers in drawn:
        assert (latents - of_layers).abs().max() > 0.1
