"""Terms on the discriminator's slope at reals, at fakes and around reals.

Dragan, which wants a slope of 1, needs a discriminator that classifiers each sample alone; R1 and R2 only flatten, and stand beside
minibatch standard deviation, as in StyleGAN2. Of a patch discriminator it is the slope of the sum over its patches, of a
packed one that by a whole pack.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from annotated_types import Ge
from torch import Tensor

from ganzoo.interfaces.protocols import ScoredSamples, TermContext
from ganzoo.nn.input_gradients import input_gradients


class R1:
    """Flattens the discriminator at reals, so that training comes to rest where fakes are as good.

    Source: Mescheder, Geiger & Nowozin 2018, arXiv 1801.04406, equation 9.

    Args:
        weight: gamma of equation 9, which halves it.
        every: evaluate at every N-th step only, N times as strong.
        at_side: side of the square images the weight is meant for; others take it in proportion to their pixels, the
            rule of thumb of Karras et al. 2020, arXiv 2006.06676. None takes it as it is.
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
        slope = input_gradients(context.scored("real"))
        pixels = 1.0 if self.at_side is None else math.prod(context.real.shape[2:]) / self.at_side**2
        return pixels * self.weight / 2 * slope.square().sum(1).mean()  # eq. 9


class R2:
    """Flattens the discriminator at fakes; R3GAN puts it beside R1.

    Source: Mescheder, Geiger & Nowozin 2018, arXiv 1801.04406, equation 10; Huang et al. 2024, arXiv 2501.05441.

    Args:
        weight: gamma of equation 10, which halves it.
        every: evaluate at every N-th step only, N times as strong.
    """

    player: ClassVar[str] = "discriminator"

    def __init__(self, *, weight: Annotated[float, Ge(0)] = 10.0, every: Annotated[int, Ge(1)] = 1) -> None:
        self.weight, self.every = weight, every

    def __call__(self, context: TermContext) -> Tensor:
        """Return ``weight / 2 * mean(|grad D(G(z))|^2)``, a scalar."""
        slope = input_gradients(context.scored("fake"))
        return self.weight / 2 * slope.square().sum(1).mean()  # eq. 10


class Dragan:
    """Pulls the norm of the discriminator's gradient towards 1 in a cloud around the reals.

    The cloud is the paper's normal one; its width follows the spread of the reals, as in the authors' code
    (which draws it uniformly). With ``run.accumulate`` above 1 the spread is that of the batch part in hand.

    Source: Kodali et al. 2017, arXiv 1705.07215, section 2.3, with k = 1.

    Args:
        weight: lambda.
        noise: standard deviation of the cloud, in standard deviations of the reals.
        every: evaluate at every N-th step only, N times as strong.
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
        cloud = (x + delta).detach().requires_grad_()
        slope = input_gradients(ScoredSamples(cloud, context.discriminator(cloud, context.labels)))
        excess = slope.norm(dim=1) - 1.0
        term: Tensor = self.weight * excess.square().mean()
        return term
