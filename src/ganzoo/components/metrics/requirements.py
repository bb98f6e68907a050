"""What a metric may demand of its evidence, refused in one line when it is not met."""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.errors import BadData, DoesNotFit
from ganzoo.interfaces.measurement import MetricInputs


def assert_enough_samples(inputs: MetricInputs, metric: str, least: tuple[int, int]) -> None:
    """Demand a number of samples; see ``assert_enough_of``.

    Args:
        evidence: what is measured.
        metric: its name, for the message.
        least: how many reals it takes, and how many fakes.

    Raises:
        BadData: there are fewer.
    """
    assert_enough_of(metric, least, (len(inputs.real), len(inputs.fake)))


def assert_enough_of(metric: str, least: tuple[int, int], counts: tuple[int, int]) -> None:
    """Demand a number of samples, before there are any.

    Args:
        metric: its name, for the message.
        least: how many reals it takes, and how many fakes.
        counts: how many reals and fakes it would be shown.

    Raises:
        BadData: there are fewer.
    """
    for side, wanted, count in zip(("real", "generated"), least, counts, strict=True):
        if count < wanted:
            raise BadData(
                f"{metric} needs at least {wanted} {side} samples, not {count}: "
                f"give it more (evaluate --samples {wanted}, train --set run.evaluate_samples={wanted}), of data that "
                "has as many."
            )


def assert_finite(inputs: MetricInputs, metric: str, *found: Tensor, what: str = "") -> None:
    """Demand that what a metric computes with are numbers.

    Args:
        evidence: what is measured.
        metric: its name, for the message.
        found: of the reals and of the fakes.
        what: what they are; features when empty.

    Raises:
        BadData: some value is not finite.
    """
    seen = what or f"features '{inputs.features.name}'"
    for side, values in zip(("real", "generated"), found, strict=True):
        if not bool(torch.isfinite(values).all()):
            raise BadData(
                f"{metric}: {seen} of the {side} samples are not finite. "
                "Choose other features with --features (see: ganzoo list features), or an earlier checkpoint."
            )


def finite_rows(inputs: MetricInputs, metric: str, least: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Give the rows of both sides, enough of them and all finite.

    Args:
        evidence: what is measured.
        metric: its name, for the message.
        least: how many rows it takes of reals, and how many of fakes.

    Returns:
        ``(R, D)`` of the reals and of the fakes.

    Raises:
        BadData: too few, or not finite.
    """
    assert_enough_samples(inputs, metric, least)
    real, fake = inputs.real.rows, inputs.fake.rows
    if len(real) < least[0] or len(fake) < least[1]:
        raise BadData(f"{metric} needs the features of {least[0]} reals and {least[1]} fakes; this evaluation kept "
                      f"{len(real)} and {len(fake)}. Evaluate with --samples {max(least)} or more.")  # fmt: skip
    assert_finite(inputs, metric, real, fake)
    return real, fake


def assert_labelled(inputs: MetricInputs, metric: str) -> None:
    """Demand classes, in the data and in the generator.

    Args:
        evidence: what is measured.
        metric: its name, for the message.

    Raises:
        BadData: the data has no classes.
        DoesNotFit: the generator is not told of them.
    """
    if inputs.num_classes < 1:
        raise BadData(f"{metric} needs labels, and the data has none. Choose labelled data with --data, "
                      "or leave the metric out of --metrics.")  # fmt: skip
    if not inputs.conditional:
        raise DoesNotFit(f"{metric} needs a generator that is told of classes, and this run's is not. Train with "
                         "a --conditioning (see: ganzoo list conditioning), or leave the metric out.")  # fmt: skip
