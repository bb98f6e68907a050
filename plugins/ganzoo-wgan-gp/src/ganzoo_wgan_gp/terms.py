"""The gradient penalty (Gulrajani et al. 2017, equation 3)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge
from torch import Tensor

from ganzoo import ScoredSamples, TermContext
from ganzoo.nn import input_gradients


class GradientPenalty:
    """Pulls the norm of the critic's gradient to 1 on straight lines between reals and fakes.

    With packing it is the gradient by a whole pack, each of whose samples is on its own line.

    Args:
        weight: weight of the term, lambda of equation 3.
        sides: two penalises norms below and above 1, one only norms above 1 (section 4).
        every: evaluate only at every N-th step, with N times the weight.
    """

    player: ClassVar[str] = "discriminator"

    def __init__(
        self,
        *,
        weight: Annotated[float, Ge(0)] = 10.0,
        sides: Literal["two", "one"] = "two",
        every: Annotated[int, Ge(1)] = 1,
    ) -> None:
        self.weight, self.sides, self.every = weight, sides, every

    def __call__(self, context: TermContext) -> Tensor:
        """Return ``weight * mean((|grad D(x_hat)| - 1)^2)``, a scalar."""
        real, fake = context.real.float(), context.fake.detach().float()
        epsilon = context.rng.uniform(*(1 for _ in real.shape[1:]))
        x_hat = torch.lerp(fake, real, epsilon).requires_grad_()
        gradient = input_gradients(ScoredSamples(x_hat, context.discriminator(x_hat, context.labels)))
        excess = gradient.norm(dim=1) - 1.0
        if self.sides == "one":
            excess = excess.clamp(min=0.0)
        term: Tensor = self.weight * excess.square().mean()  # eq. 3, second term
        return term
