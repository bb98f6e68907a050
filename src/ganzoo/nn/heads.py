"""The discriminator's last layer when labels play no part."""

from __future__ import annotations

from torch import Tensor, nn

from ganzoo.interfaces.protocols import DiscriminatorOutput
from ganzoo.nn.norm import BatchNorm


class LinearHead(nn.Module):
    """One logit from the features; over the positions of a patch discriminator one each.

    Args:
        feature_dim: F.
    """

    def __init__(self, feature_dim: int) -> None:
        super().__init__()
        self.logit = nn.Linear(feature_dim, 1)

    def forward(self, features: Tensor, labels: Tensor) -> DiscriminatorOutput:
        """Map features ``(B, F, ...)`` to logits ``(B, ...)``; the labels are not looked at."""
        return DiscriminatorOutput(self.logit(features.movedim(1, -1)).squeeze(-1))

    def discriminator_losses(
        self, real: DiscriminatorOutput, fake: DiscriminatorOutput, labels: Tensor
    ) -> dict[str, Tensor]:
        """No terms of its own."""
        return {}

    def generator_losses(self, fake: DiscriminatorOutput, labels: Tensor) -> dict[str, Tensor]:
        """No terms of its own."""
        return {}

    @staticmethod
    def norm(num_features: int, num_classes: int) -> nn.Module:
        """Plain batch normalisation."""
        return BatchNorm(num_features)
