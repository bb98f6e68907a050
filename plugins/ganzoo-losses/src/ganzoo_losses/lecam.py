"""The LeCam regulariser (Tseng et al. 2021): logits stay near the other side's moving average."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Lt
from torch import Tensor, nn
from torch.nn.functional import relu

from ganzoo import TermContext


class LeCam(nn.Module):
    """Keeps the discriminator from memorising a small data set.

    Each evaluation first updates the anchors, moving averages of the logits, on the device. They are saved with the
    run. With ``run.accumulate`` above 1 they are updated once per part of a batch.

    Source: Tseng et al. 2021, arXiv 2104.03310, section 3.2; one-sided and with bias-corrected averages, as in the
    authors' code.

    Args:
        weight: weight of the term, lambda in the paper: 0.3 for BigGAN, far smaller for StyleGAN2's larger logits.
        decay: decay of the anchors per evaluation, gamma in the paper.
    """

    player: ClassVar[str] = "discriminator"
    every: int = 1
    totals: Tensor

    def __init__(self, *, weight: Annotated[float, Ge(0)] = 0.3, decay: Annotated[float, Ge(0), Lt(1)] = 0.99) -> None:
        super().__init__()
        self.weight, self.decay = weight, decay
        self.register_buffer("totals", torch.zeros(3))  # averages of D(x), of D(G(z)) and of 1, all from zero

    def forward(self, context: TermContext) -> Tensor:
        """Return ``weight * (mean max(0, D(x) - a_F)^2 + mean max(0, a_R - D(G(z)))^2)``, a scalar."""
        real, fake = (context.logits(side).float() for side in ("real", "fake"))
        anchor_real, anchor_fake = self._update_anchors(real.detach().mean(), fake.detach().mean())
        term: Tensor = relu(real - anchor_fake).square().mean() + relu(anchor_real - fake).square().mean()
        return self.weight * term

    @torch.no_grad()
    def _update_anchors(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Update the averages by a batch's mean logits; return the anchors of reals and of fakes."""
        self.totals.lerp_(torch.stack([real, fake, torch.ones_like(real)]), 1.0 - self.decay)
        return self.totals[0] / self.totals[2], self.totals[1] / self.totals[2]
