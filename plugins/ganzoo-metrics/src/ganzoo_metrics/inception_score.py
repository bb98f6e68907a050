"""The inception score: fakes of clear classes, and of many classes.

Shapes: N fakes, S splits, K classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Protocol, runtime_checkable

import torch
from annotated_types import Ge
from torch import Tensor

from ganzoo import DoesNotFit, MetricInputs, MetricValue
from ganzoo.components.metrics import assert_enough_samples, assert_finite


@runtime_checkable
class ClassProbabilities(Protocol):
    """Features with the capability ``probabilities``."""

    def probabilities(self, images: Tensor) -> Tensor:
        """Map ``(N, *shape)`` to ``(N, K)``, rows that sum to 1."""


class InceptionScore:
    """Measures how confident a classifier is about each fake, and how varied its predictions are; uses no reals.

    Between 1 and the number of classes. The value is the mean over splits, as published; its error is their standard
    deviation over the root of their number, where papers print the standard deviation.

    Source: Salimans et al. 2016, arXiv 1606.03498, section 4.

    Args:
        splits: number of parts of the fakes; each is scored separately.
    """

    uses_features: ClassVar[bool] = True

    def __init__(self, *, splits: Annotated[int, Ge(1)] = 10) -> None:
        self.splits = splits

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``inception_score``.

        Raises:
            DoesNotFit: the features give no class probabilities.
            BadData: fewer than two fakes a split, or probabilities that are not finite.
        """
        features = inputs.features
        if not isinstance(features, ClassProbabilities):
            raise DoesNotFit(f"inception-score needs features that give class probabilities; '{features.name}' give "
                             "none. Choose others with --features (see: ganzoo list features).")  # fmt: skip
        assert_enough_samples(inputs, "inception-score", self.minimum_samples)
        scores_S = self._score_splits(inputs, features)
        assert_finite(inputs, "inception-score", torch.zeros(1), scores_S)
        error = float(scores_S.std() / self.splits**0.5) if self.splits > 1 else None
        return {"inception_score": MetricValue(float(scores_S.mean()), error, "higher")}

    @property
    def minimum_samples(self) -> tuple[int, int]:
        """No reals, and two fakes per split."""
        return 0, 2 * self.splits

    @torch.no_grad()
    def _score_splits(self, inputs: MetricInputs, features: ClassProbabilities) -> Tensor:
        """Score each split from sums over its samples: ``exp(mean sum p log p - sum q log q)``, q the mean of p."""
        counts_S, sums_SK, seen = torch.zeros(self.splits).double(), torch.zeros(self.splits, 1).double(), 0
        clear_S = torch.zeros(self.splits).double()
        for images, _ in inputs.fake.batches():
            p_NK = features.probabilities(images).cpu().double()
            split_N = torch.arange(seen, seen + len(p_NK)) * self.splits // len(inputs.fake)
            counts_S.index_add_(0, split_N, torch.ones(len(p_NK)).double())
            clear_S.index_add_(0, split_N, torch.xlogy(p_NK, p_NK).sum(1))
            sums_SK = sums_SK.new_zeros(self.splits, p_NK.shape[1]).index_add_(0, split_N, p_NK) + sums_SK
            seen += len(p_NK)
        q_SK = sums_SK / counts_S[:, None]
        return (clear_S / counts_S - torch.xlogy(q_SK, q_SK).sum(1)).exp()
