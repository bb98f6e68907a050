"""How different fakes look from one another, beside how different reals do."""

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
    """Mean perceptual distance between two fakes, the same of reals, and the ratio: 1 is as it should be.

    Noise is more diverse than any data, so what ranks is ``diversity_gap``, how far the ratio lies from 1 either way:
    ``1 - min(ratio, 1 / ratio)``, from 0 to 1.

    The distance is ``perceptual_distance``: of activations of several depths where the features give them, else of the
    features. With a conditional generator also between fakes of one class (``diversity_within``), which falls when it
    ignores its noise. No sample is in two pairs, so the errors are those of independent pairs.

    Source: Zhu et al. 2017, arXiv 1711.11586, section 5; Zhang et al. 2018, arXiv 1801.03924.

    Args:
        pairs: how many, at most half as many as there are samples.
    """

    uses_features: ClassVar[bool] = True
    minimum_samples: ClassVar[tuple[int, int]] = (4, 4)

    def __init__(self, *, pairs: Annotated[int, Ge(2)] = 1000) -> None:
        self.pairs = pairs
        self._of_reals = WeakKeyDictionary[Samples, dict[str, tuple[Features, Tensor, Tensor]]]()

    @torch.no_grad()
    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read ``diversity``, ``diversity_real``, ``diversity_ratio`` and ``_gap``, and the same ``diversity_within``.

        Raises:
            BadData: fewer than four samples on a side, features that are not finite, or reals that are all alike.
        """
        assert_enough_samples(inputs, "diversity", self.minimum_samples)
        found = self._compare(inputs, "diversity", within=False)
        if inputs.conditional and inputs.num_classes > 1:
            found |= self._compare(inputs, "diversity_within", within=True)
        return found

    def _compare(self, inputs: MetricInputs, name: str, *, within: bool) -> dict[str, MetricValue]:
        random = inputs.make_rng(name)
        places = [self._pairs(side, random, within) for side in (inputs.real, inputs.fake)]
        real, fake = self._reals(inputs, name, places[0]), _distances(inputs, inputs.fake, places[1])
        assert_finite(inputs, "diversity", real, fake)
        of_fakes, of_reals = _mean(fake), _mean(real)
        if of_reals.value == 0:
            raise BadData("diversity: the reals look all alike to these features, so there is nothing to compare with. "
                          "Choose others with --features (see: ganzoo list features).")  # fmt: skip
        ratio = _ratio(of_fakes, of_reals)
        return {name: of_fakes, f"{name}_real": of_reals, f"{name}_ratio": ratio, f"{name}_gap": _gap(ratio)}

    def _reals(self, inputs: MetricInputs, name: str, places: Tensor) -> Tensor:
        """Compare pairs of reals, once for all evaluations of a run: they are the same in each."""
        known = self._of_reals.setdefault(inputs.real, {})
        features, compared, distances = known.get(name, (None, places, places))
        if features is not inputs.features or not torch.equal(compared, places):
            distances = _distances(inputs, inputs.real, places)
            known[name] = inputs.features, places, distances
        return distances

    def _pairs(self, side: Samples, random: torch.Generator, within: bool) -> Tensor:
        places = pairs_of(side.labels if within else torch.zeros(len(side)), self.pairs, random)
        if len(places) < 2:
            raise BadData("diversity within classes needs two pairs of samples of one class on each side: "
                          "evaluate with more --samples.")  # fmt: skip
        return places


def _distances(inputs: MetricInputs, side: Samples, places: Tensor) -> Tensor:
    return torch.cat([
        perceptual_distance(inputs.features, *(side.images(column.tolist()) for column in part.T)).cpu()
        for part in torch.split(places, BATCH)
    ]).double()  # fmt: skip


def pairs_of(labels: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Draw pairs of places with equal labels, no place twice.

    Args:
        labels: ``(N,)``.
        count: pairs, at most.
        random: draws them.

    Returns:
        ``(count or fewer, 2)``.
    """
    order = torch.randperm(len(labels), generator=random)
    order = order[labels[order].argsort(stable=True)]
    whole = [part[: len(part) // 2 * 2].view(-1, 2) for part in
             torch.split(order, torch.unique_consecutive(labels[order], return_counts=True)[1].tolist())]  # fmt: skip
    pairs = torch.cat(whole)
    return pairs[torch.randperm(len(pairs), generator=random)[:count]]


def _mean(values: Tensor) -> MetricValue:
    return MetricValue(float(values.mean()), float(values.std() / len(values) ** 0.5), "neither")


def _ratio(above: MetricValue, below: MetricValue) -> MetricValue:
    """Divide, with the error of a quotient of independent means."""
    assert above.error is not None
    assert below.error is not None
    ratio = above.value / below.value
    error = ((above.error / below.value) ** 2 + (ratio * below.error / below.value) ** 2) ** 0.5
    return MetricValue(ratio, error, "neither")


def _gap(ratio: MetricValue) -> MetricValue:
    """Measure how far a ratio lies from 1, as far for its inverse; the error is that of the ratio, carried over."""
    assert ratio.error is not None
    if ratio.value <= 1:
        return MetricValue(1 - ratio.value, ratio.error, "lower")
    return MetricValue(1 - 1 / ratio.value, ratio.error / ratio.value**2, "lower")
