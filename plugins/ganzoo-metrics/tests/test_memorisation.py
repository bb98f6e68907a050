import pytest
import torch
from ganzoo_metrics import memorisation as module
from ganzoo_metrics.memorisation import Memorisation, find_nearest
from torch.nn.functional import normalize

from ganzoo import BadData
from ganzoo.components.metrics import FrechetDistance, frechet_distance


@pytest.mark.parametrize("block", [7, 1024])
def test_nearest_references_equal_their_definition(normal, monkeypatch, block):
    monkeypatch.setattr(module, "BLOCK", block)
    a, b = normalize(normal(20, 6), dim=1), normalize(normal(15, 6, seed=1), dim=1)
    expected = (1 - (a @ b.T).abs()).min(1)
    distance, place = find_nearest(a, b)
    torch.testing.assert_close(distance, expected.values, atol=1e-6, rtol=0)
    assert torch.equal(place, expected.indices)
    own = 1 - (a @ a.T).abs() + 9 * torch.eye(20)
    torch.testing.assert_close(find_nearest(a, a, exclude_self=True)[0], own.min(1).values, atol=1e-6, rtol=0)


def test_copies_are_detected(inputs, normal):
    real = normal(60, 3, 4, 4)
    found = Memorisation()(inputs(real, real.flip(0).clone()))
    assert found["memorisation_distance"].value < 1e-6
    assert found["authentic"].value == 0


def test_copies_make_a_small_frechet_distance_large(inputs, normal):
    real, exclude_self = normal(60, 12), normal(60, 12, seed=1)
    made = inputs(real, torch.cat([real[:59], exclude_self[:1]]))
    found = Memorisation()(made)
    plain = frechet_distance(made.real.moments, made.fake.moments)
    assert found["mifid"].value == pytest.approx(plain / found["memorisation_distance"].value)
    assert found["mifid"].value > 50 * plain


def test_independent_fakes_are_authentic_and_not_penalised(inputs, normal):
    made = inputs(normal(100, 40), normal(100, 40, seed=1))
    found = Memorisation()(made)
    assert found["authentic"].value > 0.3  # one in two of an equal distribution, or somewhat fewer
    assert found["mifid"].value == pytest.approx(frechet_distance(made.real.moments, made.fake.moments))
    assert found["memorisation_distance"].better == found["authentic"].better == "neither"  # noise has both


def points_at(*degrees):
    """Points on the unit circle."""
    angles = torch.deg2rad(torch.tensor(degrees))
    return torch.stack([angles.cos(), angles.sin()], 1)


@pytest.mark.parametrize(("apart", "penalised"), [(0.08, True), (0.12, False), (0.2, False)])
def test_the_default_threshold_is_a_tenth(inputs, apart, penalised):
    """Reals and fakes lie in two planes, and each fake at distance ``apart`` from its nearest real: ``1 - cos``."""
    real = torch.tensor([[1.0, 0, 0, 0], [0, 0, 1, 0]])
    fake = (1 - apart) * real + (1 - (1 - apart) ** 2) ** 0.5 * real.roll(1, 1)
    made = inputs(real, fake)
    found, plain = Memorisation()(made), frechet_distance(made.real.moments, made.fake.moments)
    assert found["memorisation_distance"].value == pytest.approx(apart, abs=1e-6)
    assert found["mifid"].value == pytest.approx(plain / apart if penalised else plain, rel=1e-4)


def test_authenticity_depends_on_the_neighbours_of_the_nearest_real(inputs):
    """Two degrees from a real are far where reals lie half a degree apart, and near where they lie ten apart."""
    real = points_at(0.0, 0.5, 1.0, 60.0, 70.0, 80.0)
    assert Memorisation()(inputs(real, points_at(3.0, 62.0)))["authentic"].value == 0.5
    assert Memorisation()(inputs(real, points_at(3.0, 4.0)))["authentic"].value == 1
    assert Memorisation()(inputs(real, points_at(62.0, 78.0)))["authentic"].value == 0


def test_the_error_of_a_penalised_distance_combines_both_errors(inputs, normal):
    real = normal(200, 12)
    made = inputs(real, real + 0.3 * normal(200, 12, seed=1))
    found, plain = Memorisation()(made), FrechetDistance()(made)["fd"]
    apart = found["memorisation_distance"]
    relative = (plain.error / plain.value) ** 2 + (apart.error / apart.value) ** 2
    assert found["mifid"].error / found["mifid"].value == pytest.approx(relative**0.5)
    not_penalised = Memorisation(threshold=0)(made)["mifid"]
    assert (not_penalised.value, not_penalised.error) == (plain.value, plain.error)


def test_the_sheet_shows_the_closest_fakes_beside_their_reals(inputs, normal):
    real, fake = normal(30, 3, 4, 4), normal(30, 3, 4, 4, seed=1)
    fake[17], fake[5] = real[3], real[8] * 1.01
    made = inputs(real, fake)
    Memorisation(shown=2)(made)
    images, columns = made.pictures["nearest"]
    assert images.shape == (4, 3, 4, 4) and columns == 8
    assert {0, 1} == {int((images[i * 2] - images[i * 2 + 1]).abs().max() < 0.1) and i for i in (0, 1)}


def test_points_have_no_sheet(inputs, normal):
    made = inputs(normal(9, 2), normal(9, 2, seed=1))
    Memorisation()(made)
    assert made.pictures == {}


def test_one_sample_and_non_finite_values_are_refused(inputs, normal):
    with pytest.raises(BadData, match="at least 2 generated"):
        Memorisation()(inputs(normal(9, 4), normal(1, 4)))
    with pytest.raises(BadData, match="not finite"):
        Memorisation()(inputs(normal(9, 4), normal(9, 4) / 0))
