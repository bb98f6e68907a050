"""The discriminator's last layer in a conditional GAN: three ways in which the logit depends on the class.

Shapes: B batch, F features, K classes, E embedding; ``...`` the positions of a patch discriminator, none otherwise.
"""

from __future__ import annotations

from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, leaky_relu

from ganzoo import DiscriminatorOutput
from ganzoo_conditional.norm import ConditionalBatchNorm


class ConditionalHead(nn.Module):
    """Base of the heads: no further losses, and conditional batch normalisation in the generator."""

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
        """Make batch normalisation with a gain and a bias per class."""
        return ConditionalBatchNorm(num_features, num_classes)


class ConcatenationHead(ConditionalHead):
    """Concatenates features and an embedding of the label, followed by a hidden layer.

    Source: Mirza & Osindero 2014, arXiv 1411.1784, section 4.1, whose joint layer is nonlinear, so that image and label
    interact; leaky ReLU replaces the paper's maxout.

    Args:
        feature_dim: F.
        num_classes: K.
        embed_dim: E, length of the label's embedding.
        hidden_dim: units of the hidden layer.
    """

    def __init__(
        self,
        feature_dim: int,
        num_classes: int,
        *,
        embed_dim: Annotated[int, Ge(1)] = 50,
        hidden_dim: Annotated[int, Ge(1)] = 240,
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(num_classes, embed_dim)
        self.joint = nn.Linear(feature_dim + embed_dim, hidden_dim)
        self.logit = nn.Linear(hidden_dim, 1)

    def forward(self, features: Tensor, labels: Tensor) -> DiscriminatorOutput:
        """Map features ``(B, F, ...)`` and labels ``(B,)`` to logits ``(B, ...)``."""
        x = features.movedim(1, -1)
        y = _align(self.embed(labels), x).expand(*x.shape[:-1], -1)
        hidden = leaky_relu(self.joint(torch.cat([x, y], -1)), 0.2)
        return DiscriminatorOutput(self.logit(hidden).squeeze(-1))


class ProjectionHead(ConditionalHead):
    """A linear logit plus the inner product of the features with an embedding of the label.

    Source: Miyato & Koyama 2018, arXiv 1802.05637, equation 3.

    Args:
        feature_dim: F.
        num_classes: K.
    """

    def __init__(self, feature_dim: int, num_classes: int) -> None:
        super().__init__()
        self.logit = nn.Linear(feature_dim, 1)
        self.embed = nn.Embedding(num_classes, feature_dim)
        nn.init.xavier_uniform_(self.embed.weight)  # N(0, 1) would exceed psi by a factor of sqrt(F)

    def forward(self, features: Tensor, labels: Tensor) -> DiscriminatorOutput:
        """Map features ``(B, F, ...)`` and labels ``(B,)`` to logits ``(B, ...)``."""
        phi = features.movedim(1, -1)
        psi = self.logit(phi).squeeze(-1)
        return DiscriminatorOutput(psi + (_align(self.embed(labels), phi) * phi).sum(-1))  # eq. 3


class AuxiliaryClassifierHead(ConditionalHead):
    """A linear logit and a classifier; discriminator and generator both minimise its cross-entropy.

    Source: Odena et al. 2017, arXiv 1610.09585, section 3; the cross-entropies are minus the terms of L_C (equation 3).
    The features of a patch discriminator are averaged over the patches for the classifier.

    Args:
        feature_dim: F.
        num_classes: K.
        real_weight: weight of the discriminator's cross-entropy on reals.
        fake_weight: weight of the discriminator's cross-entropy on fakes; 0 trains the classifier on reals only.
        generator_weight: weight of the generator's cross-entropy on fakes.
    """

    def __init__(
        self,
        feature_dim: int,
        num_classes: int,
        *,
        real_weight: Annotated[float, Ge(0)] = 1.0,
        fake_weight: Annotated[float, Ge(0)] = 1.0,
        generator_weight: Annotated[float, Ge(0)] = 1.0,
    ) -> None:
        super().__init__()
        self.real_weight, self.fake_weight, self.generator_weight = real_weight, fake_weight, generator_weight
        self.logit = nn.Linear(feature_dim, 1)
        self.classes = nn.Linear(feature_dim, num_classes)

    def forward(self, features: Tensor, labels: Tensor) -> DiscriminatorOutput:
        """Map features ``(B, F, ...)`` to logits ``(B, ...)`` and ``classes`` ``(B, K)``; labels are ignored."""
        logits = self.logit(features.movedim(1, -1)).squeeze(-1)
        pooled = features.flatten(2).mean(2) if features.ndim > 2 else features
        return DiscriminatorOutput(logits, {"classes": self.classes(pooled)})

    def discriminator_losses(
        self, real: DiscriminatorOutput, fake: DiscriminatorOutput, labels: Tensor
    ) -> dict[str, Tensor]:
        """Return the weighted cross-entropies on reals and on fakes."""
        return {
            "classes_real": self.real_weight * cross_entropy(real.extras["classes"], labels),
            "classes_fake": self.fake_weight * cross_entropy(fake.extras["classes"], labels),
        }

    def generator_losses(self, fake: DiscriminatorOutput, labels: Tensor) -> dict[str, Tensor]:
        """Return the weighted cross-entropy on fakes."""
        return {"classes": self.generator_weight * cross_entropy(fake.extras["classes"], labels)}


def _align(vectors: Tensor, positions: Tensor) -> Tensor:
    """Reshape ``(B, E)`` so that it broadcasts over the positions of ``(B, ..., F)``."""
    return vectors.reshape(len(vectors), *(1 for _ in positions.shape[1:-1]), -1)
