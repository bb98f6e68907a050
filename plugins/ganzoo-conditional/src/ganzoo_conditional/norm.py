"""Conditional batch normalisation: the generator's dependence on the label.

Shapes: B batch, C channels, H height, W width, K classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding


class ConditionalBatchNorm(nn.Module):
    """Batch normalisation with a gain and a bias per class.

    Source: Dumoulin et al. 2017, arXiv 1610.07629, equation 5 (a gain and a bias per class on shared statistics); de
    Vries et al. 2017, arXiv 1707.00683, section 3 (in place of batch normalisation).

    Gains and biases are plain parameters, not an ``nn.Embedding``, whose initial matrix of ones spectral normalisation
    would divide by ``sqrt(K C)``.

    Args:
        num_features: C.
        num_classes: K.
    """

    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__()
        self.normalise = nn.BatchNorm2d(num_features, affine=False)
        self.gains = nn.Parameter(torch.ones(num_classes, num_features))
        self.biases = nn.Parameter(torch.zeros(num_classes, num_features))

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        """Normalise ``(B, C, H, W)``, then scale and shift it by the class ``(B,)`` of each sample."""
        gain, bias = (embedding(labels, table)[..., None, None] for table in (self.gains, self.biases))
        normalised: Tensor = self.normalise(x)
        return gain * normalised + bias  # eq. 5, Dumoulin et al. 2017
