"""Feature statistics cached on disk: read back bit-identically, computed again when they are damaged."""

import pytest
import torch

from ganzoo.components.metrics.moments import Moments
from ganzoo.evaluation.inputs.feature_cache import FeatureStatistics, load_or_compute

ROWS = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
CPU = torch.device("cpu")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path))
    return tmp_path


def statistics():
    return FeatureStatistics(Moments.of(ROWS), ROWS[:10])


def never():
    raise AssertionError("it was computed already")


@pytest.mark.parametrize("times", [1, 2], ids=["made", "found"])
def test_moments_come_back_to_the_bit(cache, times):
    moments = Moments.of(ROWS)
    found = [load_or_compute(["moments", times], statistics, CPU) for _ in range(times)][-1].moments
    assert found.count == moments.count
    assert torch.equal(found.mean, moments.mean)
    assert torch.equal(found.covariance, moments.covariance)


def test_statistics_are_read_back_to_the_bit(cache):
    one, two = load_or_compute(["a", 1], statistics, CPU), load_or_compute(["a", 1], never, CPU)
    assert torch.equal(one.rows, two.rows)
    assert torch.equal(one.moments.covariance, two.moments.covariance)


def test_another_key_is_another_entry(cache):
    load_or_compute(["a"], statistics, CPU)
    with pytest.raises(AssertionError, match="computed already"):
        load_or_compute(["b"], never, CPU)


def test_a_damaged_file_is_computed_again(cache):
    load_or_compute(["a"], statistics, CPU)
    (file,) = cache.rglob("statistics.safetensors")
    file.write_bytes(b"junk")
    assert torch.equal(load_or_compute(["a"], statistics, CPU).rows, ROWS[:10])
    load_or_compute(["a"], never, CPU)


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "file"))
    assert torch.equal(load_or_compute(["a"], statistics, CPU).rows, ROWS[:10])
