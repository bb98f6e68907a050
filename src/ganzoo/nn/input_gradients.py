"""The slope of a discriminator: what terms on its gradient are made of.

Shapes: B batch, N verdicts, fewer than B where the discriminator classifiers packs.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.interfaces.protocols import ScoredSamples


def input_gradients(scored: ScoredSamples) -> Tensor:
    """Differentiate each verdict by all it was made of: ``(N, values)``, itself differentiable.

    Taken from the gradient of the sum, so each verdict must depend on its own images alone. Of a patch discriminator it is the
    slope of the sum over the patches. Under packing, verdict i is made of the i-th B // N images in a row, and what
    they leave over of no verdict.
    """
    (slope,) = torch.autograd.grad(scored.logits.sum(), scored.images, create_graph=True)
    outputs = len(scored.logits)
    packed = len(scored.images) // outputs
    return slope[: outputs * packed].reshape(outputs, -1)
