"""The slope of a critic: what penalties on its gradient are made of.

Shapes: B batch, N verdicts, fewer than B where the critic judges packs.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.protocols import Judged


def slopes_of(judged: Judged) -> Tensor:
    """Differentiate each verdict by all it was made of: ``(N, values)``, itself differentiable.

    Taken from the gradient of the sum, so each verdict must depend on its own images alone. Of a patch critic it is the
    slope of the sum over the patches. Under packing, verdict i is made of the i-th B // N images in a row, and what
    they leave over of no verdict.
    """
    (slope,) = torch.autograd.grad(judged.logits.sum(), judged.images, create_graph=True)
    verdicts = len(judged.logits)
    packed = len(judged.images) // verdicts
    return slope[: verdicts * packed].reshape(verdicts, -1)
