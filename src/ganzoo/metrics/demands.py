"""What a metric may demand of its evidence, refused in one line when it is not met."""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.errors import BadData, DoesNotFit
from ganzoo.measurement import Evidence


def enough(metric: str, least: int, reals: int | None, fakes: int) -> None:
    """Demand a number of samples.

    Args:
        metric: its name, for the message.
        least: how many it takes of each side.
        reals: how many there are; None for a metric that looks at none.
        fakes: how many there are.

    Raises:
        BadData: there are fewer.
    """
    for side, count in (("real", reals), ("generated", fakes)):
        if count is not None and count < least:
            raise BadData(
                f"{metric} needs at least {least} {side} samples, not {count}: "
                f"give it more (evaluate --samples {least}, train --set run.evaluate_samples={least}), of data that "
                "has as many."
            )


def finite(evidence: Evidence, metric: str, *found: Tensor, what: str = "") -> None:
    """Demand that what a metric computes with are numbers.

    Args:
        evidence: what is measured.
        metric: its name, for the message.
        found: of the reals and of the fakes.
        what: what they are; features when empty.

    Raises:
        BadData: some value is not finite.
    """
    seen = what or f"features '{evidence.features.name}'"
    for side, values in zip(("real", "generated"), found, strict=True):
        if not bool(torch.isfinite(values).all()):
            raise BadData(
                f"{metric}: {seen} of the {side} samples are not finite. "
                "Choose other features with --features (see: ganzoo list features), or an earlier checkpoint."
            )


def rows_of(evidence: Evidence, metric: str, least: int) -> tuple[Tensor, Tensor]:
    """Give the rows of both sides, enough of them and all finite.

    Args:
        evidence: what is measured.
        metric: its name, for the message.
        least: how many rows it takes on each side.

    Returns:
        ``(R, D)`` of the reals and of the fakes.

    Raises:
        BadData: too few, or not finite.
    """
    enough(metric, least, len(evidence.real), len(evidence.fake))
    real, fake = evidence.real.rows, evidence.fake.rows
    if min(len(real), len(fake)) < least:
        raise BadData(f"{metric} needs the features of {least} samples a side; this evaluation kept {len(real)} "
                      f"and {len(fake)}. Evaluate with --samples {least} or more.")  # fmt: skip
    finite(evidence, metric, real, fake)
    return real, fake


def labelled(evidence: Evidence, metric: str) -> None:
    """Demand classes, in the data and in the generator.

    Args:
        evidence: what is measured.
        metric: its name, for the message.

    Raises:
        BadData: the data has no classes.
        DoesNotFit: the generator is not told of them.
    """
    if evidence.num_classes < 1:
        raise BadData(f"{metric} needs labels, and the data has none. Choose labelled data with --data, "
                      "or leave the metric out of --metrics.")  # fmt: skip
    if not evidence.conditional:
        raise DoesNotFit(f"{metric} needs a generator that is told of classes, and this run's is not. Train with "
                         "a --conditioning (see: ganzoo list conditioning), or leave the metric out.")  # fmt: skip
