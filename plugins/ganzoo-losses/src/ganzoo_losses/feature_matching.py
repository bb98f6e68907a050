"""Feature matching (Salimans et al. 2016): fakes match the mean features of reals in the discriminator."""

from __future__ import annotations

from typing import Annotated, ClassVar

from annotated_types import Ge
from torch import Tensor

from ganzoo import TermContext


class FeatureMatching:
    """Pulls the mean of the discriminator's features over the fakes to their mean over the reals.

    The features are those before the discriminator's last layer. The paper replaces the adversarial loss; here the
    term is added to it, as in pix2pixHD (Wang et al. 2018, arXiv 1711.11585, equation 4). Means over n samples differ
    by chance, by the features' variance over n; n is the size of a part when ``run.accumulate`` splits a batch.

    Source: Salimans et al. 2016, arXiv 1606.03498, section 3.1.

    Args:
        weight: weight of the squared distance between the means.
        every: evaluate only at every N-th step, with N times the weight.
    """

    player: ClassVar[str] = "generator"

    def __init__(self, *, weight: Annotated[float, Ge(0)] = 1.0, every: Annotated[int, Ge(1)] = 1) -> None:
        self.weight, self.every = weight, every

    def __call__(self, context: TermContext) -> Tensor:
        """Return ``weight * |mean f(x) - mean f(G(z))|^2``, a scalar."""
        real, fake = (context.features(x).float().mean(0) for x in (context.real, context.fake))
        return self.weight * (real.detach() - fake).square().sum()
