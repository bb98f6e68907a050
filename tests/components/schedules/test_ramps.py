"""Values of schedules in closed form, and the refusal of impossible settings."""

import math
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzoo.components.schedules.ramps import (
    AugmentationProbability,
    Beta2,
    EmaHalfLife,
    LearningRate,
    Ramp,
    TermWeight,
)
from ganzoo.errors import BadSetting

SHAPES = ["cosine", "linear", "exponential"]
SCHEDULES = [LearningRate, Beta2, TermWeight, EmaHalfLife, AugmentationProbability]
shapes = pytest.mark.parametrize("shape", SHAPES)
schedules = pytest.mark.parametrize("schedule_class", SCHEDULES, ids=lambda p: p.__name__)


@pytest.mark.parametrize(
    ("shape", "quarter", "middle"),
    [
        ("cosine", 1 + 8 * (1 - math.cos(math.pi / 4)) / 2, 5.0),
        ("linear", 3.0, 5.0),
        ("exponential", math.sqrt(3), 3.0),
    ],
)
def test_values_at_the_beginning_a_quarter_the_middle_and_the_end(shape, quarter, middle):
    schedule = Ramp(start=1.0, end=9.0, begin=100, over=400, shape=shape)
    assert [schedule.value(seen, 7.0) for seen in (100, 200, 300, 500)] == pytest.approx([1.0, quarter, middle, 9.0])


@shapes
def test_the_value_is_constant_before_and_after(shape):
    schedule = Ramp(start=0.9, end=0.99, begin=100, over=400, shape=shape)
    assert {schedule.value(seen, 7.0) for seen in (0, 50, 100)} == {0.9}
    assert {schedule.value(seen, 7.0) for seen in (500, 501, 2**62)} == {0.99}


@shapes
def test_the_configured_value_is_the_default_start(shape):
    assert Ramp(end=0.1, over=10, shape=shape).value(0, 3.0) == 3.0


@given(
    shape=st.sampled_from(SHAPES),
    ends=st.tuples(*[st.floats(1e-6, 1e6)] * 2),
    seen=st.tuples(*[st.integers(0, 3000)] * 2),
)
def test_values_are_monotonic(shape, ends, seen):
    schedule = Ramp(start=ends[0], end=ends[1], begin=500, over=1000, shape=shape)
    earlier, later = (schedule.value(s, 0.0) for s in sorted(seen))
    nearer = abs(later - ends[1]) <= abs(earlier - ends[1]) * (1 + 1e-9) + 1e-9 * max(ends)
    assert nearer
    slack = 1e-9 * max(ends)
    assert min(ends) - slack <= later <= max(ends) + slack


def test_r3gan_at_ten_of_twenty_million_images_is_half_way():
    seen = 10_000_000
    over = 20_000_000
    assert LearningRate(over=over).value(seen, 2e-4) == pytest.approx(1.25e-4)
    assert Beta2(over=over).value(seen, 0.9) == pytest.approx(0.945)
    assert TermWeight(end=0.005, over=over).value(seen, 0.05) == pytest.approx(0.0275)
    assert EmaHalfLife(end=5e6, over=over).value(seen, 0) == pytest.approx(2.5e6)
    assert AugmentationProbability(end=0.55, over=over).value(seen, 0) == pytest.approx(0.275)


def test_a_schedule_without_a_length_lasts_to_the_end_of_the_run():
    schedule = LearningRate(end=1e-4, begin=100, shape="linear").for_run(1_100)
    assert [schedule.value(seen, 2e-4) for seen in (100, 600, 1_100)] == pytest.approx([2e-4, 1.5e-4, 1e-4])
    assert LearningRate(over=50).for_run(1_100).over == 50


def test_a_schedule_that_begins_after_the_run_is_refused():
    with pytest.raises(BadSetting, match=r"begin = 1,000: the run ends after 1,000 images"):
        LearningRate(begin=1_000).for_run(1_000)


@pytest.mark.parametrize("weight", [0.05, 10.0])
def test_terms_fall_to_a_tenth_wherever_they_start(weight):
    """A fixed end would raise a weight that starts below it."""
    assert TermWeight(over=10).value(10**9, weight) == pytest.approx(weight / 10)
    assert TermWeight(start=2.0, over=10).value(10**9, weight) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("schedule", "path"),
    [
        (LearningRate(), "optimizer.discriminator.lr"),
        (Beta2(), "optimizer.generator.beta2"),
        (TermWeight(), "term.r2.weight"),
        (TermWeight(of=("lecam",)), "term.lecam.weight"),
        (EmaHalfLife(), "run.ema_half_life"),
        (AugmentationProbability(), "augmentation.ada.probability"),
    ],
)
def test_each_schedule_changes_the_setting_of_its_name(schedule, path):
    assert any(fnmatchcase(path, pattern) for pattern in schedule.patterns)


def test_only_the_named_terms_change():
    assert not any(fnmatchcase("term.lecam.weight", pattern) for pattern in TermWeight().patterns)


@schedules
@pytest.mark.parametrize("over", [0, -5])
def test_a_schedule_that_ends_before_it_begins_is_refused(schedule_class, over):
    with pytest.raises(BadSetting, match=rf"over = {over}: .*int >= 1") as refusal:
        schedule_class(over=over)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("schedule_class", "settings"),
    [
        (LearningRate, {"end": 0}),
        (LearningRate, {"start": -1e-4}),
        (LearningRate, {"end": math.nan}),
        (Beta2, {"end": 1.0}),
        (TermWeight, {"end": -1.0}),
        (TermWeight, {"of": ()}),
        (EmaHalfLife, {"end": -1}),
        (AugmentationProbability, {"end": 1.5}),
        (AugmentationProbability, {"begin": -1}),
        (AugmentationProbability, {"shape": "step"}),
    ],
)
def test_a_value_the_setting_cannot_take_is_refused_in_one_line(schedule_class, settings):
    with pytest.raises(BadSetting, match=next(iter(settings))) as refusal:
        schedule_class(**settings)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("settings", [{"end": 0.0}, {"start": 0.0, "end": 1.0}])
def test_an_exponential_schedule_through_zero_is_refused(settings):
    with pytest.raises(BadSetting, match="cannot pass through zero"):
        TermWeight(shape="exponential", **settings)


def test_an_exponential_schedule_cannot_start_from_a_setting_of_zero():
    schedule = AugmentationProbability(shape="exponential")
    with pytest.raises(BadSetting, match="starts from = 0"):
        schedule.value(0, 0.0)
