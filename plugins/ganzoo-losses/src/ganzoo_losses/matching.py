"""Feature matching (Salimans et al. 2016): the generator is told what the discriminator looks at, not only its verdict."""

from __future__ import annotations

from typing import Annotated, ClassVar

from annotated_types import Ge
from torch import Tensor

from ganzoo.interfaces.protocols import TermContext


class FeatureMatching:
    """Draws the mean of the discriminator's features over the fakes to their mean over the reals.

    Of the features before the discriminator's last layer. The paper puts it in place of the adversarial loss; here it stands
    beside it, as in pix2pixHD (Wang et al. 2018, arXiv 1711.11585, equation 4). Means of n samples lie apart by chance,
    by the features' variances over n: where a batch is cut into parts it is those of a part.

    Source: Salimans et al. 2016, arXiv 1606.03498, section 3.1.

    Args:
        weight: of the squared distance.
        every: evaluate at every N-th step only, N times as strong.
    """

    player: ClassVar[str] = "generator"

    def __init__(self, *, weight: Annotated[float, Ge(0)] = 1.0, every: Annotated[int, Ge(1)] = 1) -> None:
        self.weight, self.every = weight, every

    def __call__(self, context: TermContext) -> Tensor:
        """Return ``weight * |mean f(x) - mean f(G(z))|^2``, a scalar."""
        real, fake = (context.features(x).float().mean(0) for x in (context.real, context.fake))
        return self.weight * (real.detach() - fake).square().sum()
