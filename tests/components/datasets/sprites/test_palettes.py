"""Laws of the palettes: shapes stand out, and palettes differ in colour and in grey."""

import numpy as np
import pytest

from ganzoo.components.datasets.sprites.palettes import PALETTE_NAMES, PALETTES, lightness, mix_colours, to_channels

COUNT = len(PALETTES)
EACH = np.arange(COUNT)
ZERO = np.zeros(COUNT)


def test_ink_stands_out_from_both_backgrounds_and_from_the_accent():
    sky, ground, ink, accent, _ = np.moveaxis(lightness(mix_colours(EACH, ZERO, ZERO)), 1, 0)
    assert np.abs(ink - sky).min() > 0.3
    assert np.abs(ink - ground).min() > 0.3
    assert np.abs(ink - accent).min() > 0.15


@pytest.mark.parametrize("channels", [1, 3])
def test_every_two_differ_in_background_or_ink(channels):
    colours = to_channels(mix_colours(EACH, ZERO, ZERO), channels)[:, :3]
    apart = np.abs(colours[:, None] - colours[None]).max((2, 3)) + np.eye(COUNT)
    assert apart.min() > 0.1


def test_ink_in_the_shade_is_darker_than_ink():
    colours = lightness(mix_colours(EACH, ZERO, ZERO))
    assert (colours[:, 4] < 0.8 * colours[:, 2]).all()


def test_variation_is_slight_and_stays_in_range():
    rng = np.random.default_rng(0)
    palette = rng.integers(0, COUNT, 2000)
    varied = mix_colours(palette, rng.uniform(-1, 1, 2000), rng.uniform(-1, 1, 2000))
    assert varied.shape == (2000, 5, 3)
    assert varied.min() >= 0
    assert varied.max() <= 1
    assert 0.01 < np.abs(varied - mix_colours(EACH, ZERO, ZERO)[palette]).max() < 0.1


def test_turning_the_hue_keeps_the_lightness():
    still, turned = (lightness(mix_colours(EACH, ZERO + hue, ZERO))[:, :4] for hue in (0, 1))
    assert np.abs(still - turned).max() < 0.03, "only colours at the edge of the cube may lose some"


def test_grey_is_the_lightness():
    colours = mix_colours(EACH, ZERO, ZERO)
    assert to_channels(colours, 1)[..., 0] == pytest.approx(lightness(colours))
    assert to_channels(np.ones((1, 1, 3)), 2) == pytest.approx(np.ones((1, 1, 1)))
    assert to_channels(colours, 4) is colours


def test_names_are_unique():
    assert len(set(PALETTE_NAMES)) == COUNT
