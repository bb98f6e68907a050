"""Terms on the gradient of the discriminator by its input: at reals, at fakes and around reals.

Dragan pulls the norm to 1 and needs a discriminator that scores each sample alone. R1 and R2 pull it to 0 and also work
with minibatch standard deviation, as in StyleGAN2. A patch discriminator's gradient is that of the sum of its patch
logits; a packed discriminator's is by a whole pack.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from annotated_types import Ge
from torch import Tensor

from ganzoo import ScoredSamples, TermContext
from ganzoo.nn import input_gradients


class R1:
    """Penalises the squared gradient of the discriminator at reals; training then converges near the optimum.

    Source: Mescheder, Geiger & Nowozin 2018, arXiv 1801.04406, equation 9.

    Args:
        weight: gamma of equation 9, which halves it.
        every: evaluate only at every N-th step, with N times the weight.
        at_side: side in pixels of the square images that the weight is tuned for; for other sizes it is scaled by the
            number of pixels (Karras et al. 2020, arXiv 2006.06676). None never scales it.
    """

    player: ClassVar[str] = "discriminator"

    def __init__(
        self,
        *,
        weight: Annotated[float, Ge(0)] = 10.0,
        every: Annotated[int, Ge(1)] = 1,
        at_side: Annotated[int, Ge(1)] | None = None,
    ) -> None:
        self.weight, self.every, self.at_side = weight, every, at_side

    def __call__(self, context: TermContext) -> Tensor:
        """Return ``weight / 2 * mean(|grad D(x)|^2)``, a scalar."""
        gradient = input_gradients(context.score("real"))
        pixels = 1.0 if self.at_side is None else math.prod(context.real.shape[2:]) / self.at_side**2
        return pixels * self.weight / 2 * gradient.square().sum(1).mean()  # eq. 9


class R2:
    """Penalises the squared gradient of the discriminator at fakes; R3GAN uses it with R1.

    Source: Mescheder, Geiger & Nowozin 2018, arXiv 1801.04406, equation 10; Huang et al. 2024, arXiv 2501.05441.

    Args:
        weight: gamma of equation 10, which halves it.
        every: evaluate only at every N-th step, with N times the weight.
    """

    player: ClassVar[str] = "discriminator"

    def __init__(self, *, weight: Annotated[float, Ge(0)] = 10.0, every: Annotated[int, Ge(1)] = 1) -> None:
        self.weight, self.every = weight, every

    def __call__(self, context: TermContext) -> Tensor:
        """Return ``weight / 2 * mean(|grad D(G(z))|^2)``, a scalar."""
        gradient = input_gradients(context.score("fake"))
        return self.weight / 2 * gradient.square().sum(1).mean()  # eq. 10


class Dragan:
    """Pulls the norm of the discriminator's gradient to 1 at reals with added noise.

    The noise is normal, as in the paper, and scaled by the standard deviation of the reals, as in the authors' code
    (whose noise is uniform). With ``run.accumulate`` above 1 the deviation is that of a part of the batch.

    Source: Kodali et al. 2017, arXiv 1705.07215, section 2.3, with k = 1.

    Args:
        weight: weight of the term, lambda in the paper.
        noise: standard deviation of the noise, in standard deviations of the reals.
        every: evaluate only at every N-th step, with N times the weight.
    """

    player: ClassVar[str] = "discriminator"

    def __init__(
        self,
        *,
        weight: Annotated[float, Ge(0)] = 10.0,
        noise: Annotated[float, Ge(0)] = 0.5,
        every: Annotated[int, Ge(1)] = 1,
    ) -> None:
        self.weight, self.noise, self.every = weight, noise, every

    def __call__(self, context: TermContext) -> Tensor:
        """Return ``weight * mean((|grad D(x + delta)| - 1)^2)``, a scalar."""
        x = context.real.float()
        delta = self.noise * x.std(correction=0) * context.rng.normal(*x.shape[1:])
        x_hat = (x + delta).detach().requires_grad_()
        gradient = input_gradients(ScoredSamples(x_hat, context.discriminator(x_hat, context.labels)))
        excess = gradient.norm(dim=1) - 1.0
        term: Tensor = self.weight * excess.square().mean()
        return term
