"""The discriminator's last layer in a run without conditioning on labels."""

from __future__ import annotations

from torch import Tensor, nn

from ganzoo.interfaces.networks import DiscriminatorOutput
from ganzoo.nn.norm import BatchNorm


class LinearHead(nn.Module):
    """Maps features to one logit, or to one logit a position for a patch discriminator.

    Args:
        feature_dim: length F of the features.
    """

    def __init__(self, feature_dim: int) -> None:
        super().__init__()
        self.logit = nn.Linear(feature_dim, 1)

    def forward(self, features: Tensor, labels: Tensor) -> DiscriminatorOutput:
        """Map features ``(B, F, ...)`` to logits ``(B, ...)``; the labels are ignored."""
        return DiscriminatorOutput(self.logit(features.movedim(1, -1)).squeeze(-1))

    def discriminator_losses(
        self, real: DiscriminatorOutput, fake: DiscriminatorOutput, labels: Tensor
    ) -> dict[str, Tensor]:
        """Return no further losses."""
        return {}

    def generator_losses(self, fake: DiscriminatorOutput, labels: Tensor) -> dict[str, Tensor]:
        """Return no further losses."""
        return {}

    @staticmethod
    def norm(num_features: int, num_classes: int) -> nn.Module:
        """Return batch normalisation that ignores the labels."""
        return BatchNorm(num_features)
