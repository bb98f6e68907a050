"""The progress of a training run on a terminal and in a pipe."""

import math
import string
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ganzoo.cli.panel import (
    BARS,
    Panel,
    PlainLines,
    describe_memory,
    format_line,
    make_display,
    seconds_left,
    sparkline,
)
from ganzoo.training.callbacks import MetricsEvent
from ganzoo.training.health.rules import WARMUP_STEPS

series = st.lists(st.floats(-1e30, 1e30), max_size=200)
FOLDER = Path("runs/0007-dcgan-sprites")


def event(images, **values):
    return MetricsEvent(images, 8_000, images // 64, images / 100, 100.0, {**values})


def panel(console):
    return Panel("dcgan-sprites", 8_000, FOLDER, "a device", console=console)


def drawn(shown, width=90):
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(shown.render())
    return captured.get()


@given(values=series, width=st.integers(1, 80))
def test_a_sparkline_fits_its_width_and_uses_bars_only(values, width):
    text = sparkline(values, width)
    assert len(text) == min(len(values), width)
    assert set(text) <= set(BARS)


@given(values=st.lists(st.integers(-1000, 1000), min_size=2, max_size=60, unique=True))
def test_the_lowest_value_is_the_smallest_bar_and_the_highest_the_largest(values):
    text = sparkline(values, 100)
    assert text[values.index(min(values))] == BARS[0]
    assert text[values.index(max(values))] == BARS[-1]


@given(values=st.lists(st.integers(-1000, 1000), min_size=2, max_size=60))
def test_a_sparkline_keeps_the_order_of_its_values(values):
    heights = [BARS.index(bar) for bar in sparkline(values, 100)]
    ordered = sorted(range(len(values)), key=lambda i: values[i])
    assert all(heights[a] <= heights[b] for a, b in pairwise(ordered))


def test_a_sparkline_shows_the_course_of_values():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == BARS
    assert sparkline([0, 0, 7, 7], 2) == "▁█"
    assert sparkline([3, 3, 3], 8) == "▁▁▁"
    assert sparkline([0, math.nan, 7], 8) == "▁ █"
    assert sparkline([math.inf], 8) == " "
    assert sparkline([], 8) == ""


def test_the_time_left_follows_from_the_pace():
    assert seconds_left(event(2_000)) == 60.0
    assert seconds_left(replace(event(2_000), limit=event(2_000).seconds + 7.0)) == 7.0
    assert math.isinf(seconds_left(MetricsEvent(0, 10, 0, 0.0, 0.0, {})))


def test_memory_is_described_in_words():
    assert describe_memory().endswith(("GiB of memory", "GiB of GPU memory"))


def test_a_logged_step_is_one_line():
    text = format_line(event(4_000, **{"discriminator/loss": 1.23456, "generator/loss": -0.5}))
    assert text == "  4,000 / 8,000 images   50%     100/s     0:40 left  discriminator/loss 1.235  generator/loss -0.5"


def test_the_panel_shows_the_run_its_values_and_the_folder_of_samples():
    shown = panel(Console(width=90))
    for images in range(1_000, 5_000, 1_000):
        shown.on_metrics(event(images, **{"discriminator/loss": images / 1_000}))
    text = drawn(shown)
    assert "dcgan-sprites" in text
    assert "discriminator/loss" in text
    assert "▁▃▆█" in text
    assert "4,000 / 8,000 images" in text
    assert "50%" in text
    assert "100 images/s" in text
    assert f"samples in {FOLDER / 'samples'}" in text
    assert "a device" in text


def test_the_panel_can_be_drawn_before_the_first_logged_step():
    assert "waiting for the first logged values" in drawn(panel(Console(width=90)))


@pytest.mark.parametrize("width", [30, 60, 200])
def test_the_panel_fits_any_terminal(width):
    shown = panel(Console(width=width))
    shown.on_metrics(event(1_000, **{"discriminator/a-rather-long-name-of-a-term": 1.0}))
    assert max(map(len, drawn(shown, width).splitlines())) <= width


def test_names_are_shown_as_they_are():
    shown = Panel("[red]run[/]", 8_000, FOLDER, "[bold]device", console=Console(width=90))
    shown.on_metrics(event(1_000, **{"[blue]term": 1.0}))
    text = drawn(shown)
    assert all(name in text for name in ("[red]run[/]", "[bold]device", "[blue]term"))


def late_event(**values):
    """A logged step of a run old enough for health levels."""
    return MetricsEvent(4_000, 8_000, WARMUP_STEPS, 40.0, 100.0, {**values})


ILL = {"discriminator/loss": 1.0, "health/spread": 0.95, "health/distinct": 0.1, "health/noise": 0.5}


def test_health_is_shown_in_words_below_the_losses():
    shown = panel(Console(width=90))
    shown.on_metrics(late_event(**{**dict(reversed(ILL.items()))}))
    lines = drawn(shown).splitlines()
    words = {name: next(text for text in lines if name in text) for name in ILL}
    for name, word in (("spread", "ok"), ("distinct", "alarm"), ("noise", "watch")):
        assert word in words[f"health/{name}"]
    assert lines.index(words["discriminator/loss"]) < min(lines.index(words[name]) for name in ILL if "health" in name)


def test_health_has_colours():
    console = Console(width=90, color_system="truecolor", force_terminal=True)
    shown = panel(console)
    shown.on_metrics(late_event(**ILL))
    with console.capture() as captured:
        console.print(shown.render())
    text = captured.get()
    assert "\x1b[32mok" in text
    assert "\x1b[33mwatch" in text
    assert "\x1b[1;31malarm" in text


def test_a_health_level_stays_until_the_next_value():
    shown = panel(Console(width=90))
    shown.on_metrics(late_event(**ILL))
    shown.on_metrics(late_event(**{"discriminator/loss": 2.0}))
    assert "alarm" in drawn(shown)


def test_a_young_run_is_shown_without_health_levels():
    shown = panel(Console(width=90))
    shown.on_metrics(event(64, **ILL))
    assert "health/distinct" in drawn(shown)
    assert "alarm" not in drawn(shown)


def test_a_line_names_health_levels_that_are_not_ok(capsys):
    PlainLines(Console()).on_metrics(late_event(**ILL))
    out = capsys.readouterr().out
    assert "health/spread 0.95  health/distinct 0.1 (alarm)  health/noise 0.5 (watch)" in out


def test_the_last_state_stays_when_the_panel_closes(capsys):
    console = Console(force_terminal=True, width=90, color_system=None)
    with panel(console) as shown:
        shown.on_metrics(event(8_000, loss=1.0))
        shown.on_sample_sheet(8_000)
        shown.on_checkpoint(8_000)
    assert "8,000 / 8,000 images" in capsys.readouterr().out.rsplit("╭", 1)[-1]


def test_an_error_closes_the_panel_and_propagates(capsys):
    def diverge():
        with panel(Console(force_terminal=True, width=90)) as shown:
            shown.on_metrics(event(1_000, loss=1.0))
            raise RuntimeError("diverged")

    with pytest.raises(RuntimeError, match="diverged"):
        diverge()
    assert capsys.readouterr().out.endswith("\x1b[?25h")  # the cursor is back


def test_a_pipe_gets_plain_lines(capsys):
    callback = make_display(Console(), title="x", total=8_000, folder=FOLDER, device_name="cpu")
    assert isinstance(callback, PlainLines)
    with callback:
        assert capsys.readouterr().out == ""  # nothing trains yet: a resumed run may still be refused
        callback.on_start(0)
        callback.on_metrics(event(1_000, **{f"term-{letter}": 1.0 for letter in string.ascii_lowercase}))
        callback.on_sample_sheet(1_000)
        callback.on_checkpoint(1_000)
    heading, line = capsys.readouterr().out.splitlines()
    assert heading == f"Training x in {FOLDER}, on cpu."
    assert "term-a 1" in line


def test_a_terminal_gets_the_panel():
    console = Console(force_terminal=True)
    assert isinstance(make_display(console, title="x", total=1, folder=FOLDER, device_name="cpu"), Panel)
