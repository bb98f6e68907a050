"""Diversity with ground truth: how many of a data set's true modes the fakes reach, and how evenly.

Protocol: reverse KL and modes as in Srivastava et al. 2017, "VEEGAN" (arXiv 1705.07761), and Lin et al. 2018, "PacGAN",
section 4 (arXiv 1712.04086): the shares of the modes among the fakes against even shares. A mode is reached by one
sample. Both readings depend on how many samples are drawn, so those of an ideal generator stand beside them.
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
from ganzoo.components.metrics.proportions import proportion_of
from ganzoo.errors import BadSetting, DoesNotFit
from ganzoo.interfaces.measurement import MetricInputs, MetricValue
from ganzoo.interfaces.protocols import Dataset

JUDGED, BATCH = 1_000, 250
"""Reals a classifier is tried on, and those it sees at once."""


class ModeCoverage:
    """Counts the fakes over the data set's true modes.

    Reads ``modes`` reached, ``coverage`` (their share) and ``reverse_kl``; ``high_quality`` where samples can belong
    to no mode; ``X_evenness`` and ``X_Y_coverage`` of the factors that modes combine; ``ideal_modes`` and
    ``ideal_reverse_kl``, what as many samples of a generator without fault read on average; ``judge_accuracy`` where a
    judge tells the modes: its share of reals named rightly, flattered where it learned from these very reals. A classifier's
    mistakes put samples in modes that nobody made: one that reaches few modes reads more, by up to the classifier's share of
    mistakes times the samples. The errors leave that out.

    Args:
        classifier: name or file of the classifier that names classes; none for the data set's own way.
        least_accuracy: share of held-out samples a classifier must have named rightly after its training, or it counts
            nothing; none for what the protocol of the data asks, 0.99 of ``stacked-mnist``.
    """

    featured: ClassVar[bool] = False

    def __init__(
        self, *, classifier: str | None = None, least_accuracy: Annotated[float, Ge(0), Le(1)] | None = None
    ) -> None:
        self._score, self._least = classifier, least_accuracy
        self._tried: dict[tuple[str, str], dict[str, MetricValue]] = {}

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read the coverage of modes.

        Raises:
            DoesNotFit: the data set does not know its modes.
            GanzooError: the classifier is missing, not one for this data, or too often wrong.
        """
        if not isinstance(inputs.dataset, KnowsModes):
            raise DoesNotFit(
                "metric 'modes' counts true modes, which this data set does not know. "
                "Try --data ring-8, grid-25, sprites or stacked-mnist, or leave the metric out."
            )
        modes = self._modes(inputs.dataset, inputs.device)
        counts, drawn = count_modes(modes, (images for images, _ in inputs.fake.batches()))
        return coverage_readings(modes, counts, drawn) | self._trial(modes, inputs)

    def _modes(self, dataset: KnowsModes, device: torch.device) -> Modes:
        modes = dataset.modes(self._score, device)
        least = modes.least_accuracy if self._least is None else self._least
        if modes.accuracy < least:
            raise BadSetting(
                f"metric.modes.classifier = {self._score}: it names {modes.accuracy:.2%} of held-out samples rightly, "
                f"{least:.2%} are asked for.\nTrain it longer: ganzoo classifier DATA --images 120k --out FILE.safetensors; "
                "or count all the same: --set metric.modes.least_accuracy=0"
            )
        return modes

    def _trial(self, modes: Modes, inputs: MetricInputs) -> dict[str, MetricValue]:
        """Try the classifier on reals, once for all evaluations of a run."""
        if modes.truth is None:
            return {}
        key = modes.classifier, inputs.dataset.fingerprint()
        if key not in self._tried:
            self._tried[key] = classifier_accuracy(modes, inputs.dataset, inputs.device)
        return self._tried[key]

    def metadata(self, dataset: Dataset, device: torch.device) -> Mapping[str, object]:
        """Tell the classifier by its hash: a file of the same name may hold another."""
        classifier = self._modes(dataset, device).classifier if isinstance(dataset, KnowsModes) else ""
        return {"classifier": classifier} if classifier else {}


def count_modes(modes: Modes, batches: Iterable[Tensor]) -> tuple[NDArray[np.int64], int]:
    """Count samples over the modes.

    Args:
        modes: what they are.
        batches: samples, ``(N, *shape)`` each.

    Returns:
        Counts with one axis of length K a factor, and how many samples there were, those of no mode among them.
    """
    shape = tuple(modes.factors.values())
    counts, drawn = np.zeros(math.prod(shape), np.int64), 0
    for batch in batches:
        values_NF = modes.values(batch).cpu().numpy()
        of_a_mode = values_NF[(values_NF >= 0).all(1)]
        counts += np.bincount(np.ravel_multi_index(tuple(of_a_mode.T), shape), minlength=len(counts))
        drawn += len(values_NF)
    return counts.reshape(shape), drawn


