"""Modes of a data set, found by a classifier or, for points, by the distance to known centres.

The protocol of Srivastava et al. 2017, "VEEGAN" (arXiv 1705.07761), as Lin et al. 2018, "PacGAN", section 4.1 (arXiv
1712.04086) use it; the latter's code requires the nearest centre to be less than 3 standard deviations away.
Shapes: N samples, M modes, D dimensions, F factors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganzoo.errors import BadSetting

WITHIN = 3.0
"""Standard deviations around a centre that count as its mode."""


@dataclass(frozen=True)
class Modes:
    """The modes of a data set: every combination of its factors' values, all equally likely.

    Args:
        factors: number of values by name of factor, such as 8 contents, 8 styles and 8 palettes.
        values: maps samples ``(N, *shape)`` to the value of each factor, ``(N, F)`` int64; -1 in every column for a
            sample of no mode.
        strict: whether ``values`` rejects poor samples; a classifier finds a class for anything.
        classifier: name and hash of the classifier; empty without one.
        truth: maps indices ``(N,)`` of the data set to the true values ``(N, F)``; None without a classifier.
        accuracy: share of held-out samples the classifier named rightly after its training; 1 without one.
        least_accuracy: accuracy that the published protocol requires.
    """

    factors: Mapping[str, int]
    values: Callable[[Tensor], Tensor]
    strict: bool = False
    classifier: str = ""
    truth: Callable[[NDArray[np.int64]], NDArray[np.int64]] | None = None
    accuracy: float = 1.0
    least_accuracy: float = 0.0


@runtime_checkable
class KnowsModes(Protocol):
    """Capability ``modes``: a data set with known modes, so that samples can be counted over them."""

    def modes(self, classifier: str | None, device: torch.device) -> Modes:
        """Return the modes and how to find a sample's mode.

        Args:
            classifier: name or file of a classifier; None for the data set's own way.
            device: device of the samples.

        Raises:
            GanzooError: the data set needs a classifier, or takes none; says what to do.
        """


class ClassifiesSamples(Protocol):
    """A classifier of samples, such as ``ganzoo.components.features.classifier.ReferenceClassifier``."""

    name: str
    """Name of the classifier in messages."""

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Class names by name of head."""

    @property
    def accuracy(self) -> Mapping[str, float]:
        """Share of held-out samples it names rightly, by name of head."""

    def fingerprint(self) -> str:
        """Return a hash of everything its predictions depend on."""

    def predict(self, images: Tensor) -> dict[str, Tensor]:
        """Map ``(N, *shape)`` to class numbers, ``(N,)`` int64 by name of head."""


def modes_by_classifier(classifier: ClassifiesSamples, factors: Mapping[str, int]) -> Modes:
    """Find modes with a classifier that has a head for each factor.

    Args:
        classifier: classifies these samples.
        factors: number of values by name of factor.

    Raises:
        BadSetting: the classifier lacks a head, or a head has another number of classes.
    """
    known = {name: len(classes) for name, classes in classifier.heads.items()}
    if any(known.get(name) != count for name, count in factors.items()):
        raise BadSetting(
            f"metric.modes.classifier = {classifier.name.removeprefix('classifier:')} distinguishes "
            f"{_list_factors(known)}, the data has {_list_factors(factors)}.\n"
            "Train one on the data: ganzoo classifier DATA --out FILE.safetensors"
        )

    def values(images: Tensor) -> Tensor:
        classes = classifier.predict(images)
        return torch.stack([classes[name] for name in factors], 1)

    accuracy = min(classifier.accuracy.get(name, 1.0) for name in factors)
    return Modes(factors, values, classifier=f"{classifier.name} {classifier.fingerprint()}", accuracy=accuracy)


def nearest_mode(samples_ND: np.ndarray, centres_MD: np.ndarray, std: float) -> NDArray[np.int64]:
    """Find the mode of each sample: its nearest centre, if that is less than 3 std away.

    Args:
        samples_ND: the samples; values that are not finite belong to no mode.
        centres_MD: the modes' centres.
        std: standard deviation of a mode along each axis.

    Returns:
        ``(N,)`` from 0 to M - 1, or -1 for a sample of no mode.
    """
    assert samples_ND.ndim == 2, f"samples are (N, D), not {samples_ND.shape}"
    samples = samples_ND.astype(np.float64)
    distances_NM = np.stack([np.linalg.norm(samples - centre, axis=1) for centre in centres_MD], 1)
    return np.where(distances_NM.min(1) < WITHIN * std, distances_NM.argmin(1), -1)


def measure_modes(samples_ND: np.ndarray, centres_MD: np.ndarray, std: float) -> dict[str, float]:
    """Measure mode coverage, quality and evenness.

    Args:
        samples_ND: the samples, at least one.
        centres_MD: the modes' centres.
        std: standard deviation of a mode along each axis.

    Returns:
        ``modes``: modes with at least one high-quality sample. ``high_quality``: share of samples within 3 std of a
        centre (``1 - exp(-4.5) = 0.989`` of the true distribution in two dimensions). ``reverse_kl``: see
        ``divergence_from_uniform``.
    """
    assert len(samples_ND) > 0, "no samples to measure"
    counts = count_by_mode(samples_ND, centres_MD, std)
    return {
        "modes": float(np.count_nonzero(counts)),
        "high_quality": float(counts.sum() / len(samples_ND)),
        "reverse_kl": divergence_from_uniform(counts),
    }


def count_by_mode(samples_ND: np.ndarray, centres_MD: np.ndarray, std: float) -> NDArray[np.int64]:
    """Count the high-quality samples of each mode, ``(M,)``: those for which ``nearest_mode`` finds one."""
    return np.bincount(nearest_mode(samples_ND, centres_MD, std) + 1, minlength=len(centres_MD) + 1)[1:]


def divergence_from_uniform(counts_M: NDArray[np.int64]) -> float:
    """Return how unevenly modes are hit: ``KL(p || uniform)`` in nats, ``p`` their shares of the counted samples.

    0 when even, ``log M`` when all lie in one mode, and by convention also when nothing was counted.
    """
    if not counts_M.any():
        return float(np.log(len(counts_M)))
    p = counts_M[counts_M > 0] / counts_M.sum()
    return float(np.sum(p * np.log(p * len(counts_M))))


def _list_factors(factors: Mapping[str, int]) -> str:
    return ", ".join(f"{count} values of '{name}'" for name, count in factors.items())
