"""Shares of samples, with errors that do not vanish where all or none of them count."""

from __future__ import annotations

import math

from torch import Tensor

from ganzoo.interfaces.measurement import Direction, MetricValue


def proportion(counted: Tensor, better: Direction = "higher") -> MetricValue:
    """Read the share of samples for which something holds.

    The error is that of a share to which two samples of each kind were added: none among n means no more than about
    3 / n, not 0 for sure.

    Source: Agresti & Coull 1998, "Approximate is Better than 'Exact' for Interval Estimation of Binomial Proportions",
    The American Statistician 52.

    Args:
        counted: ``(N,)`` bool, at least one.
        better: which way the share is better.
    """
    return proportion_of(int(counted.sum()), len(counted), better)


def proportion_of(count: int, total: int, better: Direction = "higher") -> MetricValue:
    """Read ``count / total`` as ``proportion`` does."""
    near = (count + 2) / (total + 4)
    return MetricValue(count / total, math.sqrt(near * (1 - near) / (total + 4)), better)
