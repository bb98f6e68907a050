"""The discriminator as a player: its trunk and the head of the conditioning component."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo.interfaces.networks import DiscriminatorOutput


class DiscriminatorWithHead(nn.Module):
    """Computes features with the trunk and logits with the head, which may use the labels.

    Args:
        trunk: maps images ``(B, *shape)`` to features ``(B, F, ...)``.
        head: maps features and labels to a ``DiscriminatorOutput``.
    """

    def __init__(self, trunk: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, images: Tensor, labels: Tensor) -> DiscriminatorOutput:
        """Score images ``(B, *shape)`` with labels ``(B,)``."""
        features = self.trunk(images)
        with torch.autocast(images.device.type, enabled=False):  # bf16 would round close logits to the same value
            output: DiscriminatorOutput = self.head(features.float(), labels)
        return output
