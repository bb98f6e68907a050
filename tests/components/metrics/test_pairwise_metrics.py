from __future__ import annotations

import gc

import pytest
import torch

from ganzoo.components.metrics import pairwise_metrics as paired
from ganzoo.components.metrics.pairwise_metrics import DensityCoverage, KernelDistance, PrecisionRecall
from ganzoo.errors import BadData

ALL = [KernelDistance, PrecisionRecall, DensityCoverage]


def values(metric, made):
    return {name: each.value for name, each in metric(made).items()}


def test_kid_of_equal_distributions_is_zero_within_its_error_over_fifty_samples(inputs, normal):
    found = [
        KernelDistance(subsets=20, subset_size=40)(
            inputs(normal(120, 8, seed=2 * i), normal(120, 8, seed=2 * i + 1), seed=i)
        )["kid"]
        for i in range(50)
    ]
    kid = torch.tensor([kid.value for kid in found])
    assert abs(kid.mean()) < 2 * kid.std() / 50**0.5
    assert (kid.abs() < 2 * torch.tensor([kid.error for kid in found])).float().mean() >= 0.95


@pytest.mark.parametrize(("subsets", "count"), [(50, 160), (8, 480)])
def test_the_error_of_kid_is_the_deviation_over_samples_that_differ(inputs, normal, subsets, count):
    found = [
        KernelDistance(subsets=subsets, subset_size=40)(
            inputs(normal(count, 4, seed=2 * i), normal(count, 4, seed=2 * i + 1) + 0.7, seed=i)
        )["kid"]
        for i in range(40)
    ]
    deviation = torch.tensor([kid.value for kid in found]).std()
    assert 0.75 < torch.tensor([kid.error for kid in found]).mean() / deviation < 1.4


def test_subsets_of_kid_shrink_to_half_the_samples(inputs, normal):
    made = inputs(normal(30, 3), normal(20, 3, seed=1) + 1)
    assert values(KernelDistance(), made) == values(KernelDistance(subset_size=10), made)


def test_equal_sets_are_precise_complete_and_covered(inputs, normal):
    rows = normal(50, 6)
    made = inputs(rows, rows.clone())
    assert values(PrecisionRecall(), made) == {"precision": 1, "recall": 1}
    density, coverage = values(DensityCoverage(), made).values()
    assert coverage == 1
    assert density == pytest.approx(6 / 5)  # five neighbours' balls on average, and its own twin's


def test_sets_far_apart_share_nothing(inputs, normal):
    made = inputs(normal(50, 6), normal(50, 6, seed=1) + 100)
    assert {*values(PrecisionRecall(), made).values(), *values(DensityCoverage(), made).values()} == {0.0}


def test_one_copied_real_is_precise_and_covers_next_to_nothing(inputs, normal):
    real = normal(100, 6)
    made = inputs(real, real[:1].expand(100, -1).clone())
    assert values(PrecisionRecall(), made)["precision"] == 1
    assert values(PrecisionRecall(), made)["recall"] == 0.01  # only the copied one itself
    assert values(DensityCoverage(), made)["coverage"] < 0.2


def test_shares_have_binomial_errors(inputs, normal):
    """Two samples of each kind are added, as by Agresti & Coull: a share of 0 has an error."""
    precision = PrecisionRecall()(inputs(normal(100, 6), normal(80, 6, seed=1)))["precision"]
    p = (precision.value * 80 + 2) / 84
    assert precision.error == pytest.approx((p * (1 - p) / 84) ** 0.5)
    assert precision.better == "higher"
    apart = PrecisionRecall()(inputs(normal(100, 6), normal(80, 6, seed=1) + 1000))["precision"]
    assert apart.value == 0
    assert 1.96 * apart.error == pytest.approx(0.033, abs=0.002)


def test_all_three_share_one_pass(inputs, normal, monkeypatch):
    passes, original = [], paired.compute_statistics
    monkeypatch.setattr(
        paired, "compute_statistics", lambda made, statistics: passes.append(statistics) or original(made, statistics)
    )
    made = inputs(normal(40, 6), normal(40, 6, seed=1))
    alone = [values(m(), inputs(normal(40, 6), normal(40, 6, seed=1))) for m in ALL]
    passes.clear()
    assert [values(m(), made) for m in ALL] == alone
    assert len(passes) == 1
    values(PrecisionRecall(neighbours=7), made)
    assert len(passes) == 2


def test_results_are_dropped_with_their_inputs(inputs, normal):
    made = inputs(normal(20, 3), normal(20, 3))
    PrecisionRecall()(made)
    before = len(paired._results)
    del made
    gc.collect()
    assert len(paired._results) == before - 1


@pytest.mark.parametrize(
    ("metric", "least"), [(KernelDistance(), 4), (PrecisionRecall(), 4), (PrecisionRecall(neighbours=9), 10),
                          (DensityCoverage(), 6)])  # fmt: skip
def test_fewer_samples_than_it_takes_are_refused(inputs, normal, metric, least):
    with pytest.raises(BadData, match=f"needs at least {least} generated samples, not {least - 1}"):
        metric(inputs(normal(least, 3), normal(least - 1, 3)))
    metric(inputs(normal(least, 3), normal(least, 3)))


@pytest.mark.parametrize("metric", ALL)
def test_features_that_are_not_finite_are_refused(inputs, normal, metric):
    broken = normal(20, 3)
    broken[2, 1] = torch.nan
    with pytest.raises(BadData, match="not finite"):
        metric()(inputs(broken, normal(20, 3)))


def test_bytes_and_floats_of_the_same_images_score_alike(inputs, normal):
    bytes_ = [(normal(40, 12, seed=i) * 40 + 128).clamp(0, 255).to(torch.uint8) for i in (0, 1)]
    as_floats = [(x.double() / 127.5 - 1).float() for x in bytes_]
    as_bytes = [x.float() / 127.5 - 1 for x in bytes_]
    for metric in ALL:
        left, right = values(metric(), inputs(*as_floats)), values(metric(), inputs(*as_bytes))
        assert left == pytest.approx(right, abs=1e-6)
