"""The non-saturating loss, which every plugin is tried with first."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus


class NonSaturating:
    """Logistic loss whose generator half keeps its gradient where the discriminator wins.

    Source: Goodfellow et al. 2014, arXiv 1406.2661, section 3 ("maximize log D(G(z))"), with D = sigmoid(logit).
    """

    relativistic: ClassVar[bool] = False
    midpoint: ClassVar[float] = 0.0

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean(-log D(x)) + mean(-log(1 - D(G(z))))``."""
        return softplus(-real).mean() + softplus(fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``mean(-log D(G(z)))``."""
        return softplus(-fake).mean()
