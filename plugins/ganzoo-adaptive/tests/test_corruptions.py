import pytest
import torch
from ganzoo_adaptive.corruptions import BandFilter, add_noise, cut_out, sample_band_gains, sample_cutouts

N = 20_000


def test_at_p_0_images_stay_equal_bit_for_bit(sampler, images):
    x = images(4, 2, 6, 8)
    for change in (BandFilter((6, 8)), add_noise, cut_out):
        assert torch.equal(change(x, sampler(0.0, dtype=x.dtype)), x)


def test_gains_keep_the_expected_power(sampler):
    gains = sample_band_gains(sampler(1.0, 1))
    chosen = sampler(1.0, 1)
    factors = [chosen.select(chosen.log_normal(1.0), 1) for _ in range(4)]
    wanted = torch.ones(4, dtype=torch.float64)
    power = torch.tensor([10, 1, 1, 1], dtype=torch.float64) / 13
    for band, factor in enumerate(factors):  # one after another, as the paper does it
        step = torch.ones(4, dtype=torch.float64)
        step[band] = factor
        wanted = wanted * step / (power * step.square()).sum().sqrt()
    torch.testing.assert_close(gains[0], wanted)


def test_a_constant_is_multiplied_by_the_low_gain_along_both_axes(sampler):
    x = torch.ones(5, 1, 8, 8, dtype=torch.float64)
    gains = sample_band_gains(sampler(1.0, 5))
    filtered = BandFilter((8, 8)).double()(x, sampler(1.0, 5))
    torch.testing.assert_close(filtered, gains[:, 0].square()[:, None, None, None].expand_as(x))


def test_noise_is_white_and_half_normal_in_strength(sampler):
    added = add_noise(torch.zeros(4000, 1, 8, 8, dtype=torch.float64), sampler(1.0, 4000))
    assert added.mean().item() == pytest.approx(0, abs=0.002)
    assert added.square().mean().sqrt().item() == pytest.approx(0.1, rel=0.05)
    spread = added.flatten(1).std(1)
    assert spread.mean().item() == pytest.approx(0.1 * (2 / torch.pi) ** 0.5, rel=0.05)


def test_cutouts_are_half_the_sides_unless_the_border_clips_them(sampler):
    cutout = sample_cutouts(sampler(1.0, N), 8, 12)[:, 0]
    rows, columns = cutout.any(2).sum(1), cutout.any(1).sum(1)
    assert (rows.max().item(), columns.max().item()) == (4, 6)
    inner = ~cutout[:, [0, -1]].any((1, 2)) & ~cutout[:, :, [0, -1]].any((1, 2))
    assert (cutout[inner].sum((1, 2)) == 24).all()
    assert cutout.double().mean().item() == pytest.approx((7 / 16) ** 2, rel=0.02)


def test_cut_out_blanks_the_rectangle_and_nothing_else(sampler):
    x = torch.ones(N // 20, 2, 8, 8)
    blank = cut_out(x, sampler(0.4, len(x)))
    assert set(blank.unique().tolist()) == {0, 1}
    assert torch.equal(blank[:, 0], blank[:, 1])
    assert (blank == 0).flatten(1).any(1).double().mean().item() == pytest.approx(0.4, abs=0.07)
