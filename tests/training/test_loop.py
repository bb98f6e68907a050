"""The loop calls its callbacks at fixed numbers of images, and returns why it ended."""

import signal
from dataclasses import replace

import pytest
import torch

from ganzoo.errors import Diverged
from ganzoo.training.callbacks import Callback
from ganzoo.training.loop import run_training
from ganzoo.training.signals import StopRequest


class Log(Callback):
    """Records the events of a run."""

    def __init__(self):
        self.events, self.sheets, self.saves = [], [], []

    def on_metrics(self, event):
        self.events.append(event)

    def on_sample_sheet(self, images):
        self.sheets.append(images)

    def on_checkpoint(self, images):
        self.saves.append(images)


EVERY = {"run.images": 40, "run.log_every": 8, "run.sample_every": 16, "run.checkpoint_every": 20}


def test_metrics_sheets_and_checkpoints_come_at_their_intervals(engine):
    log = Log()
    assert run_training(engine(**EVERY), [log], StopRequest()) == "images"
    assert [event.images for event in log.events] == [8, 16, 24, 32, 40]
    assert log.sheets == [0, 16, 32, 40]
    assert log.saves == [20, 40]


class Counting(Callback):
    """Logs a value of its own and records it from the events."""

    def __init__(self, recorded):
        self.recorded = recorded

    def metrics_to_log(self, images):
        return {"seen": float(images)}

    def on_metrics(self, event):
        self.recorded.append(event.values["seen"])


def test_a_callbacks_values_are_in_the_event_that_all_receive(engine):
    first, last = Log(), []
    run_training(engine(**EVERY), [first, Counting(last)], StopRequest())
    assert [event.values["seen"] for event in first.events] == last == [8, 16, 24, 32, 40]


def test_a_stop_request_ends_the_run_after_the_step_and_saves(engine):
    log, stop = Log(), StopRequest(signal.SIGTERM)
    assert run_training(engine(**EVERY), [log], stop) == "signal"
    assert (log.sheets, log.saves) == ([0, 4], [4])


@pytest.fixture
def slow_clock(monkeypatch):
    """Let a second pass between two readings of the clock."""
    clock = iter(range(10**6))
    monkeypatch.setattr("ganzoo.training.loop.time.monotonic", lambda: float(next(clock)))


def test_a_crash_costs_some_minutes_at_most_unless_an_interval_is_set(engine, slow_clock, monkeypatch):
    monkeypatch.setattr("ganzoo.training.loop.UNSAVED_SECONDS", 20.0)
    seldom, often = Log(), Log()
    run_training(engine(**{**EVERY, "run.checkpoint_every": 10_000, "run.images": 400}), [seldom], StopRequest())
    run_training(engine(**{"run.images": 400, "run.log_every": 8, "run.sample_every": 1000}), [often], StopRequest())
    assert seldom.saves == [400]
    assert {100, 200, 300, 400} < set(often.saves)
    gaps = [after - before for before, after in zip(often.saves, often.saves[1:], strict=False)]
    assert max(gaps) <= 4 * 20


def test_sheets_are_spread_over_the_time_limit_of_a_run(engine, slow_clock):
    log = Log()
    assert run_training(engine(**{"run.images": 10**6, "run.time": 240.0}), [log], StopRequest()) == "time"
    assert 11 <= len(log.sheets) <= 14


def test_time_ends_the_run(engine):
    log = Log()
    assert run_training(engine(**EVERY, **{"run.time": 1e-9}), [log], StopRequest()) == "time"
    assert log.saves == [4]


def test_a_loss_that_is_not_finite_ends_the_run(engine):
    run = engine(**EVERY)
    with torch.no_grad():
        run.players["discriminator"].parameters[0].fill_(float("inf"))
    with pytest.raises(Diverged, match="discriminator/loss was the first loss that is not finite"):
        run_training(run, [], StopRequest())


def test_the_loss_that_broke_first_is_named_even_if_a_checkpoint_comes_before_the_log(engine):
    run = engine(**{**EVERY, "run.log_every": 1000, "run.checkpoint_every": 8})
    discriminator = run.phases[0]

    def with_mine(batch):
        losses = discriminator.losses(batch)
        return {**losses, "mine": losses["loss"] * float("nan")}

    run.phases = (replace(discriminator, losses=with_mine), *run.phases[1:])
    log = Log()
    with pytest.raises(Diverged, match="discriminator/mine was the first .*lower learning rate does not help"):
        run_training(run, [log], StopRequest())
    assert log.saves == []


@pytest.mark.parametrize(("saved", "then"), [(0, "train again"), (8, "resume")])
@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_the_advice_lowers_the_rate_of_the_player_that_broke_and_resumes_from_a_checkpoint(engine, player, saved, then):
    run = engine(**{**EVERY, "run.log_every": 1000, "run.checkpoint_every": 8})
    number = ["discriminator", "generator"].index(player)
    phase = run.phases[number]

    def breaking(batch):
        losses = phase.losses(batch)
        return {**losses, "mine": losses["loss"] * (float("nan") if run.images_seen > saved + 4 else 1.0)}

    run.phases = tuple(replace(p, losses=breaking) if p is phase else p for p in run.phases)
    rate = run.players[player].settings.lr
    with pytest.raises(Diverged) as diverged:
        run_training(run, [], StopRequest())
    assert str(diverged.value).endswith(
        f"Lower the learning rate (--set optimizer.{player}.lr={rate / 2:g}) and {then}."
    )
