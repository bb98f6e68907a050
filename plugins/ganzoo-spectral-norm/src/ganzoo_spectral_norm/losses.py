"""The hinge loss (Lim & Ye 2017; Miyato et al. 2018, equations 16 and 17)."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import relu


class Hinge:
    """Hinge loss: logits beyond a margin of 1 on the right side cost the discriminator nothing.

    Source: Lim & Ye 2017, arXiv 1705.02894, section 3; Miyato et al. 2018, arXiv 1802.05957, equations 16 and 17.
    """

    relativistic: ClassVar[bool] = False
    midpoint: ClassVar[float] = 0.0

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean max(0, 1 - D(x)) + mean max(0, 1 + D(G(z)))``."""
        return relu(1.0 - real).mean() + relu(1.0 + fake).mean()  # -V_D, eq. 16

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``-mean D(G(z))``."""
        return -fake.mean()  # eq. 17
