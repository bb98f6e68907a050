"""The value function of the first GAN (Goodfellow et al. 2014), with D = sigmoid(logit)."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor
from torch.nn.functional import softplus


class Minimax:
    """The original loss: the discriminator maximises ``log D(x) + log(1 - D(G(z)))``.

    Source: Goodfellow et al. 2014, arXiv 1406.2661, equation 1 and section 3.

    Args:
        form: the generator minimises ``-log D(G(z))`` (non-saturating, as the paper trains) or
            ``log(1 - D(G(z)))`` (saturating, equation 1).
    """

    relativistic: ClassVar[bool] = False
    midpoint: ClassVar[float] = 0.0

    def __init__(self, *, form: Literal["non-saturating", "saturating"] = "non-saturating") -> None:
        self.form = form

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean(-log D(x)) + mean(-log(1 - D(G(z))))``."""
        return softplus(-real).mean() + softplus(fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``mean(-log D(G(z)))``, or ``mean(log(1 - D(G(z))))`` in the saturating form."""
        return softplus(-fake).mean() if self.form == "non-saturating" else -softplus(fake).mean()
