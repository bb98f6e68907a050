"""What the readings mean: thresholds, patience, youth, history, and the line an alarm prints."""

import math
import re

import pytest

from ganzoo.registry.kinds import KINDS
from ganzoo.training.health.rules import RULES, STARVING, YOUNG, HealthMonitor


def after(values, name="health/distinct", **more):
    """The verdict on the last of a series of readings, and all lines said."""
    watch, said = HealthMonitor(), []
    for number, value in enumerate(values):
        extra = {key: series[number] for key, series in more.items()}
        said += watch.take(YOUNG + number, {name: value, **extra})
    return watch.levels.get(name), said


@pytest.mark.parametrize(
    ("name", "value", "level"),
    [("distinct", 1.3, "ok"), ("distinct", 0.6, "watch"), ("distinct", 0.4, "alarm"), ("spread", 0.1, "alarm"),
     ("noise", 0.0, "alarm"), ("noise", 1.0, "ok"), ("spread", math.inf, "alarm")],
)  # fmt: skip
def test_collapse_is_judged_at_once(name, value, level):
    assert after([value], f"health/{name}")[0] == level


def test_a_resumed_run_is_judged_by_all_its_readings():
    lengths = [1.0] * 5 + [0.004] * 12
    ticks = [{"step": YOUNG + n, "health/discriminator": 1.0, "health/gradient.generator": length}
             for n, length in enumerate(lengths)]  # fmt: skip
    unbroken = HealthMonitor(ticks)
    assert unbroken.levels["health/discriminator"] == "alarm"
    resumed = HealthMonitor(ticks[:8])
    told = [line for event in ticks[8:] for line in resumed.take(event["step"], event)]
    assert resumed.levels == unbroken.levels
    assert told == []  # it was said before


def test_a_young_run_is_not_judged():
    watch = HealthMonitor()
    assert watch.take(YOUNG - 1, {"health/distinct": 0.01}) == []
    assert watch.levels == {}


@pytest.mark.parametrize(
    "series", [[0.4] * 4, [0.9, 0.9, 0.9, 0.4], [0.0] * 4, [0.1, 0.3, 0.2, 0.4], [0.4, 0.41, 0.42, 0.43]]
)
def test_what_falls_sways_or_stays_low_has_collapsed(series):
    assert after(series)[0] == "alarm"


def test_what_rises_ever_since_the_run_was_young_has_not():
    watch = HealthMonitor()
    for number, value in enumerate((0.1, 0.2, 0.3, 0.4)):
        watch.take(YOUNG - 3 + number, {"health/distinct": value})
    assert watch.levels == {"health/distinct": "watch"}


def test_a_collapse_that_was_told_is_not_over_because_it_sways_upwards():
    assert after([0.3, 0.1, 0.2, 0.3, 0.4])[0] == "alarm"


def test_overfitting_must_last():
    assert after([0.9, 0.9], "health/overfit")[0] == "ok"
    assert after([0.0, 0.9, 0.9, 0.9], "health/overfit")[0] == "alarm"
    assert after([0.9, 0.4, 0.9], "health/overfit")[0] == "watch"


def starving(separation, gradients):
    return after(separation, "health/discriminator", **{"health/gradient.generator": gradients})[0]


def test_a_discriminator_that_is_always_right_alarms_only_when_the_generator_starves():
    fed, short, none = [5.0] * 9, [5.0] * 8 + [5.0 / STARVING[0]], [5.0] * 8 + [0.9 * 5.0 / STARVING[1]]
    assert starving([1.0] * 9, fed) == "ok"
    assert starving([1.0] * 9, short) == "watch"
    assert starving([1.0] * 9, none) == "alarm"
    assert starving([1.0] * 8 + [0.9], short) == starving([1.0] * 8 + [0.9], none) == "ok"
    assert starving([0.9] * 5 + [1.0] * 4, none) == "ok"


def test_a_gradient_is_compared_with_its_own_past():
    name = "health/gradient.generator"
    assert after([1e6], name)[0] == "ok"
    assert after([2.0] * 6 + [30.0], name)[0] == "watch"
    assert after([2.0] * 6 + [300.0], name)[0] == "alarm"
    assert after([2.0 * 1.2**i for i in range(40)], name)[0] == "ok"
    assert after([0.0] * 6 + [1.0], name)[0] == "ok"
    assert after([2.0] * 6 + [math.nan], name)[0] == "alarm"


def test_an_alarm_is_said_once_until_the_reading_is_well_again():
    assert len(after([0.1, 0.1, 0.1])[1]) == 1
    assert len(after([0.1, 0.6, 0.1])[1]) == 1
    assert len(after([0.1, 1.0, 0.1])[1]) == 2


def test_an_alarm_is_one_line_that_says_what_to_try():
    (line,) = after([0.123])[1]
    assert line.startswith("alarm: health/distinct 0.123: ")
    assert "--augmentation packing" in line
    assert "\n" not in line


def test_other_readings_are_passed_over():
    assert HealthMonitor().take(YOUNG, {"discriminator/loss": 0.0, "distinct": 0.0, "health/unknown": 0.0}) == []


def test_every_part_and_setting_that_is_advised_exists(catalogue, configure):
    settings = configure().settings
    for attempt in {attempt for rule in RULES.values() for attempt in rule.tries}:
        kind, path, name = re.fullmatch(r"--(?:set ([\w.]+)=\S+|(\w+) ([\w-]+))", attempt).group(2, 1, 3)
        assert path in settings if path else kind in KINDS and catalogue.find(kind, name)
