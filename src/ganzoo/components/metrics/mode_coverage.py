"""Diversity with ground truth: how many of a data set's true modes the fakes reach, and how evenly.

Protocol: reverse KL and modes as in Srivastava et al. 2017, "VEEGAN" (arXiv 1705.07761), and Lin et al. 2018, "PacGAN",
section 4 (arXiv 1712.04086): the shares of the modes among the fakes against even shares. One sample reaches a mode.
Both values depend on the number of samples, so those of an ideal generator stand beside them.
Shapes: N samples, M modes, F factors, K values of a factor.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Annotated, ClassVar

import numpy as np
import torch
from annotated_types import Ge, Le
from numpy.typing import NDArray
from torch import Tensor

from ganzoo.components.features.preprocessing import to_unit_range
from ganzoo.components.metrics.modes import KnowsModes, Modes, divergence_from_uniform
from ganzoo.components.metrics.proportions import binomial_proportion
from ganzoo.errors import BadSetting, DoesNotFit
from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.measurement import MetricInputs, MetricValue

NUM_CHECKED, BATCH = 1_000, 250
"""Reals that a classifier is checked on, and how many at once."""


class ModeCoverage:
    """Counts the fakes over the data set's true modes.

    Values: ``modes`` reached, ``coverage`` (their share) and ``reverse_kl``; ``high_quality`` if samples can belong to
    no mode; ``X_evenness`` and ``X_Y_coverage`` of the factors that modes combine; ``ideal_modes`` and
    ``ideal_reverse_kl``, the averages of a perfect generator with as many samples; ``classifier_accuracy`` if a
    classifier finds the modes: the share of reals it names rightly, too high if it was trained on these very reals.
    A classifier's mistakes put samples in modes that were not generated: a generator of few modes gets too many, by up
    to the share of mistakes times the samples. The errors do not include that.

    Args:
        classifier: name or file of the classifier that names classes; none for the data set's own way.
        least_accuracy: share of held-out samples that a classifier must name rightly after its training, or it is
            refused; none for what the protocol of the data requires, 0.99 for ``stacked-mnist``.
    """

    uses_features: ClassVar[bool] = False

    def __init__(
        self, *, classifier: str | None = None, least_accuracy: Annotated[float, Ge(0), Le(1)] | None = None
    ) -> None:
        self._classifier, self._least = classifier, least_accuracy
        self._checked: dict[tuple[str, str], dict[str, MetricValue]] = {}

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute the coverage of modes.

        Raises:
            DoesNotFit: the data set does not know its modes.
            GanzooError: the classifier is missing, not one for this data, or too often wrong.
        """
        dataset, device = inputs.dataset, inputs.device
        if not isinstance(dataset, KnowsModes):
            raise DoesNotFit(
                "metric 'modes' counts true modes, which this data set does not know. "
                "Try --data ring-8, grid-25, sprites or stacked-mnist, or leave the metric out."
            )
        modes = self._find_modes(dataset, device)
        counts, total = count_modes(modes, (images for images, _ in inputs.fake.batches()))
        values = measure_coverage(modes, counts, total)
        if modes.truth is None:
            return values
        key = modes.classifier, dataset.fingerprint()
        if key not in self._checked:  # once for all evaluations of a run
            self._checked[key] = check_classifier(modes, dataset, device)
        return values | self._checked[key]

    def metadata(self, dataset: Dataset, device: torch.device) -> Mapping[str, object]:
        """Return the classifier with its hash: a file of the same name may hold another."""
        classifier = self._find_modes(dataset, device).classifier if isinstance(dataset, KnowsModes) else ""
        return {"classifier": classifier} if classifier else {}

    def _find_modes(self, dataset: KnowsModes, device: torch.device) -> Modes:
        modes = dataset.modes(self._classifier, device)
        least = modes.least_accuracy if self._least is None else self._least
        if modes.accuracy < least:
            raise BadSetting(
                f"metric.modes.classifier = {self._classifier}: it names {modes.accuracy:.2%} of held-out samples "
                f"rightly, {least:.2%} are required.\n"
                "Train it longer: ganzoo classifier DATA --images 120k --out FILE.safetensors; "
                "or count all the same: --set metric.modes.least_accuracy=0"
            )
        return modes


def count_modes(modes: Modes, batches: Iterable[Tensor]) -> tuple[NDArray[np.int64], int]:
    """Count samples over the modes.

    Args:
        modes: the modes.
        batches: samples, ``(N, *shape)`` each.

    Returns:
        Counts with one axis of length K a factor, and the number of all samples, with those of no mode.
    """
    shape = tuple(modes.factors.values())
    counts, total = np.zeros(math.prod(shape), np.int64), 0
    for batch in batches:
        values_NF = modes.values(batch).cpu().numpy()
        of_a_mode = values_NF[(values_NF >= 0).all(1)]
        counts += np.bincount(np.ravel_multi_index(tuple(of_a_mode.T), shape), minlength=len(counts))
        total += len(values_NF)
    return counts.reshape(shape), total


