import math

import pytest
import torch
from ganzoo_adaptive.colour import recolour, sample_colours

N = 40_000


def test_at_p_0_images_stay_equal_bit_for_bit(sampler, images):
    for channels in (1, 2, 3, 4):
        x = images(8, channels, 3, 3)
        assert torch.equal(recolour(x, sampler(0.0, 8, dtype=x.dtype)), x)


def test_the_closed_form_is_the_product_of_the_papers_five_steps(sampler):
    """The same random numbers, in the paper's order, as 4 x 4 matrices."""
    matrices, offsets = sample_colours(sampler(1.0, 20), 3)
    again, one = sampler(1.0, 20), torch.eye(4, dtype=torch.float64)
    luma = torch.tensor([1, 1, 1, 0], dtype=torch.float64) / math.sqrt(3)
    outer = luma.outer(luma)
    b = again.select(again.normal(0.2), 0)
    c = again.select(again.log_normal(0.5), 1)
    flip = (1 - again.select(1 - 2 * again.integers(2), 1)) / 2
    t = again.select(again.uniform(-math.pi, math.pi), 0)
    s = again.select(again.log_normal(1.0), 1)
    skew = torch.zeros(4, 4, dtype=torch.float64)
    skew[:3, :3] = torch.linalg.cross(torch.eye(3, dtype=torch.float64), luma[None, :3].expand(3, 3), dim=1)
    for i in range(20):
        brightness = one.clone()
        brightness[:3, 3] = b[i]
        contrast = torch.diag(torch.tensor([c[i], c[i], c[i], 1], dtype=torch.float64))
        mirror = one - 2 * outer * flip[i]
        hue = torch.linalg.matrix_exp(t[i] * skew)
        saturation = one.clone()
        saturation[:3, :3] = (outer + s[i] * (one - outer))[:3, :3]
        product = saturation @ hue @ mirror @ contrast @ brightness
        torch.testing.assert_close(matrices[i], product[:3, :3])
        torch.testing.assert_close(offsets[i].expand(3), product[:3, 3])


def test_one_channel_changes_like_grey(sampler):
    """Brightness, contrast and flip alone; hue and saturation of grey do nothing."""
    one, offset = sample_colours(sampler(1.0, 30), 1)
    three, offsets = sample_colours(sampler(1.0, 30), 3)
    grey = torch.full((3, 1), 0.4, dtype=torch.float64)
    assert torch.equal(offset, offsets)
    torch.testing.assert_close((three @ grey), (one * 0.4).expand(30, 3, 1))


@pytest.mark.parametrize("channels", [2, 4, 7])
def test_other_channel_counts_keep_hue_and_saturation(sampler, channels):
    matrices, _ = sample_colours(sampler(1.0, 30), channels)
    apart = torch.randn(channels, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    apart -= apart.mean()
    changed = matrices @ apart
    factor = changed @ apart / (apart @ apart)
    torch.testing.assert_close(changed, factor[:, None] * apart)
    assert (factor > 0).all()
    torch.testing.assert_close(matrices.sum(2).abs(), factor[:, None].expand(30, channels))  # contrast, for all of it


@pytest.mark.parametrize("p", [0.25, 0.6])
def test_constants_are_recoverable_from_their_augmented_mean(sampler, p):
    """Invertible in distribution: the mean over augmentations scales brightness and colour by numbers, not 0."""
    matrices, offsets = sample_colours(sampler(p, N), 3)
    contrast = 1 - p + p * math.exp((0.5 * math.log(2)) ** 2 / 2)
    saturation = 1 - p + p * math.exp(math.log(2) ** 2 / 2)
    colour = torch.tensor([0.5, 0.2, -0.1], dtype=torch.float64)
    grey = colour.mean()
    mean = (matrices @ colour + offsets[:, None]).mean(0)
    wanted = (1 - p) * contrast * (grey + saturation * (colour - grey))
    torch.testing.assert_close(mean, wanted, atol=0.02, rtol=0)


def test_brightness_and_flip_have_their_published_spread(sampler):
    matrices, offsets = sample_colours(sampler(1.0, N), 1)
    gains = matrices[:, 0, 0]
    assert (gains < 0).double().mean().item() == pytest.approx(0.5, abs=0.01)
    assert (offsets / gains).std().item() == pytest.approx(0.2, rel=0.02)
    assert gains.abs().log2().std().item() == pytest.approx(0.5, rel=0.02)


def test_hue_is_even_and_saturation_spreads_by_an_octave(sampler):
    matrices, _ = sample_colours(sampler(1.0, N), 3)
    gains = matrices.sum(2)[:, 0].abs()
    scaled = matrices / gains[:, None, None]
    along = (scaled.diagonal(dim1=1, dim2=2).sum(1) - matrices.sum(2)[:, 0].sign()) / 2
    across = (scaled[:, 1, 0] - scaled[:, 0, 1]) * math.sqrt(3) / 2
    assert (along**2 + across**2).sqrt().log2().std().item() == pytest.approx(1, rel=0.02)
    assert torch.atan2(across, along).cos().mean().item() == pytest.approx(0, abs=0.02)
