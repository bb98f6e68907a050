"""The loop strikes at fixed counts of images, and ends for a stated reason."""

import signal

import pytest
import torch

from ganzoo.engine.loop import Observer, fit
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


def test_time_ends_the_run(engine):
    notes = Notes()
    assert fit(engine(**EVERY, **{"run.time": 1e-9}), [notes], Wish()) == "time"
    assert notes.saves == [4]


def test_a_term_that_is_not_finite_ends_the_run(engine):
    run = engine(**EVERY)
    with torch.no_grad():
        run.players["discriminator"].parameters[0].fill_(float("inf"))
    with pytest.raises(Diverged, match="critic/loss is"):
        fit(run, [], Wish())