def measure_coverage(modes: Modes, counts: NDArray[np.int64], total: int) -> dict[str, MetricValue]:
    """Compute coverage, quality and evenness from counts.

    Args:
        modes: what was counted.
        counts: samples of each mode, one axis a factor.
        total: number of all samples, at least one.
    """
    assert total > 0, "no samples to count"
    counted, reached = int(counts.sum()), int(np.count_nonzero(counts))
    ideal_modes, ideal_reverse_kl = expect_ideal_coverage(counts.size, total)
    error = estimate_modes_error(counts)
    values = {
        "modes": MetricValue(float(reached), error, "higher"),
        "coverage": MetricValue(reached / counts.size, error / counts.size, "higher"),
        "reverse_kl": MetricValue(divergence_from_uniform(counts.ravel()), estimate_divergence_error(counts)),
    }
    if modes.strict:
        values["high_quality"] = binomial_proportion(counted, total)
    if len(modes.factors) > 1:
        values |= dict(_measure_factors(list(modes.factors), counts))
    values["ideal_modes"] = MetricValue(ideal_modes, better="neither")
    values["ideal_reverse_kl"] = MetricValue(ideal_reverse_kl, better="neither")
    return values


def check_classifier(modes: Modes, dataset: Dataset, device: torch.device) -> dict[str, MetricValue]:
    """Measure ``classifier_accuracy``, the share of reals whose mode the classifier names; nothing without one."""
    if modes.truth is None:
        return {}
    indices = np.arange(min(NUM_CHECKED, len(dataset)))
    correct = 0
    for part in np.array_split(indices, -(-len(indices) // BATCH)):
        images = torch.from_numpy(np.ascontiguousarray(dataset.read(part)["images"])).to(device)
        found = modes.values(to_unit_range(images)).cpu().numpy()
        correct += int((found == modes.truth(part)).all(1).sum())
    return {"classifier_accuracy": replace(binomial_proportion(correct, len(indices)), better="neither")}


def expect_ideal_coverage(num_modes: int, samples: int) -> tuple[float, float]:
    """Return the expected coverage of a generator that produces every mode equally often and nothing else.

    The samples of one mode are then binomial: n trials with probability 1/M.

    Args:
        num_modes: M, at least 1.
        samples: n.

    Returns:
        The mean number of modes reached and the mean reverse KL, exactly; for many samples a mode the latter is
        about ``(M - 1) / 2n``.
    """
    if not samples or num_modes == 1:
        return float(bool(samples)), math.log(num_modes)
    n, p = samples, 1 / num_modes
    k = np.arange(n + 1)
    steps = np.log((n - k[:-1]) / (k[:-1] + 1)) + math.log(p / (1 - p))  # log of P(k + 1) / P(k)
    chances = np.exp(np.concatenate([[0.0], np.cumsum(steps)]) + n * math.log1p(-p))
    shares = k[1:] / n
    reverse_kl = num_modes * float(np.sum(chances[1:] * shares * np.log(shares * num_modes)))
    return num_modes * (1 - float(chances[0])), reverse_kl


def estimate_modes_error(counts: NDArray[np.int64]) -> float:
    """Estimate the standard error of the number of modes reached, from sampling the fakes.

    Another sample of the same size misses a mode with expected count r with probability ``exp(-r)``. The smaller of two
    estimates: with each count as its mode's rate, and with rates that share a gamma law of the counts' mean and
    variance (empirical Bayes), less the covariance that a fixed number of samples causes. Within a factor of 2.5 of
    the truth for even and uneven shares where it was tried.
    """
    hits, total = counts.ravel().astype(float), float(counts.sum())
    if not total:
        return 0.0
    plain = np.exp(-hits[hits > 0])
    mean = hits.mean()
    shape = mean**2 / max(hits.var() - mean, 1e-6 * mean**2)
    rate, posterior = shape / mean, shape + hits
    missed, missed_twice = (np.exp(posterior * np.log1p(-k / (rate + 1 + k))) for k in (1, 2))
    covariance = np.sum(posterior / (rate + 2) * missed) ** 2 / total
    pooled = float(np.sum(missed - missed_twice) - covariance)
    return math.sqrt(max(min(float(np.sum(plain * (1 - plain))), pooled), 0.0))


def estimate_divergence_error(counts: NDArray[np.int64]) -> float | None:
    """Estimate the standard error of the reverse KL from sampling the fakes; None if nothing was counted.

    Delta method, ``(sum p log(pM)^2 - KL^2) / n`` less what chance adds to it, and the variance of a chi-squared law of
    M - 1 degrees over 2n, which is all of it if the shares are even. Too small with hardly a sample a mode.
    """
    n, p = int(counts.sum()), counts[counts > 0] / max(int(counts.sum()), 1)
    if n == 0:
        return None
    logs, chance = np.log(p * counts.size), (len(p) - 1) / n
    slope = float(np.sum(p * logs**2) - np.sum(p * logs) ** 2)
    return math.sqrt((max(slope - chance, 0.0) + chance / 2) / n)


def _measure_factors(names: list[str], counts: NDArray[np.int64]) -> Iterator[tuple[str, MetricValue]]:
    """Yield the evenness of each factor, its entropy over that of even shares, and the share of value pairs reached."""
    axes = range(counts.ndim)
    for axis, name in enumerate(names):
        alone = counts.sum(tuple(a for a in axes if a != axis))
        most = math.log(len(alone))
        error = estimate_divergence_error(alone)
        even = 1 - divergence_from_uniform(alone) / most if most else 1.0
        yield f"{name}_evenness", MetricValue(even, error / most if most and error is not None else None, "higher")
    for one, other in combinations(axes, 2):
        pairs = counts.sum(tuple(a for a in axes if a not in (one, other)))
        share, error = int(np.count_nonzero(pairs)) / pairs.size, estimate_modes_error(pairs) / pairs.size
        yield f"{names[one]}_{names[other]}_coverage", MetricValue(share, error, "higher")
