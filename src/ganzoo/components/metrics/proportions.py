"""Shares of samples, with errors that do not vanish at 0 or 1."""

from __future__ import annotations

import math

from torch import Tensor

from ganzoo.interfaces.measurement import Direction, MetricValue


def proportion(counted: Tensor, better: Direction = "higher") -> MetricValue:
    """Return the share of samples for which something holds, with its standard error.

    Args:
        counted: ``(N,)`` bool, at least one.
        better: direction in which the share is better.
    """
    return binomial_proportion(int(counted.sum()), len(counted), better)


def binomial_proportion(count: int, total: int, better: Direction = "higher") -> MetricValue:
    """Return ``count / total`` with its standard error.

    The error is that of a share to which two samples of each kind were added: none among n means no more than about
    3 / n, not 0 for sure.

    Source: Agresti & Coull 1998, "Approximate is Better than 'Exact' for Interval Estimation of Binomial Proportions",
    The American Statistician 52.
    """
    n = total + 4
    p = (count + 2) / n
    return MetricValue(count / total, math.sqrt(p * (1 - p) / n), better)
