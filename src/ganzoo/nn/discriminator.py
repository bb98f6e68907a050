"""A discriminator as the discriminator's features under the conditioning's head."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo.interfaces.protocols import DiscriminatorOutput


class DiscriminatorWithHead(nn.Module):
    """The player ``discriminator``: features, then a head that may look at the label.

    Args:
        trunk: maps images ``(B, *shape)`` to features ``(B, F, ...)``.
        head: maps features and labels to a ``DiscriminatorOutput``.
    """

    def __init__(self, trunk: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, images: Tensor, labels: Tensor) -> DiscriminatorOutput:
        """Judge images ``(B, *shape)`` with labels ``(B,)``."""
        features = self.trunk(images)
        with torch.autocast(images.device.type, enabled=False):  # bf16 would make near logits equal
            output: DiscriminatorOutput = self.head(features.float(), labels)
        return output
