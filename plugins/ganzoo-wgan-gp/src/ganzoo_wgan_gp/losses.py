"""The Wasserstein loss (Arjovsky et al. 2017, equation 2)."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor


class Wasserstein:
    """Difference of the critic's mean scores; estimates the Wasserstein-1 distance if the critic is 1-Lipschitz."""

    relativistic: ClassVar[bool] = False

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean D(G(z)) - mean D(x)``."""
        return fake.mean() - real.mean()

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``-mean D(G(z))``."""
        return -fake.mean()
