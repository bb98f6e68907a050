"""Curves stay in their box, have round numbers at the axes, and leave out values that are not finite."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzoo.report.curves import (
    HEIGHT,
    HOVER,
    LEFT,
    NOISY,
    POINTS,
    RIGHT,
    WIDTH,
    Curve,
    choose_ticks,
    collect_curves,
    moving_average,
    svg,
    thin,
)

finite = st.floats(-1e30, 1e30)
courses = st.lists(finite, min_size=1, max_size=60).map(lambda values: [(64.0 * i, v) for i, v in enumerate(values)])


def drawn(points, name="loss"):
    return ET.fromstring(svg(Curve(name, tuple(points)), max(x for x, _ in points)))


def places(figure):
    for line in figure.iter("polyline"):
        for pair in line.get("points").split():
            yield tuple(map(float, pair.split(",")))


@given(points=courses)
def test_a_curve_stays_in_its_box(points):
    for x, y in places(drawn(points)):
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


@given(points=courses)
def test_more_images_are_further_right_and_larger_values_higher_up(points):
    points = points[: NOISY - 1]
    found = list(places(drawn(points)))
    assert [x for x, _ in found] == sorted(x for x, _ in found)
    ordered = sorted(range(len(points)), key=lambda i: points[i][1])
    assert all(found[a][1] >= found[b][1] for a, b in pairwise(ordered))


@given(low=finite, size=st.floats(1e-6, 1e6), at_most=st.integers(2, 8))
def test_ticks_are_round_evenly_spaced_within_and_few(low, size, at_most):
    reach = size * max(abs(low), 1.0)
    marks = choose_ticks(low, low + reach, at_most)
    assert len(marks) <= at_most
    assert all(low - 1e-6 * reach <= mark <= low + 1.000001 * reach for mark in marks)
    assert marks == sorted(set(marks))


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [(0, 1, [0.0, 0.5, 1.0]), (0, 4_000, [0, 1_000, 2_000, 3_000, 4_000]), (-45, -5, [-40, -30, -20, -10])],
)
def test_ticks_are_those_a_person_would_choose(low, high, marks):
    assert choose_ticks(low, high, 5 if high == 4_000 else 4) == marks


def test_logged_values_become_a_curve_per_name_in_order_of_appearance():
    metrics = [
        {"images": 64, "step": 1, "seconds": 0.1, "loss": 1.0, "images_per_second": 5.0},
        {"images": 128, "step": 2, "seconds": 0.2, "loss": math.nan, "late": 3.0},
        {"images": 192, "step": 3, "seconds": 0.3, "loss": 2.0, "late": math.inf},
    ]
    assert collect_curves(metrics) == [
        Curve("loss", ((64.0, 1.0), (192.0, 2.0))),
        Curve("images_per_second", ((64.0, 5.0),)),
        Curve("late", ((128.0, 3.0),)),
    ]
    assert collect_curves([]) == []


def test_thinning_keeps_the_mean_and_the_limit():
    points = [(float(i), float(i % 7)) for i in range(10 * POINTS)]
    few = thin(points, POINTS)
    assert len(few) == POINTS
    assert math.isclose(sum(y for _, y in few) / POINTS, sum(y for _, y in points) / len(points))
    assert thin(points[:5], POINTS) == points[:5]


def test_averaging_leaves_a_straight_line_and_both_ends_alone():
    line = [(float(i), 3.0 * i - 7.0) for i in range(30)]
    assert all(math.isclose(a[1], b[1], abs_tol=1e-9) for a, b in zip(moving_average(line, 4), line, strict=True))
    rough = [(float(i), float((-1) ** i)) for i in range(30)]
    assert (moving_average(rough, 4)[0], moving_average(rough, 4)[-1]) == (rough[0], rough[-1])


def test_a_noisy_series_shows_points_and_their_average():
    assert len(list(drawn([(i, i % 3) for i in range(NOISY)]).iter("polyline"))) == 2
    assert len(list(drawn([(i, i % 3) for i in range(NOISY - 1)]).iter("polyline"))) == 1


def test_each_point_of_a_short_series_shows_its_value():
    titles = [title.text for title in drawn([(0, 0.125), (64_000, 2.0)]).iter("title")]
    assert titles == ["0.125 at 0 images", "2 at 64k images"]
    assert not list(drawn([(i, i) for i in range(HOVER + 1)]).iter("title"))


@pytest.mark.parametrize("points", [[(0, 0.0)], [(64, 1e-30), (128, 1e-30)], [(64, -5.0)] * 3, [(0, 3e38), (1, -3e38)]])
def test_a_series_without_any_extent_is_drawn_too(points):
    assert "nan" not in svg(Curve("loss", tuple(points)), 128.0)


def test_names_cannot_break_out():
    text = svg(Curve('"><script>alert(1)</script>', ((0.0, 1.0),)), 64.0)
    assert "<script" not in text
    assert re.search(r'aria-label="&quot;&gt;&lt;script&gt;', text)


def test_curves_of_one_run_share_an_axis():
    early = Curve("early", ((500.0, 1.0), (1_000.0, 2.0)))
    assert max(x for x, _ in places(ET.fromstring(svg(early, 2_000.0)))) == pytest.approx((LEFT + WIDTH - RIGHT) / 2)
