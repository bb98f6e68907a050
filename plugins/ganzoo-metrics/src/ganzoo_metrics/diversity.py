"""Perceptual distances between fakes, compared with those between reals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar
from weakref import WeakKeyDictionary

import torch
from annotated_types import Ge
from torch import Tensor

from ganzoo import BadData, Features, MetricInputs, MetricValue, Samples
from ganzoo.components.metrics import assert_enough_samples, assert_finite
from ganzoo_metrics.perceptual import perceptual_distance

BATCH = 32


class Diversity:
    """Mean perceptual distance between two fakes, between two reals, and their ratio, which is 1 at best.

    Noise is more diverse than any data, so rank by ``diversity_gap``, the distance of the ratio from 1:
    ``1 - min(ratio, 1 / ratio)``, from 0 to 1.

    The distance is ``perceptual_distance``: of activations of several depths where the features have them, else of the
    features. With a conditional generator also between fakes of one class (``diversity_within``), which falls when it
    ignores its latent. No sample is in two pairs, so the errors are those of independent pairs.

    Source: Zhu et al. 2017, arXiv 1711.11586, section 5; Zhang et al. 2018, arXiv 1801.03924.

    Args:
        pairs: number of pairs, at most half the number of samples.
    """

    uses_features: ClassVar[bool] = True
    minimum_samples: ClassVar[tuple[int, int]] = (4, 4)

    def __init__(self, *, pairs: Annotated[int, Ge(2)] = 1000) -> None:
        self.pairs = pairs
        self._real_distances = WeakKeyDictionary[Samples, dict[str, tuple[Features, Tensor, Tensor]]]()

    @torch.no_grad()
    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``diversity``, its ``_real``, ``_ratio`` and ``_gap``, and the same of ``diversity_within``.

        Raises:
            BadData: fewer than four samples on a side, features that are not finite, or reals that are all equal.
        """
        assert_enough_samples(inputs, "diversity", self.minimum_samples)
        found = self._compare(inputs, "diversity", within=False)
        if inputs.conditional and inputs.num_classes > 1:
            found |= self._compare(inputs, "diversity_within", within=True)
        return found

    def _compare(self, inputs: MetricInputs, name: str, *, within: bool) -> dict[str, MetricValue]:
        rng = inputs.make_rng(name)
        pairs = [self._draw_pairs(side, rng, within) for side in (inputs.real, inputs.fake)]
        real, fake = self._compare_reals(inputs, name, pairs[0]), _measure_distances(inputs, inputs.fake, pairs[1])
        assert_finite(inputs, "diversity", real, fake)
        of_fakes, of_reals = _average(fake), _average(real)
        if of_reals.value == 0:
            raise BadData("diversity: all reals have equal features, so there is nothing to compare with. "
                          "Choose others with --features (see: ganzoo list features).")  # fmt: skip
        ratio = _divide(of_fakes, of_reals)
        return {name: of_fakes, f"{name}_real": of_reals, f"{name}_ratio": ratio, f"{name}_gap": _measure_gap(ratio)}

    def _compare_reals(self, inputs: MetricInputs, name: str, pairs: Tensor) -> Tensor:
        """Compare pairs of reals; the result is kept, because all evaluations of a run use the same pairs."""
        known = self._real_distances.setdefault(inputs.real, {})
        features, compared, distances = known.get(name, (None, pairs, pairs))
        if features is not inputs.features or not torch.equal(compared, pairs):
            distances = _measure_distances(inputs, inputs.real, pairs)
            known[name] = inputs.features, pairs, distances
        return distances

    def _draw_pairs(self, side: Samples, rng: torch.Generator, within: bool) -> Tensor:
        pairs = draw_pairs(side.labels if within else torch.zeros(len(side)), self.pairs, rng)
        if len(pairs) < 2:
            raise BadData("diversity within classes needs two pairs of samples of one class on each side: "
                          "evaluate with more --samples.")  # fmt: skip
        return pairs


def _measure_distances(inputs: MetricInputs, side: Samples, pairs: Tensor) -> Tensor:
    return torch.cat([
        perceptual_distance(inputs.features, *(side.images(column.tolist()) for column in part.T)).cpu()
        for part in torch.split(pairs, BATCH)
    ]).double()  # fmt: skip


def draw_pairs(labels: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """Draw pairs of indices with equal labels, no index twice.

    Args:
        labels: ``(N,)``.
        count: number of pairs, at most.
        rng: draws the pairs.

    Returns:
        ``(count or fewer, 2)``.
    """
    order = torch.randperm(len(labels), generator=rng)
    order = order[labels[order].argsort(stable=True)]
    whole = [part[: len(part) // 2 * 2].view(-1, 2) for part in
             torch.split(order, torch.unique_consecutive(labels[order], return_counts=True)[1].tolist())]  # fmt: skip
    pairs = torch.cat(whole)
    return pairs[torch.randperm(len(pairs), generator=rng)[:count]]


def _average(values: Tensor) -> MetricValue:
    return MetricValue(float(values.mean()), float(values.std() / len(values) ** 0.5), "neither")


def _divide(above: MetricValue, below: MetricValue) -> MetricValue:
    """Divide two values; the error is that of a quotient of independent means."""
    assert above.error is not None
    assert below.error is not None
    ratio = above.value / below.value
    error = ((above.error / below.value) ** 2 + (ratio * below.error / below.value) ** 2) ** 0.5
    return MetricValue(ratio, error, "neither")


def _measure_gap(ratio: MetricValue) -> MetricValue:
    """Measure how far a ratio is from 1, equally for its inverse; propagate the error of the ratio."""
    assert ratio.error is not None
    if ratio.value <= 1:
        return MetricValue(1 - ratio.value, ratio.error, "lower")
    return MetricValue(1 - 1 / ratio.value, ratio.error / ratio.value**2, "lower")