def coverage_readings(modes: Modes, counts: NDArray[np.int64], drawn: int) -> dict[str, MetricValue]:
    """Read coverage, quality and evenness off counts.

    Args:
        modes: what was counted.
        counts: samples of each mode, one axis a factor.
        drawn: samples in all, at least one.
    """
    assert drawn > 0, "no samples to read"
    counted, reached = int(counts.sum()), int(np.count_nonzero(counts))
    ideal_modes, ideal_reverse_kl = ideal(counts.size, drawn)
    error = reach_error(counts)
    readings = {
        "modes": MetricValue(float(reached), error, "higher"),
        "coverage": MetricValue(reached / counts.size, error / counts.size, "higher"),
        "reverse_kl": MetricValue(divergence_from_uniform(counts.ravel()), divergence_error(counts)),
    }
    if modes.strict:
        readings["high_quality"] = proportion_of(counted, drawn)
    if len(modes.factors) > 1:
        readings |= dict(_by_factor(list(modes.factors), counts))
    readings["ideal_modes"] = MetricValue(ideal_modes, better="neither")
    readings["ideal_reverse_kl"] = MetricValue(ideal_reverse_kl, better="neither")
    return readings


def classifier_accuracy(modes: Modes, dataset: Dataset, device: torch.device) -> dict[str, MetricValue]:
    """Read ``judge_accuracy``: the share of reals whose mode the classifier names rightly; nothing where none is asked."""
    if modes.truth is None:
        return {}
    indices = np.arange(min(JUDGED, len(dataset)))
    rightly = 0
    for part in np.array_split(indices, -(-len(indices) // BATCH)):
        images = torch.from_numpy(np.ascontiguousarray(dataset.read(part)["images"])).to(device)
        named = modes.values(to_unit_range(images)).cpu().numpy()
        rightly += int((named == modes.truth(part)).all(1).sum())
    return {"judge_accuracy": replace(proportion_of(rightly, len(indices)), better="neither")}


def ideal(num_modes: int, samples: int) -> tuple[float, float]:
    """Expect of a generator that draws every mode equally often and nothing else.

    The samples of one mode are then binomial: n draws with probability 1/M.

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


def reach_error(counts: NDArray[np.int64]) -> float:
    """Estimate the standard error of the number of modes reached, over draws of the samples.

    Another draw of as many misses a mode that is hit at a rate r with probability ``exp(-r)``. The smaller of two
    estimates: with each count for its mode's rate, and with rates that share a gamma law of the counts' mean and
    variance (empirical Bayes), of which what a fixed number of samples holds together is taken off. Within a factor of
    2.5 of the truth for even and uneven shares where it was tried.
    """
    hits, drawn = counts.ravel().astype(float), float(counts.sum())
    if not drawn:
        return 0.0
    plain = np.exp(-hits[hits > 0])
    mean = hits.mean()
    shape = mean**2 / max(hits.var() - mean, 1e-6 * mean**2)
    rate, seen = shape / mean, shape + hits
    missed, missed_twice = (np.exp(seen * np.log1p(-k / (rate + 1 + k))) for k in (1, 2))
    together = np.sum(seen / (rate + 2) * missed) ** 2 / drawn
    pooled = float(np.sum(missed - missed_twice) - together)
    return math.sqrt(max(min(float(np.sum(plain * (1 - plain))), pooled), 0.0))


def divergence_error(counts: NDArray[np.int64]) -> float | None:
    """Estimate the standard error of the reverse KL over draws of the samples; None where nothing was counted.

    Delta method, ``(sum p log(pM)^2 - KL^2) / n`` less what chance adds to it, and the variance of a chi-squared law of
    M - 1 degrees over 2n, which is all of it where the shares are even. Too small with hardly a sample a mode.
    """
    n, p = int(counts.sum()), counts[counts > 0] / max(int(counts.sum()), 1)
    if n == 0:
        return None
    logs, chance = np.log(p * counts.size), (len(p) - 1) / n
    slope = float(np.sum(p * logs**2) - np.sum(p * logs) ** 2)
    return math.sqrt((max(slope - chance, 0.0) + chance / 2) / n)


def _by_factor(names: list[str], counts: NDArray[np.int64]) -> Iterator[tuple[str, MetricValue]]:
    """Evenness of each factor, its entropy over that of even shares; share of the pairs reached of every two."""
    axes = range(counts.ndim)
    for axis, name in enumerate(names):
        alone = counts.sum(tuple(a for a in axes if a != axis))
        most = math.log(len(alone))
        error = divergence_error(alone)
        even = 1 - divergence_from_uniform(alone) / most if most else 1.0
        yield f"{name}_evenness", MetricValue(even, error / most if most and error is not None else None, "higher")
    for one, other in combinations(axes, 2):
        pairs = counts.sum(tuple(a for a in axes if a not in (one, other)))
        share = int(np.count_nonzero(pairs)) / pairs.size
        yield f"{names[one]}_{names[other]}_coverage", MetricValue(share, reach_error(pairs) / pairs.size, "higher")
