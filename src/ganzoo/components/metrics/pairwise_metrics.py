"""Metrics of pairs of samples: kernel distance, precision and recall, density and coverage.

They share one pass: the first metric that is computed also computes the default statistics of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, TypeVar, cast

from annotated_types import Ge
from torch.utils.weak import WeakIdKeyDictionary

from ganzoo.components.metrics.kernel import KernelSubsets
from ganzoo.components.metrics.neighbours import Balls, NeighbourBalls
from ganzoo.components.metrics.pairwise import PairwiseStatistic, compute_statistics
from ganzoo.components.metrics.proportions import proportion
from ganzoo.components.metrics.requirements import read_finite_rows
from ganzoo.interfaces.measurement import MetricInputs, MetricValue

Result = TypeVar("Result")

_results: WeakIdKeyDictionary = WeakIdKeyDictionary()
"""Results by statistic, for each ``MetricInputs`` that is still in use."""


class KernelDistance:
    """Squared maximum mean discrepancy of the features, without bias: 0 on average for equal distributions.

    The value is the mean over S subsets. Their deviation becomes the error of all N samples by the rate of subsampling
    without replacement, ``deviation^2 * m / (N - m)`` of subsets of m, and ``deviation^2 / S`` for their number; for
    equal distributions that is too large rather than too small.

    Source: Binkowski et al. 2018, arXiv 1801.01401, section 4; the error: Politis & Romano 1994, "Large Sample
    Confidence Regions Based on Subsamples under Minimal Assumptions", The Annals of Statistics 22.

    Args:
        subsets: number of random subsets.
        subset_size: samples a subset, at most half of all samples; the expected value does not depend on it.
    """

    uses_features: ClassVar[bool] = True
    minimum_samples: ClassVar[tuple[int, int]] = (4, 4)

    def __init__(self, *, subsets: Annotated[int, Ge(2)] = 100, subset_size: Annotated[int, Ge(2)] = 1000) -> None:
        self.subsets, self.subset_size = subsets, subset_size

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``kid``.

        Raises:
            BadData: fewer than four samples on a side, or features that are not finite.
        """
        read_finite_rows(inputs, "kid", self.minimum_samples)
        statistic = _kernel_subsets(inputs, self.subsets, self.subset_size)
        discrepancies = _compute(inputs, statistic)
        share = statistic.size / (_fewest_rows(inputs) - statistic.size) + 1 / statistic.subsets
        return {"kid": MetricValue(float(discrepancies.mean()), float(discrepancies.std()) * share**0.5)}


class PrecisionRecall:
    """Share of fakes that lie among reals, and of reals that lie among fakes.

    A sample lies among others if it is no further from one of them than that one's k-th nearest neighbour. The errors
    are binomial, with the balls held fixed.

    Source: Kynkäänniemi et al. 2019, arXiv 1904.06991, equations 1 and 2.

    Args:
        neighbours: k.
    """

    uses_features: ClassVar[bool] = True

    def __init__(self, *, neighbours: Annotated[int, Ge(1)] = 3) -> None:
        self.neighbours = neighbours

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``precision`` and ``recall``.

        Raises:
            BadData: no more samples than neighbours, or features that are not finite.
        """
        balls = _compute_balls(inputs, "pr", self.neighbours)
        return {"precision": proportion(balls.holders > 0), "recall": proportion(balls.recalled)}

    @property
    def minimum_samples(self) -> tuple[int, int]:
        """Reals and fakes needed: one more than neighbours."""
        return self.neighbours + 1, self.neighbours + 1


class DensityCoverage:
    """Number of reals' balls that a fake lies in, over k, and the share of reals whose ball holds a fake.

    Unlike precision and recall, they do not depend on a single outlier. Density is 1 for equal distributions and may be
    more. The errors are those of means over fakes and over reals, with the balls held fixed.

    Source: Naeem et al. 2020, arXiv 2002.09797, section 3.

    Args:
        neighbours: k.
    """

    uses_features: ClassVar[bool] = True

    def __init__(self, *, neighbours: Annotated[int, Ge(1)] = 5) -> None:
        self.neighbours = neighbours

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``density`` and ``coverage``.

        Raises:
            BadData: no more samples than neighbours, or features that are not finite.
        """
        balls = _compute_balls(inputs, "dc", self.neighbours)
        densities = (balls.holders / self.neighbours).double()
        error = float(densities.std(correction=0) / len(densities) ** 0.5)
        density = MetricValue(float(densities.mean()), error, "higher")
        return {"density": density, "coverage": proportion(balls.covered)}

    @property
    def minimum_samples(self) -> tuple[int, int]:
        """Reals and fakes needed: one more than neighbours."""
        return self.neighbours + 1, self.neighbours + 1


def _compute_balls(inputs: MetricInputs, metric: str, rank: int) -> Balls:
    read_finite_rows(inputs, metric, (rank + 1, rank + 1))
    default = _default_balls()
    return _compute(inputs, default if rank in default.ranks else NeighbourBalls((rank,)))[rank]


def _compute(inputs: MetricInputs, statistic: PairwiseStatistic[Result]) -> Result:
    """Return a statistic, computing it together with the defaults of the other metrics if it is not there yet."""
    results: dict[PairwiseStatistic[object], object] = _results.setdefault(inputs, {})  # type: ignore[no-untyped-call]
    if statistic not in results:
        defaults: list[PairwiseStatistic[object]] = [] if results else [_default_balls()]
        if not results and _fewest_rows(inputs) >= 4:
            defaults.append(_kernel_subsets(inputs, KernelDistance().subsets, KernelDistance().subset_size))
        statistics = list(dict.fromkeys([statistic, *defaults]))
        results.update(zip(statistics, compute_statistics(inputs, statistics), strict=True))
    return cast(Result, results[statistic])


def _default_balls() -> NeighbourBalls:
    return NeighbourBalls((PrecisionRecall().neighbours, DensityCoverage().neighbours))


def _kernel_subsets(inputs: MetricInputs, subsets: int, size: int) -> KernelSubsets:
    return KernelSubsets(subsets, min(size, _fewest_rows(inputs) // 2))


def _fewest_rows(inputs: MetricInputs) -> int:
    return min(len(inputs.real.rows), len(inputs.fake.rows))
