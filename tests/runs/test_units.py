"""Numbers formatted for people."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzoo.runs.units import format_count, format_duration, format_number


@pytest.mark.parametrize(
    ("images", "text"),
    [
        (0, "0"), (999, "999"), (4_032, "4,032"), (9_999, "9,999"), (10_000, "10k"), (12_840, "12.8k"),
        (200_000, "200k"), (999_949, "999.9k"), (999_950, "1M"), (1_500_000, "1.5M"), (1_234_000_000, "1,234M"),
        (115.7, "116"), (math.nan, "-"), (math.inf, "-"),
    ],
)  # fmt: skip
def test_numbers_of_images_are_short(images, text):
    assert format_count(images) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (725, "12:05"), (3_599.7, "1:00:00"), (10_921, "3:02:01"),
        (183_721, "2d 3:02:01"), (86_400, "1d 0:00:00"), (-3, "0:00"), (math.inf, "-"), (math.nan, "-"),
    ],
)  # fmt: skip
def test_durations(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.23456, "1.235"), (-13_730.4, "-13,730"), (1.2e-6, "1.2e-06"), (3e38, "3e+38"), (math.nan, "nan")],
)
def test_values_have_four_digits(value, text):
    assert format_number(value) == text


@given(images=st.integers(0, 10**12))
def test_a_short_number_is_right_to_its_last_digit(images):
    text = format_count(images).replace(",", "")
    size = {"k": 1e3, "M": 1e6}.get(text[-1], 1)
    digit = size / 10 if size > 1 else 1
    assert abs(float(text.rstrip("kM")) * size - images) <= digit / 2 + 1e-6 * images
