from __future__ import annotations

import pytest
import torch

from ganzoo.errors import BadData, DoesNotFit
from ganzoo.metrics.demands import enough, labelled, rows_of


def test_too_few_samples_are_refused_with_the_number_that_would_do(evidence, normal):
    with pytest.raises(BadData, match="fd needs at least 2 generated samples, not 1: .* --samples 2"):
        enough(evidence(normal(5, 3), normal(1, 3)), "fd", 2)
    with pytest.raises(BadData, match="pr needs at least 4 real samples, not 3"):
        enough(evidence(normal(3, 3), normal(5, 3)), "pr", 4)


def test_kept_rows_count_where_rows_are_asked_for(evidence, normal):
    with pytest.raises(BadData, match="this evaluation kept 3"):
        rows_of(evidence(normal(9, 3), normal(9, 3), limit=3), "pr", 4)


@pytest.mark.parametrize(("side", "value"), [("real", torch.nan), ("generated", torch.inf)])
def test_features_that_are_not_finite_are_refused(evidence, normal, side, value):
    real, fake = normal(9, 3), normal(9, 3)
    (real if side == "real" else fake)[4, 1] = value
    with pytest.raises(BadData, match=f"features 'flat' of the {side} samples are not finite"):
        rows_of(evidence(real, fake), "kid", 4)


def test_class_metrics_need_classes_and_a_generator_that_is_told_of_them(evidence, normal):
    made = evidence(normal(4, 3), normal(4, 3))
    with pytest.raises(BadData, match="cas needs labels"):
        labelled(made, "cas")
    made.num_classes = 2
    with pytest.raises(DoesNotFit, match="cas needs a generator that is told of classes"):
        labelled(made, "cas")
    made.conditional = True
    labelled(made, "cas")


def test_messages_are_one_line(evidence, normal):
    for ask in (lambda e: enough(e, "fd", 9), lambda e: labelled(e, "cas")):
        with pytest.raises(BadData) as caught:
            ask(evidence(normal(4, 3), normal(4, 3)))
        assert "\n" not in str(caught.value)
