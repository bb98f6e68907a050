"""The path-length term (Karras et al. 2020, section 3.2): equal steps in W change images by equal amounts.

Shapes: B batch, N samples of the term, L styles of a sample, D style, C channels, H height, W width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, cast

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor, nn

from ganzoo import StyleGenerator, TermContext

_TINY = 1e-20


class PathLength(nn.Module):
    """Keeps ``|J_w^T y|`` near its running mean for random images y, J_w being the Jacobian of the synthesis.

    Each evaluation first updates the mean, on the device. The mean is saved with the run. With ``run.accumulate`` above
    1 it is updated once per part of a batch.

    Source: Karras et al. 2020, arXiv 1912.04958, equation 4 and appendix B. A sample's L styles are equal but
    differentiated one by one, and their squared lengths averaged, as in the authors' code; styles are not mixed.

    Args:
        weight: weight of the term; y is divided by sqrt(H W), so that one weight fits all image sizes.
        every: evaluate only at every N-th step, with N times the weight.
        decay: share of each new value in the running mean.
        batch_shrink: divisor of the batch: 2 evaluates the term on half of it, which saves memory.
    """

    player: ClassVar[str] = "generator"
    mean: Tensor

    def __init__(
        self,
        *,
        weight: Annotated[float, Ge(0)] = 2.0,
        every: Annotated[int, Ge(1)] = 4,
        decay: Annotated[float, Gt(0), Le(1)] = 0.01,
        batch_shrink: Annotated[int, Ge(1)] = 2,
    ) -> None:
        super().__init__()
        self.weight, self.every, self.decay, self.batch_shrink = weight, every, decay, batch_shrink
        self.register_buffer("mean", torch.zeros(()))  # a, in the paper
        self._noise_shapes: list[torch.Size] | None = None

    def forward(self, context: TermContext) -> Tensor:
        """Return ``weight * mean((|J_w^T y| - a)^2)``, a scalar."""
        generator = cast(StyleGenerator, context.generator)
        count = max(1, len(context.latents) // self.batch_shrink)
        styles = generator.mapping(context.latents[:count], context.labels[:count])
        lengths = self._compute_lengths(generator, styles, context)
        with torch.no_grad():
            self.mean.lerp_(lengths.mean(), self.decay)
        term: Tensor = (lengths - self.mean.clone()).square().mean()  # eq. 4; the buffer changes in place
        return self.weight * term

    def _compute_lengths(self, generator: StyleGenerator, styles: Tensor, context: TermContext) -> Tensor:
        """Compute ``|J_w^T y|`` of each sample, ``(N,)``, differentiable itself."""
        noise = [context.rng.normal(*shape[1:])[: len(styles)] for shape in self._list_noise_shapes(generator)]
        images = generator.synthesis(styles, noise)
        y = context.rng.normal(*images.shape[1:])[: len(styles)] / math.sqrt(images[0, 0].numel())
        (slope,) = torch.autograd.grad((images * y).sum(), styles, create_graph=True)  # J_w^T y, appendix B
        return slope.square().sum(2).mean(1).clamp_min(_TINY).sqrt()  # no NaN where no style changes the image

    def _list_noise_shapes(self, generator: StyleGenerator) -> Sequence[torch.Size]:
        """List the shapes of the noise; cached, because making noise copies to the device."""
        if self._noise_shapes is None:
            self._noise_shapes = [noise.shape for noise in generator.make_noise(0)]
        return self._noise_shapes
