"""Laws of the styles: coverage, repetition, and no ink outside the shape."""

import numpy as np
import pytest

from ganzoo.components.datasets.sprites.outlines import OUTLINES
from ganzoo.components.datasets.sprites.styles import STEP, STYLE_NAMES, STYLES, Surface, cover, stripes

STYLE = pytest.mark.parametrize("style", STYLES, ids=STYLE_NAMES)


def surface(points=128, content=3):
    line = np.linspace(-1.3, 1.3, points, dtype=np.float32)
    x, y = (a.reshape(1, -1) for a in np.meshgrid(line, line))
    distance = OUTLINES[content].distance
    behind = distance(x - np.float32(STEP * 0.6), y + np.float32(STEP * 0.8))
    return Surface(x, y, distance(x, y), behind, np.full((1, 1), 2.6 / points, np.float32))


def test_cover_is_half_on_the_edge_and_a_ramp_one_pixel_wide():
    width = np.float32([[0.1]])
    depth = np.float32([[-1, -0.05, -0.025, 0, 0.025, 0.05, 1]])
    assert cover(depth, width)[0] == pytest.approx([1, 1, 0.75, 0.5, 0.25, 0, 0], abs=1e-6)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_stripes_repeat_and_fill_their_share(share):
    t = np.linspace(0, 3, 3000, endpoint=False, dtype=np.float32)
    d = stripes(t, 0.3, share)
    assert d == pytest.approx(stripes(t + np.float32(0.3), 0.3, share), abs=1e-5)
    assert (d < 0).mean() == pytest.approx(share, abs=0.01)


@STYLE
def test_values_lie_in_their_ranges(style):
    paint = style(surface())
    for field in paint:
        assert field.shape == (1, 128 * 128)
        assert field.dtype == np.float32
    assert paint.ink.min() == 0
    assert paint.ink.max() == 1
    assert 0 <= paint.accent.min() <= paint.accent.max() <= 1
    assert -1 <= paint.light.min() <= paint.light.max() <= 1


@STYLE
def test_inks_nothing_but_the_shape_and_its_slipped_print(style):
    s = surface()
    outside = (s.depth > s.width) & (s.behind > s.width)
    assert style(s).ink[outside].max() == 0


@STYLE
def test_draws_the_edge(style):
    s = surface()
    on_the_edge = (s.depth < -s.width) & (s.depth > -2.5 * s.width)
    assert style(s).ink[on_the_edge].min() > 0.99


@STYLE
def test_is_fixed_to_the_shape_not_to_the_pixels(style):
    fine, coarse = style(surface(255)), style(surface(128))
    for a, b in zip(fine[:3], coarse[:3], strict=True):
        a = a.reshape(255, 255)[::2, ::2].reshape(-1)
        assert np.abs(a - b).mean() < 0.06


def test_paints_differ_pairwise():
    def fill(style):
        paint = style(surface())
        return np.stack([paint.ink, paint.accent, paint.light])

    fills = [fill(style) for style in STYLES]
    for i in range(len(fills)):
        for j in range(i):
            assert np.abs(fills[i] - fills[j]).mean() > 0.02, (STYLE_NAMES[i], STYLE_NAMES[j])
