"""Gradients of a discriminator's logits with respect to its images, for gradient penalties.

Shapes: B batch, N logits, fewer than B where the discriminator scores packs of samples.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.interfaces.losses import ScoredSamples


def input_gradients(scored: ScoredSamples) -> Tensor:
    """Differentiate each logit by its own images: ``(N, values)``, itself differentiable.

    It is taken from the gradient of the sum of logits, so each logit must depend on its own images alone. For a patch
    discriminator it is the gradient of the sum over the patches. Under packing, logit i belongs to the i-th run of
    B // N images, and left-over images belong to no logit.
    """
    (gradient,) = torch.autograd.grad(scored.logits.sum(), scored.images, create_graph=True)
    count = len(scored.logits)
    pack = len(scored.images) // count
    return gradient[: count * pack].reshape(count, -1)
