"""The least-squares loss (Mao et al. 2017, equation 2)."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor


class LeastSquares:
    """Squared distance of logits from targets; also pulls back logits that overshoot their target.

    The defaults are equation 9; ``a=-1, b=1, c=0`` is equation 8, whose optimum is the Pearson chi-squared divergence.

    Source: Mao et al. 2017, arXiv 1611.04076, equation 2.

    Args:
        a: target of the discriminator's logits on fakes.
        b: target of the discriminator's logits on reals.
        c: target of the generator: the logits it wants for its fakes.
    """

    relativistic: ClassVar[bool] = False

    def __init__(self, *, a: float = 0.0, b: float = 1.0, c: float = 1.0) -> None:
        self.a, self.b, self.c = a, b, c
        self.midpoint = (a + b) / 2

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean (D(x) - b)^2 / 2 + mean (D(G(z)) - a)^2 / 2``."""
        return (real - self.b).square().mean() / 2 + (fake - self.a).square().mean() / 2  # V_D, eq. 2

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``mean (D(G(z)) - c)^2 / 2``."""
        return (fake - self.c).square().mean() / 2  # V_G, eq. 2
