"""The loop strikes at fixed counts of images, and ends for a stated reason."""

import signal
from dataclasses import replace

import pytest
import torch

from ganzoo.engine.loop import Late, Observer, fit
from ganzoo.engine.signals import Wish
from ganzoo.errors import Diverged


class Notes(Observer):
    def __init__(self):
        self.ticks, self.sheets, self.saves = [], [], []

    def tick(self, tick):
        self.ticks.append(tick)

    def sheet(self, images):
        self.sheets.append(images)

    def checkpoint(self, images):
        self.saves.append(images)


EVERY = {"run.images": 40, "run.log_every": 8, "run.sample_every": 16, "run.checkpoint_every": 20}


def test_readings_sheets_and_checkpoints_come_at_their_intervals(engine):
    notes = Notes()
    assert fit(engine(**EVERY), [notes], Wish()) == "images"
    assert [tick.images for tick in notes.ticks] == [8, 16, 24, 32, 40]
    assert notes.sheets == [0, 16, 32, 40]
    assert notes.saves == [20, 40]


class Counting(Observer):
    def __init__(self, told):
        self.told = told

    def readings(self, images):
        return {"seen": float(images)}

    def tick(self, tick):
        self.told.append(tick.values["seen"])


def test_an_observers_readings_are_in_the_tick_that_all_are_told(engine):
    first, last = Notes(), []
    fit(engine(**EVERY), [first, Counting(last)], Wish())
    assert [tick.values["seen"] for tick in first.ticks] == last == [8, 16, 24, 32, 40]


def test_a_wish_ends_the_run_after_the_step_and_saves(engine):
    notes, wish = Notes(), Wish(signal.SIGTERM)
    assert fit(engine(**EVERY), [notes], wish) == "signal"
    assert (notes.sheets, notes.saves) == ([0, 4], [4])


@pytest.fixture
def second_a_look(monkeypatch):
    """Let a second pass between any two looks at the clock."""
    clock = iter(range(10**6))
    monkeypatch.setattr("ganzoo.engine.loop.time.monotonic", lambda: float(next(clock)))


def test_a_crash_costs_some_minutes_at_most_unless_the_run_says_otherwise(engine, second_a_look, monkeypatch):
    monkeypatch.setattr("ganzoo.engine.loop.UNSAVED_SECONDS", 20.0)
    seldom, often = Notes(), Notes()
    fit(engine(**{**EVERY, "run.checkpoint_every": 10_000, "run.images": 400}), [seldom], Wish())
    fit(engine(**{"run.images": 400, "run.log_every": 8, "run.sample_every": 1000}), [often], Wish())
    assert seldom.saves == [400]
    assert {100, 200, 300, 400} < set(often.saves)
    gaps = [after - before for before, after in zip(often.saves, often.saves[1:], strict=False)]
    assert max(gaps) <= 4 * 20


def test_sheets_are_spread_over_the_time_of_a_run_that_has_one(engine, second_a_look):
    notes = Notes()
    assert fit(engine(**{"run.images": 10**6, "run.time": 240.0}), [notes], Wish()) == "time"
    assert 11 <= len(notes.sheets) <= 14


def test_time_ends_the_run(engine):
    notes = Notes()
    assert fit(engine(**EVERY, **{"run.time": 1e-9}), [notes], Wish()) == "time"
    assert notes.saves == [4]


def test_a_term_that_is_not_finite_ends_the_run(engine):
    run = engine(**EVERY)
    with torch.no_grad():
        run.players["discriminator"].parameters[0].fill_(float("inf"))
    with pytest.raises(Diverged, match="critic/loss was the first term that is not finite"):
        fit(run, [], Wish())


def test_the_term_that_broke_first_is_named_even_if_a_checkpoint_comes_before_the_reading(engine):
    run = engine(**{**EVERY, "run.log_every": 1000, "run.checkpoint_every": 8})
    critic = run.phases[0]

    def with_mine(batch):
        terms = critic.terms(batch)
        return {**terms, "mine": terms["loss"] * float("nan")}

    run.phases = (replace(critic, terms=with_mine), *run.phases[1:])
    notes = Notes()
    with pytest.raises(Diverged, match="critic/mine was the first .*no matter of the rate"):
        fit(run, [notes], Wish())
    assert notes.saves == []


@pytest.mark.parametrize(("saved", "then"), [(0, "train anew"), (8, "resume")])
@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_the_cure_lowers_the_rate_of_whose_term_broke_and_resumes_where_something_was_saved(
    engine, player, saved, then
):
    run = engine(**{**EVERY, "run.log_every": 1000, "run.checkpoint_every": 8})
    number = ["discriminator", "generator"].index(player)
    phase = run.phases[number]

    def breaking(batch):
        terms = phase.terms(batch)
        return {**terms, "mine": terms["loss"] * (float("nan") if run.images_seen > saved + 4 else 1.0)}

    run.phases = tuple(replace(p, terms=breaking) if p is phase else p for p in run.phases)
    rate = run.players[player].settings.lr
    with pytest.raises(Diverged) as diverged:
        fit(run, [], Wish())
    assert str(diverged.value).endswith(f"Lower the rate (--set optimizer.{player}.lr={rate / 2:g}) and {then}.")


class Slow(Observer):
    """Reads at every tick, and is done with it only when somebody waits."""

    def __init__(self):
        self.begun, self.settled = [], []

    def readings(self, images):
        self.begun.append(images)
        return {}

    def overdue(self, until):
        done = [images for images in self.begun if images <= until]
        self.begun = [images for images in self.begun if images > until]
        self.settled += [(until, images) for images in done]
        return [Late(images, images // 4, {"slow": float(images)}) for images in done]


class Told(Observer):
    def __init__(self):
        self.late_ones, self.begun = [], []

    def begin(self, images):
        self.begun.append(images)

    def late(self, late):
        self.late_ones.append((late.images, late.values["slow"]))


def test_late_readings_come_before_the_checkpoint_that_follows_them_and_at_the_end(engine):
    slow, told = Slow(), Told()
    fit(engine(**EVERY), [slow, told], Wish())
    assert told.begun == [0]
    assert told.late_ones == [(images, images) for images in (8, 16, 24, 32, 40)]
    assert slow.settled == [(19, 8), (19, 16), (39, 24), (39, 32), (40, 40)]


def test_a_run_that_diverges_waits_for_what_was_begun(engine):
    slow, told = Slow(), Told()
    run = engine(**EVERY)

    class Poison(Observer):
        def tick(self, tick):
            with torch.no_grad():
                run.players["discriminator"].parameters[0].fill_(float("inf"))

    with pytest.raises(Diverged):
        fit(run, [slow, told, Poison()], Wish())
    assert told.late_ones == [(8, 8)]
