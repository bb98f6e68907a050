"""Point sets with known modes: the synthetic protocol of PacGAN.

Centres, spreads and counts are those of Lin et al. 2018, "PacGAN", section 4.1 (arXiv 1712.04086), read in the authors'
``synthetic_data_experiments``: the ring has 8 centres on the unit circle and std 0.01, the grid 25 centres at
-4, -2, 0, 2, 4 and std 0.05; 100,000 samples with uniform modes. The published coordinates are kept, so the grid
leaves [-1, 1]: a generator of points ends without a tanh. The grid of 100 is the same protocol with ten centres a side,
at -9, -7 ... 9.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, TypeAlias

import numpy as np
import torch
from annotated_types import Ge, Gt
from numpy.typing import NDArray
from torch import Tensor

from ganzoo.components.metrics.modes import Modes, measure_modes, nearest_mode
from ganzoo.errors import BadSetting

Count: TypeAlias = Annotated[int, Ge(1)]
Length: TypeAlias = Annotated[float, Gt(0)]
Seed: TypeAlias = Annotated[int, Ge(0)]


class Mixture:
    """A mixture of isotropic Gaussians with equal weight and std, sampled once.

    Args:
        centres: means of the Gaussians, ``(M, D)``.
        std: standard deviation along each axis.
        count: number of samples.
        seed: seed of the samples.
    """

    def __init__(self, centres: np.ndarray, std: float, *, count: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.centres: NDArray[np.float64] = centres
        self.std = std
        self.num_classes, dimensions = centres.shape
        self.class_names = tuple(f"mode {number}" for number in range(self.num_classes))
        self.shape: tuple[int, ...] = (dimensions,)
        self._labels = rng.integers(self.num_classes, size=count)
        noise = std * rng.standard_normal((count, dimensions))
        self._points: NDArray[np.float32] = (centres[self._labels] + noise).astype(np.float32)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._points)

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Return ``images`` as float32 ``(B, D)`` and ``labels``, the mode of each sample, as int64 ``(B,)``."""
        return {"images": self._points[indices], "labels": self._labels[indices]}

    def fingerprint(self) -> str:
        """Return the hash of the points and their modes."""
        return hashlib.sha256(self._points.tobytes() + self._labels.astype("<i8").tobytes()).hexdigest()

    def count_modes(self, samples: np.ndarray) -> dict[str, float]:
        """Count the modes that samples ``(B, D)`` reach: ``modes``, ``high_quality``, ``reverse_kl``."""
        return measure_modes(samples, self.centres, self.std)

    def resample(self, count: int, seed: int) -> Mixture:
        """Return other samples of the same distribution."""
        return Mixture(self.centres, self.std, count=count, seed=seed)

    def modes(self, classifier: str | None, device: torch.device) -> Modes:
        """Return the Gaussians as modes: a sample belongs to the nearest, if that is less than 3 std away.

        Raises:
            BadSetting: a classifier is named; distances need none.
        """
        if classifier is not None:
            raise BadSetting(
                f"metric.modes.classifier = {classifier}: points are counted by their distance to known centres. "
                "Leave it out."
            )
        return Modes({"mode": self.num_classes}, self._nearest, strict=True)

    def _nearest(self, points_ND: Tensor) -> Tensor:
        return torch.from_numpy(nearest_mode(points_ND.cpu().numpy(), self.centres, self.std))[:, None]


class Ring(Mixture):
    """Gaussians on a circle (2D-ring; Lin et al. 2018, PacGAN, section 4.1).

    Args:
        modes: number of Gaussians.
        radius: radius of the circle.
        std: standard deviation of each Gaussian.
        count: number of samples.
        seed: seed of the samples.
    """

    def __init__(
        self, *, modes: Count = 8, radius: Length = 1.0, std: Length = 0.01, count: Count = 100_000, seed: Seed = 0
    ) -> None:
        angles = 2 * np.pi * np.arange(modes) / modes
        super().__init__(radius * np.stack([np.cos(angles), np.sin(angles)], 1), std, count=count, seed=seed)


class Grid(Mixture):
    """Gaussians on a square grid (2D-grid; Lin et al. 2018, PacGAN, section 4.1, with 5 a side).

    Args:
        side: Gaussians along each axis.
        spacing: distance between neighbours.
        std: standard deviation of each Gaussian.
        count: number of samples.
        seed: seed of the samples.
    """

    def __init__(
        self, *, side: Count = 5, spacing: Length = 2.0, std: Length = 0.05, count: Count = 100_000, seed: Seed = 0
    ) -> None:
        axis = spacing * (np.arange(side) - (side - 1) / 2)
        centres = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
        super().__init__(centres, std, count=count, seed=seed)
