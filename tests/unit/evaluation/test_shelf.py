"""Surveys kept on disk: found again to the bit, made anew when they are damaged."""

import pytest
import torch

from ganzoo.evaluation.shelf import Recalled, Survey, shelved
from ganzoo.metrics.moments import Moments

ROWS = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
CPU = torch.device("cpu")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path))
    return tmp_path


def survey():
    return Survey(Moments.of(ROWS), ROWS[:10])


def never():
    raise AssertionError("it was made already")


def test_recalled_moments_are_the_moments(cache):
    moments = Moments.of(ROWS)
    recalled = Recalled(50, moments.mean, moments.covariance, CPU)
    assert recalled.count == 50
    assert torch.equal(recalled.mean, moments.mean)
    assert torch.allclose(recalled.covariance, moments.covariance, rtol=1e-14)
    recalled.update(ROWS)
    assert torch.allclose(recalled.mean, moments.mean)


def test_what_was_made_is_found_to_the_bit(cache):
    one, two = shelved(["a", 1], survey, CPU), shelved(["a", 1], never, CPU)
    assert torch.equal(one.rows, two.rows)
    assert torch.equal(one.moments.covariance, two.moments.covariance)


def test_another_key_is_another_survey(cache):
    shelved(["a"], survey, CPU)
    with pytest.raises(AssertionError, match="made already"):
        shelved(["b"], never, CPU)


def test_a_damaged_file_is_made_anew(cache):
    shelved(["a"], survey, CPU)
    (file,) = cache.rglob("survey.safetensors")
    file.write_bytes(b"junk")
    assert torch.equal(shelved(["a"], survey, CPU).rows, ROWS[:10])
    shelved(["a"], never, CPU)


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "file"))
    assert torch.equal(shelved(["a"], survey, CPU).rows, ROWS[:10])
