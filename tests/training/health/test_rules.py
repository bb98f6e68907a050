"""Thresholds, patience, warm-up, history, and the line an alarm prints."""

import math
import re

import pytest

from ganzoo.registry.kinds import KINDS
from ganzoo.training.health.rules import RULES, VANISHING, WARMUP_STEPS, HealthMonitor


def assess_last(values, name="health/distinct", **more):
    """The level of the last of a series of values, and all lines reported."""
    monitor, lines = HealthMonitor(), []
    for number, value in enumerate(values):
        extra = {key: series[number] for key, series in more.items()}
        lines += monitor.update(WARMUP_STEPS + number, {name: value, **extra})
    return monitor.levels.get(name), lines


@pytest.mark.parametrize(
    ("name", "value", "level"),
    [("distinct", 1.3, "ok"), ("distinct", 0.6, "watch"), ("distinct", 0.4, "alarm"), ("spread", 0.1, "alarm"),
     ("noise", 0.0, "alarm"), ("noise", 1.0, "ok"), ("spread", math.inf, "alarm")],
)  # fmt: skip
def test_collapse_is_assessed_at_once(name, value, level):
    assert assess_last([value], f"health/{name}")[0] == level


def test_a_resumed_run_is_assessed_from_all_its_values():
    lengths = [1.0] * 5 + [0.004] * 12
    logged = [{"step": WARMUP_STEPS + n, "health/discriminator": 1.0, "health/gradient.generator": length}
             for n, length in enumerate(lengths)]  # fmt: skip
    unbroken = HealthMonitor(logged)
    assert unbroken.levels["health/discriminator"] == "alarm"
    resumed = HealthMonitor(logged[:8])
    lines = [line for event in logged[8:] for line in resumed.update(event["step"], event)]
    assert resumed.levels == unbroken.levels
    assert lines == []  # they were reported before


def test_the_first_steps_are_not_assessed():
    monitor = HealthMonitor()
    assert monitor.update(WARMUP_STEPS - 1, {"health/distinct": 0.01}) == []
    assert monitor.levels == {}


@pytest.mark.parametrize(
    "series", [[0.4] * 4, [0.9, 0.9, 0.9, 0.4], [0.0] * 4, [0.1, 0.3, 0.2, 0.4], [0.4, 0.41, 0.42, 0.43]]
)
def test_values_that_fall_vary_or_stay_low_are_an_alarm(series):
    assert assess_last(series)[0] == "alarm"


def test_values_that_rise_since_the_first_steps_are_no_alarm():
    monitor = HealthMonitor()
    for number, value in enumerate((0.1, 0.2, 0.3, 0.4)):
        monitor.update(WARMUP_STEPS - 3 + number, {"health/distinct": value})
    assert monitor.levels == {"health/distinct": "watch"}


def test_a_reported_collapse_does_not_end_with_a_short_rise():
    assert assess_last([0.3, 0.1, 0.2, 0.3, 0.4])[0] == "alarm"


def test_overfitting_must_persist():
    assert assess_last([0.9, 0.9], "health/overfit")[0] == "ok"
    assert assess_last([0.0, 0.9, 0.9, 0.9], "health/overfit")[0] == "alarm"
    assert assess_last([0.9, 0.4, 0.9], "health/overfit")[0] == "watch"


def level_of_discriminator(separation, gradients):
    return assess_last(separation, "health/discriminator", **{"health/gradient.generator": gradients})[0]


def test_a_discriminator_that_is_always_right_alarms_only_without_gradient_for_the_generator():
    fed, short, none = [5.0] * 9, [5.0] * 8 + [5.0 / VANISHING[0]], [5.0] * 8 + [0.9 * 5.0 / VANISHING[1]]
    assert level_of_discriminator([1.0] * 9, fed) == "ok"
    assert level_of_discriminator([1.0] * 9, short) == "watch"
    assert level_of_discriminator([1.0] * 9, none) == "alarm"
    assert level_of_discriminator([1.0] * 8 + [0.9], short) == level_of_discriminator([1.0] * 8 + [0.9], none) == "ok"
    assert level_of_discriminator([0.9] * 5 + [1.0] * 4, none) == "ok"


def test_a_gradient_is_compared_with_its_history():
    name = "health/gradient.generator"
    assert assess_last([1e6], name)[0] == "ok"
    assert assess_last([2.0] * 6 + [30.0], name)[0] == "watch"
    assert assess_last([2.0] * 6 + [300.0], name)[0] == "alarm"
    assert assess_last([2.0 * 1.2**i for i in range(40)], name)[0] == "ok"
    assert assess_last([0.0] * 6 + [1.0], name)[0] == "ok"
    assert assess_last([2.0] * 6 + [math.nan], name)[0] == "alarm"


def test_an_alarm_is_reported_once_until_the_metric_is_ok_again():
    assert len(assess_last([0.1, 0.1, 0.1])[1]) == 1
    assert len(assess_last([0.1, 0.6, 0.1])[1]) == 1
    assert len(assess_last([0.1, 1.0, 0.1])[1]) == 2


def test_an_alarm_is_one_line_with_advice():
    (line,) = assess_last([0.123])[1]
    assert line.startswith("alarm: health/distinct 0.123: ")
    assert "--augmentation packing" in line
    assert "\n" not in line


def test_values_without_a_rule_are_ignored():
    assert (
        HealthMonitor().update(WARMUP_STEPS, {"discriminator/loss": 0.0, "distinct": 0.0, "health/unknown": 0.0}) == []
    )


def test_every_component_and_setting_in_the_advice_exists(catalogue, configure):
    settings = configure().settings
    for attempt in {attempt for rule in RULES.values() for attempt in rule.advice}:
        kind, path, name = re.fullmatch(r"--(?:set ([\w.]+)=\S+|(\w+) ([\w-]+))", attempt).group(2, 1, 3)
        assert path in settings if path else kind in KINDS and catalogue.find(kind, name)
