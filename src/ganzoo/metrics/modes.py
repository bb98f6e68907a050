"""Counting modes: how many of a mixture's Gaussians a generator reaches, and how evenly.

The protocol of Srivastava et al. 2017, "VEEGAN" (arXiv 1705.07761), as Lin et al. 2018, "PacGAN", section 4.1 (arXiv
1712.04086) use it; the latter's code asks the nearest centre to be less than 3 standard deviations away.
Shapes: B samples, M modes, D dimensions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WITHIN = 3.0
"""Standard deviations around a centre that count as its mode."""


def mode_counts(samples_BD: np.ndarray, centres_MD: np.ndarray, std: float) -> NDArray[np.int64]:
    """Count the high-quality samples of each mode: those whose nearest centre is less than 3 std away.

    Args:
        samples_BD: the samples; values that are not finite belong to no mode.
        centres_MD: the modes' centres.
        std: standard deviation of a mode along each axis.

    Returns:
        ``(M,)`` counts.
    """
    assert samples_BD.ndim == 2, f"samples are (B, D), not {samples_BD.shape}"
    samples = samples_BD.astype(np.float64)
    distances_BM = np.stack([np.linalg.norm(samples - centre, axis=1) for centre in centres_MD], 1)
    nearest_B = distances_BM.argmin(1)
    good_B = distances_BM.min(1) < WITHIN * std
    return np.bincount(nearest_B[good_B], minlength=len(centres_MD))


def mode_readings(samples_BD: np.ndarray, centres_MD: np.ndarray, std: float) -> dict[str, float]:
    """Read mode coverage, quality and evenness.

    Args:
        samples_BD: the samples, at least one.
        centres_MD: the modes' centres.
        std: standard deviation of a mode along each axis.

    Returns:
        ``modes``: modes with at least one high-quality sample. ``high_quality``: share of samples that are one
        (``1 - exp(-4.5) = 0.989`` of the true distribution in two dimensions). ``reverse_kl``: divergence
        ``KL(p || uniform)`` in nats, ``p`` the shares of the modes among high-quality samples; 0 when even, ``log M``
        when all lie in one mode, and by convention also when there are none.
    """
    assert len(samples_BD) > 0, "no samples to read"
    counts = mode_counts(samples_BD, centres_MD, std)
    return {
        "modes": float(np.count_nonzero(counts)),
        "high_quality": float(counts.sum() / len(samples_BD)),
        "reverse_kl": _divergence_from_uniform(counts),
    }


def _divergence_from_uniform(counts_M: NDArray[np.int64]) -> float:
    if not counts_M.any():
        return float(np.log(len(counts_M)))
    p = counts_M[counts_M > 0] / counts_M.sum()
    return float(np.sum(p * np.log(p * len(counts_M))))
