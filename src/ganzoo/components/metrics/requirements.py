"""What a metric requires of its inputs; each function refuses in one line that says what to do."""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.errors import BadData, DoesNotFit
from ganzoo.interfaces.measurement import MetricInputs


def assert_enough_samples(inputs: MetricInputs, metric: str, minimum: tuple[int, int]) -> None:
    """Require a number of samples.

    Args:
        inputs: reals and fakes.
        metric: name for the message.
        minimum: reals and fakes needed.

    Raises:
        BadData: there are fewer.
    """
    assert_sample_counts(metric, minimum, (len(inputs.real), len(inputs.fake)))


def assert_sample_counts(metric: str, minimum: tuple[int, int], counts: tuple[int, int]) -> None:
    """Require a number of samples before any is generated.

    Args:
        metric: name for the message.
        minimum: reals and fakes needed.
        counts: reals and fakes that the metric will get.

    Raises:
        BadData: there are fewer.
    """
    for side, wanted, count in zip(("real", "generated"), minimum, counts, strict=True):
        if count < wanted:
            raise BadData(
                f"{metric} needs at least {wanted} {side} samples, not {count}: "
                f"give it more (evaluate --samples {wanted}, train --set run.evaluate_samples={wanted}), of data that "
                "has as many."
            )


def assert_finite(inputs: MetricInputs, metric: str, *values: Tensor, what: str = "") -> None:
    """Require finite numbers.

    Args:
        inputs: reals and fakes.
        metric: name for the message.
        values: what the metric computes with, first of the reals, then of the fakes.
        what: name of the values for the message; the features by default.

    Raises:
        BadData: some value is not finite.
    """
    what = what or f"features '{inputs.features.name}'"
    for side, numbers in zip(("real", "generated"), values, strict=True):
        if not bool(torch.isfinite(numbers).all()):
            raise BadData(
                f"{metric}: {what} of the {side} samples are not finite. "
                "Choose other features with --features (see: ganzoo list features), or an earlier checkpoint."
            )


def read_finite_rows(inputs: MetricInputs, metric: str, minimum: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return the feature rows of both sides, enough of them and all finite.

    Args:
        inputs: reals and fakes.
        metric: name for the message.
        minimum: rows of reals and of fakes needed.

    Returns:
        ``(R, D)`` of the reals and of the fakes.

    Raises:
        BadData: too few, or not finite.
    """
    assert_enough_samples(inputs, metric, minimum)
    real, fake = inputs.real.rows, inputs.fake.rows
    if len(real) < minimum[0] or len(fake) < minimum[1]:
        raise BadData(f"{metric} needs the features of {minimum[0]} reals and {minimum[1]} fakes; this evaluation kept "
                      f"{len(real)} and {len(fake)}. Evaluate with --samples {max(minimum)} or more.")  # fmt: skip
    assert_finite(inputs, metric, real, fake)
    return real, fake


def assert_labelled(inputs: MetricInputs, metric: str) -> None:
    """Require data with classes and a class-conditional generator.

    Args:
        inputs: reals and fakes.
        metric: name for the message.

    Raises:
        BadData: the data has no classes.
        DoesNotFit: the generator takes no class labels.
    """
    if inputs.num_classes < 1:
        raise BadData(f"{metric} needs labels, and the data has none. Choose labelled data with --data, "
                      "or leave the metric out of --metrics.")  # fmt: skip
    if not inputs.conditional:
        raise DoesNotFit(f"{metric} needs a generator that takes class labels, and this run's does not. Train with "
                         "a --conditioning (see: ganzoo list conditioning), or leave the metric out.")  # fmt: skip
