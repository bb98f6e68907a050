"""The critic's last layer when labels play no part."""

from __future__ import annotations

from torch import Tensor, nn

from ganzoo.nn.norm import BatchNorm
from ganzoo.protocols import Verdict


class LinearHead(nn.Module):
    """One logit from the features; over the positions of a patch critic one each.

    Args:
        feature_dim: F.
    """

    def __init__(self, feature_dim: int) -> None:
        super().__init__()
        self.logit = nn.Linear(feature_dim, 1)

    def forward(self, features: Tensor, labels: Tensor) -> Verdict:
        """Map features ``(B, F, ...)`` to logits ``(B, ...)``; the labels are not looked at."""
        return Verdict(self.logit(features.movedim(1, -1)).squeeze(-1))

    def critic_terms(self, real: Verdict, fake: Verdict, labels: Tensor) -> dict[str, Tensor]:
        """No terms of its own."""
        return {}

    def generator_terms(self, fake: Verdict, labels: Tensor) -> dict[str, Tensor]:
        """No terms of its own."""
        return {}

    @staticmethod
    def norm(num_features: int, num_classes: int) -> nn.Module:
        """Plain batch normalisation."""
        return BatchNorm(num_features)
