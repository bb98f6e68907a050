import pytest
import torch
from ganzoo_adaptive.diff_augment import DiffAugment

COLOUR, SHIFT, CUT = (DiffAugment(policy=(name,)) for name in ("colour", "translation", "cutout"))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_colour_changes_mean_and_deviation_within_the_published_range(rng, images, channels):
    x = images(2000, channels, 4, 4, dtype=torch.float64)
    seen = COLOUR(x, rng(2000))
    lift = (seen - x).mean((1, 2, 3))
    assert lift.abs().max() <= 0.5
    assert lift.var().item() == pytest.approx(1 / 12, rel=0.1)
    grey, before = seen.mean(1).flatten(1), x.mean(1).flatten(1)
    contrast = grey.std(1) / before.std(1)
    assert contrast.min() >= 0.5 - 1e-9 and contrast.max() <= 1.5 + 1e-9
    assert contrast.mean().item() == pytest.approx(1, abs=0.03)
    if channels > 1:
        colour = (seen - seen.mean(1, keepdim=True)).flatten(1).norm(dim=1)
        saturation = colour / (x - x.mean(1, keepdim=True)).flatten(1).norm(dim=1) / contrast
        assert saturation.max() <= 2 + 1e-9
        assert saturation.mean().item() == pytest.approx(1, abs=0.06)


def test_grey_stays_grey(rng, images):
    x = images(8, 1, 4, 4)
    seen = COLOUR(x.expand(-1, 3, -1, -1), rng(8))
    torch.testing.assert_close(seen, COLOUR(x, rng(8)).expand(-1, 3, -1, -1))


def test_translation_is_by_whole_pixels_up_to_an_eighth_and_zeros_enter(rng):
    x = torch.zeros(4000, 1, 16, 24)
    x[:, :, 8, 12] = 1
    seen = SHIFT(x, rng(4000))
    assert torch.equal(seen.sum((1, 2, 3)), torch.ones(4000))
    _, _, rows, columns = seen.nonzero(as_tuple=True)
    assert (rows.min().item(), rows.max().item(), columns.min().item(), columns.max().item()) == (6, 10, 9, 15)
    assert rows.bincount()[6:].tolist() == pytest.approx([800] * 5, abs=110)


def test_translation_of_ones_shows_the_shift_as_a_border_of_zeros(rng):
    seen = SHIFT(torch.ones(200, 2, 16, 16), rng(200))
    kept = seen.sum((1, 2, 3)) / 2
    assert set(kept.tolist()) <= {a * b for a in (14, 15, 16) for b in (14, 15, 16)}
    assert len(kept.unique()) > 4


def test_cutout_blanks_half_the_sides_of_every_image(rng):
    seen = CUT(torch.ones(4000, 3, 8, 8), rng(4000))
    area = (seen == 0)[:, 0].sum((1, 2))
    assert area.max() == 16 and area.min() >= 4  # a quarter of the image; of that a quarter in a corner
    assert (area / 64).mean().item() == pytest.approx((7 / 16) ** 2, rel=0.05)


@pytest.mark.parametrize("augmentation", [COLOUR, SHIFT, CUT, DiffAugment()])
def test_each_sample_depends_on_its_own_random_numbers_and_the_input_stays(rng, images, augmentation):
    x = images(6, 3, 9, 8)
    before, seen = x.clone(), augmentation(x, rng(6))
    assert torch.equal(seen, augmentation(x, rng(6)))
    assert not torch.equal(seen, augmentation(x, rng(6, seed=1)))
    halves = [augmentation(x[:3], rng(6, stop=3)), augmentation(x[3:], rng(6, start=3))]
    torch.testing.assert_close(torch.cat(halves), seen)
    assert torch.equal(x, before)


@pytest.mark.parametrize("augmentation", [COLOUR, SHIFT, CUT, DiffAugment()])
def test_it_differentiates_twice(rng, images, augmentation):
    x = images(2, 3, 4, 3, dtype=torch.float64).requires_grad_()

    def curved(x):
        return augmentation(x, rng(2)).square()

    assert torch.autograd.gradcheck(curved, x)
    assert torch.autograd.gradgradcheck(curved, x)


def test_nothing_is_read_on_the_host(rng, images, watch):
    x = images(2, 3, 8, 8)
    with watch:
        DiffAugment()(x, rng(2))


def test_half_precision_comes_out_as_float32(rng, images):
    assert DiffAugment()(images(2, 3, 8, 8).bfloat16(), rng(2)).dtype == torch.float32
