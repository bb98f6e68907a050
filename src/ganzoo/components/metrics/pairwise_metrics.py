"""Metrics of pairs of samples: kernel distance, precision and recall, density and coverage.

They share one sweep: the first that is asked has the usual readings of all of them made, and the rest find theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, TypeVar, cast

from annotated_types import Ge
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from ganzoo.components.metrics.kernel import KernelSubsets
from ganzoo.components.metrics.neighbours import Balls, NeighbourBalls
from ganzoo.components.metrics.pairwise import Reader, sweep
from ganzoo.components.metrics.proportions import proportion
from ganzoo.components.metrics.requirements import finite_rows
from ganzoo.interfaces.measurement import MetricInputs, MetricValue

Result = TypeVar("Result")

_found: WeakIdKeyDictionary = WeakIdKeyDictionary()
"""Results by reader, of each evidence that is still in use."""


class KernelDistance:
    """Squared maximum mean discrepancy of the features, without bias: 0 in the mean for equal distributions.

    The value is the mean over S subsets. Their deviation becomes the error of all N samples by the rate of subsampling
    without replacement, ``deviation^2 * m / (N - m)`` of subsets of m, and ``deviation^2 / S`` for their number; for
    equal distributions that is too large rather than too small.

    Source: Binkowski et al. 2018, arXiv 1801.01401, section 4; the error: Politis & Romano 1994, "Large Sample
    Confidence Regions Based on Subsamples under Minimal Assumptions", The Annals of Statistics 22.

    Args:
        subsets: how many.
        subset_size: samples a subset, at most half of those there are; the mean does not depend on it.
    """

    featured: ClassVar[bool] = True
    minimum_samples: ClassVar[tuple[int, int]] = (4, 4)

    def __init__(self, *, subsets: Annotated[int, Ge(2)] = 100, subset_size: Annotated[int, Ge(2)] = 1000) -> None:
        self.subsets, self.subset_size = subsets, subset_size

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read ``kid``.

        Raises:
            BadData: fewer than four samples on a side, or features that are not finite.
        """
        finite_rows(inputs, "kid", self.minimum_samples)
        reader = _subsets(inputs, self.subsets, self.subset_size)
        discrepancies = _read(inputs, reader)
        share = reader.size / (_fewest(inputs) - reader.size) + 1 / reader.subsets
        return {"kid": MetricValue(float(discrepancies.mean()), float(discrepancies.std()) * share**0.5)}


class PrecisionRecall:
    """Share of fakes that lie among reals, and of reals that lie among fakes.

    Among others lies what is no further from one of them than its own k-th nearest neighbour. The errors are binomial,
    the balls held fast.

    Source: Kynkäänniemi et al. 2019, arXiv 1904.06991, equations 1 and 2.

    Args:
        neighbours: k.
    """

    featured: ClassVar[bool] = True

    def __init__(self, *, neighbours: Annotated[int, Ge(1)] = 3) -> None:
        self.neighbours = neighbours

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read ``precision`` and ``recall``.

        Raises:
            BadData: no more samples than neighbours, or features that are not finite.
        """
        balls = _balls(inputs, "pr", self.neighbours)
        return {"precision": proportion(balls.holders > 0), "recall": proportion(balls.recalled)}

    @property
    def minimum_samples(self) -> tuple[int, int]:
        """One more than neighbours, of each side."""
        return self.neighbours + 1, self.neighbours + 1


class DensityCoverage:
    """How many reals' balls a fake lies in, over k, and the share of reals whose ball holds a fake.

    Unlike precision and recall they do not trust a single outlier. Density is 1 for equal distributions and may be
    more. The errors are those of means over fakes and over reals, the balls held fast.

    Source: Naeem et al. 2020, arXiv 2002.09797, section 3.

    Args:
        neighbours: k.
    """

    featured: ClassVar[bool] = True

    def __init__(self, *, neighbours: Annotated[int, Ge(1)] = 5) -> None:
        self.neighbours = neighbours

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read ``density`` and ``coverage``.

        Raises:
            BadData: no more samples than neighbours, or features that are not finite.
        """
        balls = _balls(inputs, "dc", self.neighbours)
        return {"density": _mean(balls.holders / self.neighbours), "coverage": proportion(balls.covered)}

    @property
    def minimum_samples(self) -> tuple[int, int]:
        """One more than neighbours, of each side."""
        return self.neighbours + 1, self.neighbours + 1


def _balls(inputs: MetricInputs, metric: str, rank: int) -> Balls:
    finite_rows(inputs, metric, (rank + 1, rank + 1))
    usual = _usual_balls()
    return _read(inputs, usual if rank in usual.ranks else NeighbourBalls((rank,)))[rank]


def _read(inputs: MetricInputs, reader: Reader[Result]) -> Result:
    """Find what a reader reads, or sweep for it and for what other metrics usually want."""
    found: dict[Reader[object], object] = _found.setdefault(inputs, {})  # type: ignore[no-untyped-call]
    if reader not in found:
        usual: list[Reader[object]] = [] if found else [_usual_balls()]
        if not found and _fewest(inputs) >= 4:
            usual.append(_subsets(inputs, KernelDistance().subsets, KernelDistance().subset_size))
        readers = list(dict.fromkeys([reader, *usual]))
        found.update(zip(readers, sweep(inputs, readers), strict=True))
    return cast(Result, found[reader])


def _usual_balls() -> NeighbourBalls:
    return NeighbourBalls((PrecisionRecall().neighbours, DensityCoverage().neighbours))


def _subsets(inputs: MetricInputs, subsets: int, size: int) -> KernelSubsets:
    return KernelSubsets(subsets, min(size, _fewest(inputs) // 2))


def _fewest(inputs: MetricInputs) -> int:
    return min(len(inputs.real.rows), len(inputs.fake.rows))


def _mean(values: Tensor) -> MetricValue:
    """Read a mean over samples, where more is better."""
    found = values.double()
    return MetricValue(float(found.mean()), float(found.std(correction=0) / len(found) ** 0.5), "higher")
