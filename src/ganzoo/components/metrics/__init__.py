"""Metrics: how good the samples are; what is listed here is public, for metrics of plugins."""

from ganzoo.components.metrics.frechet import FrechetDistance, frechet_distance, frechet_error
from ganzoo.components.metrics.linear_algebra import product
from ganzoo.components.metrics.moments import Moments
from ganzoo.components.metrics.proportions import proportion
from ganzoo.components.metrics.requirements import (
    assert_enough_samples,
    assert_finite,
    assert_labelled,
    read_finite_rows,
)

__all__ = [
    "FrechetDistance",
    "Moments",
    "assert_enough_samples",
    "assert_finite",
    "assert_labelled",
    "frechet_distance",
    "frechet_error",
    "product",
    "proportion",
    "read_finite_rows",
]
