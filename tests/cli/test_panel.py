"""What is drawn while a run trains."""

import math
import string
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ganzoo.cli.panel import BARS, Panel, PlainLines, left, line, make_display, memory, sparkline
from ganzoo.training.health.rules import YOUNG
from ganzoo.training.loop import LateMetrics, MetricsEvent

series = st.lists(st.floats(-1e30, 1e30), max_size=200)
FOLDER = Path("runs/0007-dcgan-sprites")


def event(images, **values):
    return MetricsEvent(images, 8_000, images // 64, images / 100, 100.0, {**values})


def panel(console):
    return Panel("dcgan-sprites", 8_000, FOLDER, "a device", console=console)


def drawn(watched, width=90):
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(watched.picture())
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


def test_a_sparkline_is_drawn():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == BARS
    assert sparkline([0, 0, 7, 7], 2) == "▁█"
    assert sparkline([3, 3, 3], 8) == "▁▁▁"
    assert sparkline([0, math.nan, 7], 8) == "▁ █"
    assert sparkline([math.inf], 8) == " "
    assert sparkline([], 8) == ""


def test_the_time_left_follows_from_the_pace():
    assert left(event(2_000)) == 60.0
    assert left(replace(event(2_000), limit=event(2_000).seconds + 7.0)) == 7.0
    assert math.isinf(left(MetricsEvent(0, 10, 0, 0.0, 0.0, {})))


def test_memory_is_told_in_words():
    assert memory().endswith(("GiB of memory", "GiB of GPU memory"))


def test_a_reading_is_one_line():
    text = line(event(4_000, **{"discriminator/loss": 1.23456, "generator/loss": -0.5}))
    assert text == "  4,000 / 8,000 images   50%     100/s     0:40 left  discriminator/loss 1.235  generator/loss -0.5"


def test_the_panel_names_the_run_its_terms_and_where_the_samples_are():
    watched = panel(Console(width=90))
    for images in range(1_000, 5_000, 1_000):
        watched.on_metrics(event(images, **{"discriminator/loss": images / 1_000}))
    text = drawn(watched)
    assert "dcgan-sprites" in text
    assert "discriminator/loss" in text
    assert "▁▃▆█" in text
    assert "4,000 / 8,000 images" in text
    assert "50%" in text
    assert "100 images/s" in text
    assert f"samples in {FOLDER / 'samples'}" in text
    assert "a device" in text


def test_the_panel_can_be_drawn_before_the_first_reading():
    assert "the first reading is on its way" in drawn(panel(Console(width=90)))


@pytest.mark.parametrize("width", [30, 60, 200])
def test_the_panel_fits_any_terminal(width):
    watched = panel(Console(width=width))
    watched.on_metrics(event(1_000, **{"discriminator/a-rather-long-name-of-a-term": 1.0}))
    assert max(map(len, drawn(watched, width).splitlines())) <= width


def test_names_are_shown_as_they_are():
    watched = Panel("[red]run[/]", 8_000, FOLDER, "[bold]device", console=Console(width=90))
    watched.on_metrics(event(1_000, **{"[blue]term": 1.0}))
    text = drawn(watched)
    assert all(name in text for name in ("[red]run[/]", "[bold]device", "[blue]term"))


def grown(**values):
    """A tick of a run old enough to be judged."""
    return MetricsEvent(4_000, 8_000, YOUNG, 40.0, 100.0, {**values})


ILL = {"discriminator/loss": 1.0, "health/spread": 0.95, "health/distinct": 0.1, "health/noise": 0.5}


def test_health_is_shown_in_words_below_the_terms():
    watched = panel(Console(width=90))
    watched.on_metrics(grown(**{**dict(reversed(ILL.items()))}))
    lines = drawn(watched).splitlines()
    words = {name: next(text for text in lines if name in text) for name in ILL}
    for name, word in (("spread", "ok"), ("distinct", "alarm"), ("noise", "watch")):
        assert word in words[f"health/{name}"]
    assert lines.index(words["discriminator/loss"]) < min(lines.index(words[name]) for name in ILL if "health" in name)


def test_health_has_colours():
    console = Console(width=90, color_system="truecolor", force_terminal=True)
    watched = panel(console)
    watched.on_metrics(grown(**ILL))
    with console.capture() as captured:
        console.print(watched.picture())
    text = captured.get()
    assert "\x1b[32mok" in text
    assert "\x1b[33mwatch" in text
    assert "\x1b[1;31malarm" in text


def test_a_verdict_stays_until_the_next_reading():
    watched = panel(Console(width=90))
    watched.on_metrics(grown(**ILL))
    watched.on_metrics(grown(**{"discriminator/loss": 2.0}))
    assert "alarm" in drawn(watched)


def test_a_young_run_is_shown_without_verdicts():
    watched = panel(Console(width=90))
    watched.on_metrics(event(64, **ILL))
    assert "health/distinct" in drawn(watched)
    assert "alarm" not in drawn(watched)


def test_a_line_names_what_is_not_well(capsys):
    PlainLines(Console()).on_metrics(grown(**ILL))
    said = capsys.readouterr().out
    assert "health/spread 0.95  health/distinct 0.1 (alarm)  health/noise 0.5 (watch)" in said


def test_late_readings_are_shown_with_their_images(capsys):
    PlainLines(Console()).on_late_metrics(LateMetrics(4_000, 125, {"eval/fd": 12.5}))
    assert capsys.readouterr().out.split() == ["4,000", "images", "eval/fd", "12.5"]
    watched = panel(Console(width=90))
    watched.on_late_metrics(LateMetrics(4_000, 125, {"eval/fd": 12.5}))
    assert "eval/fd" in drawn(watched)


def test_the_last_picture_stays_when_the_panel_closes(capsys):
    console = Console(force_terminal=True, width=90, color_system=None)
    with panel(console) as watched:
        watched.on_metrics(event(8_000, loss=1.0))
        watched.sheet(8_000)
        watched.checkpoint(8_000)
    assert "8,000 / 8,000 images" in capsys.readouterr().out.rsplit("╭", 1)[-1]


def test_an_error_closes_the_panel_and_goes_on(capsys):
    def diverge():
        with panel(Console(force_terminal=True, width=90)) as watched:
            watched.on_metrics(event(1_000, loss=1.0))
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
    heading, reading = capsys.readouterr().out.splitlines()
    assert heading == f"Training x in {FOLDER}, on cpu."
    assert "term-a 1" in reading


def test_a_terminal_gets_the_panel():
    console = Console(force_terminal=True)
    assert isinstance(make_display(console, title="x", total=1, folder=FOLDER, device_name="cpu"), Panel)
