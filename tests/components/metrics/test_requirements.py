from __future__ import annotations

import math

import pytest
import torch

from ganzoo.components.metrics.frechet import FrechetDistance
from ganzoo.components.metrics.pairwise_metrics import DensityCoverage, KernelDistance, PrecisionRecall
from ganzoo.components.metrics.requirements import (
    assert_enough_samples,
    assert_labelled,
    assert_sample_counts,
    read_finite_rows,
)
from ganzoo.errors import BadData, DoesNotFit


def test_too_few_samples_are_refused_with_the_number_needed():
    with pytest.raises(BadData, match="fd needs at least 2 generated samples, not 1: .* --samples 2"):
        assert_sample_counts("fd", (2, 2), (5, 1))
    with pytest.raises(BadData, match="pr needs at least 4 real samples, not 3"):
        assert_sample_counts("pr", (4, 4), (3, 5))


def test_a_metric_of_rows_counts_kept_rows(inputs, normal):
    with pytest.raises(BadData, match="this evaluation kept 3"):
        read_finite_rows(inputs(normal(9, 3), normal(9, 3), limit=3), "pr", (4, 4))


@pytest.mark.parametrize(("side", "value"), [("real", torch.nan), ("generated", torch.inf)])
def test_features_that_are_not_finite_are_refused(inputs, normal, side, value):
    real, fake = normal(9, 3), normal(9, 3)
    (real if side == "real" else fake)[4, 1] = value
    with pytest.raises(BadData, match=f"features 'flat' of the {side} samples are not finite"):
        read_finite_rows(inputs(real, fake), "kid", (4, 4))


def test_class_metrics_need_classes_and_a_conditional_generator(inputs, normal):
    made = inputs(normal(4, 3), normal(4, 3))
    with pytest.raises(BadData, match="cas needs labels"):
        assert_labelled(made, "cas")
    made.num_classes = 2
    with pytest.raises(DoesNotFit, match="cas needs a generator that takes class labels"):
        assert_labelled(made, "cas")
    made.conditional = True
    assert_labelled(made, "cas")


def test_messages_are_one_line(inputs, normal):
    for require in (lambda x: assert_enough_samples(x, "fd", (9, 9)), lambda x: assert_labelled(x, "cas")):
        with pytest.raises(BadData) as caught:
            require(inputs(normal(4, 3), normal(4, 3)))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "metric", [FrechetDistance(), KernelDistance(), PrecisionRecall(neighbours=2), DensityCoverage(neighbours=4)]
)
def test_a_metric_takes_its_minimum_of_samples_and_no_fewer(inputs, normal, metric):
    reals, fakes = metric.minimum_samples
    for value in metric(inputs(normal(reals, 3), normal(fakes, 3))).values():
        assert math.isfinite(value.value)
    for real, fake in ((reals - 1, fakes), (reals, fakes - 1)):
        with pytest.raises(BadData, match=f"needs at least {reals} "):
            metric(inputs(normal(real, 3), normal(fake, 3)))
