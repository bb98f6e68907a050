import pytest
import torch
from ganzoo_adaptive.wavelets import (
    CENTRE,
    SYM6,
    fine_ends,
    fine_positions,
    make_bands,
    make_downsampling,
    make_upsampling,
    mirror,
)

SIZES = (3, 4, 7, 16, 28)


def test_the_axis_is_mirrored_about_its_end_pixels():
    assert mirror(torch.arange(-5, 9), 4).tolist() == [1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert mirror(torch.tensor([-0.25, 3.25]), 4).tolist() == [0.25, 2.75]


def test_shifts_by_two_of_the_filter_are_orthonormal():
    taps = torch.tensor(SYM6, dtype=torch.float64)
    products = [(taps[2 * k :] * taps[: len(taps) - 2 * k]).sum().item() for k in range(6)]
    assert products == pytest.approx([1, 0, 0, 0, 0, 0], abs=1e-10)


@pytest.mark.parametrize("size", SIZES)
def test_downsampling_inverts_upsampling_to_the_last_pixel(size):
    product = make_downsampling(size) @ make_upsampling(size)
    torch.testing.assert_close(product, torch.eye(size, dtype=torch.float64), atol=1e-10, rtol=0)


@pytest.mark.parametrize("size", SIZES)
def test_both_keep_constants(size):
    for matrix in (make_upsampling(size), make_downsampling(size)):
        torch.testing.assert_close(matrix.sum(1), torch.ones(len(matrix), dtype=torch.float64))


@pytest.mark.parametrize("degree", range(6))
def test_polynomials_up_to_degree_5_are_upsampled_in_place(degree):
    """Six vanishing moments: x^k at fine place u is a polynomial again; up to degree 1 it is x^k itself."""
    pixels = torch.arange(40, dtype=torch.float64) / 40
    fine = make_upsampling(40) @ pixels**degree
    inner = fine[20:-20]
    if degree <= 1:
        torch.testing.assert_close(inner, (fine_positions(40)[20:-20] / 40) ** degree, atol=1e-9, rtol=0)
    differences = inner
    for _ in range(degree + 1):
        differences = differences.diff()
    assert differences.abs().max() < 1e-8


def test_the_fine_axis_has_twice_the_resolution_and_symmetric_margins():
    places = fine_positions(8)
    assert len(places) == 2 * 8 + 10
    torch.testing.assert_close(places.diff(), torch.full((25,), 0.5, dtype=torch.float64))
    assert (places[0].item(), places[-1].item()) == pytest.approx(fine_ends(8))
    assert pytest.approx(5.0983, abs=1e-4) == CENTRE


@pytest.mark.parametrize("size", SIZES)
def test_bands_sum_to_the_identity_and_a_constant_is_in_the_lowest(size):
    split, one = make_bands(size), torch.ones(size, dtype=torch.float64)
    torch.testing.assert_close(split.sum(0), torch.eye(size, dtype=torch.float64))
    torch.testing.assert_close(split @ one, torch.stack([one, 0 * one, 0 * one, 0 * one]), atol=1e-12, rtol=0)


def test_each_band_holds_most_of_a_wave_of_its_octave():
    size, places = 129, torch.arange(129, dtype=torch.float64)
    for band, frequency in enumerate((1 / 16, 3 / 16, 3 / 8, 3 / 4)):
        wave = (torch.pi * frequency * places).cos()
        power = (make_bands(size) @ wave).square().sum(1)
        assert power.argmax() == band
        assert power[band] > 0.5 * wave.square().sum()
