"""Laws of rendering: pure, independent of size, antialiased, unclipped, and different for different factors."""

import numpy as np
import pytest

from ganzoo.components.datasets.sprites.factors import sample_factors
from ganzoo.components.datasets.sprites.palettes import lightness
from ganzoo.components.datasets.sprites.render import render
from ganzoo.errors import BadData


def factors(count=64, seed=0):
    return sample_factors(seed, np.arange(count))


def shrink(images, factor):
    b, c, h, w = images.shape
    return images.reshape(b, c, h // factor, factor, w // factor, factor).mean((3, 5))


def test_an_image_is_the_same_in_any_batch_and_order():
    order = np.random.default_rng(0).permutation(400)
    whole = render(factors(400), 32)
    assert np.array_equal(render(factors(400)[order], 32), whole[order])
    assert np.array_equal(render(factors(400)[17:18], 32), whole[17:18])


@pytest.mark.parametrize("size", [8, 28, 32, 33, 64, 100])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_any_size_and_one_to_four_channels(size, channels):
    images = render(factors(3), size, channels)
    assert images.shape == (3, channels, size, size)
    assert images.dtype == np.uint8
    assert images.std((2, 3)).min() > 5


@pytest.mark.parametrize("size", [16, 32, 64])
def test_an_image_shows_the_same_at_every_size(size):
    large = shrink(render(factors(), 128), 128 // size)
    apart = np.abs(render(factors(), size) - large)
    assert apart.mean() < 1.0
    assert np.quantile(apart, 0.999) < 30


@pytest.mark.parametrize("channels", [1, 3])
def test_every_two_styles_differ_for_the_same_shape(channels):
    looks = [render(factors().with_style(k), 28, channels).astype(float) for k in range(8)]
    for i in range(8):
        for j in range(i):
            assert np.abs(looks[i] - looks[j]).mean() > 3, (i, j)


def test_another_style_keeps_the_background():
    solid, inked = factors().with_style(0), []
    looks = [render(factors().with_style(k), 64, 4) for k in range(8)]
    inked = np.max([look[:, 3] for look in looks], axis=0) > 0
    near = inked.copy()
    for shift in range(1, 13):
        for axis in (1, 2):
            near |= np.roll(inked, shift, axis) | np.roll(inked, -shift, axis)
    # Shadows lie to the lower right, a diagonal neighbour of ink: widen once more.
    for _ in range(8):
        near |= np.roll(near, 1, 1)
    bare = np.repeat(~near[:, None], 3, 1)
    assert bare.mean() > 0.1
    reference = render(solid, 64)
    assert all(np.array_equal(look[:, :3][bare], reference[bare]) for look in looks)


def test_palettes_are_recognised_in_grey():
    def corner_and_extremes(seed):
        s = factors(1500, seed)
        grey = render(s, 16, 1)[:, 0].astype(float)
        return s.palette, np.stack([grey[:, 0].mean(1), grey[:, -1].mean(1), grey.min((1, 2)), grey.max((1, 2))], 1)

    palette, known = corner_and_extremes(0)
    wanted, asked = corner_and_extremes(1)
    centre = np.stack([known[palette == k].mean(0) for k in range(8)])
    spread = np.stack([known[palette == k].std(0) + 2 for k in range(8)])
    found = (((asked[:, None] - centre) / spread) ** 2).sum(-1).argmin(1)
    assert (found == wanted).mean() > 0.9


def test_contents_are_recognised_by_a_linear_probe_in_unseen_styles():
    def edges(s):
        grey = render(s, 12, 1)[:, 0].astype(float)
        steps = np.hypot(grey[:, :-1, 1:] - grey[:, :-1, :-1], grey[:, 1:, :-1] - grey[:, :-1, :-1])
        flat = (steps / steps.mean((1, 2), keepdims=True)).reshape(len(s), -1)
        return np.concatenate([flat, np.ones((len(s), 1))], 1)

    shown, asked = factors(2400, 0), factors(800, 1)
    for hidden in (0, 1, 6):
        known = shown[shown.style != hidden]
        x, y = edges(known), np.eye(8)[known.content]
        weights = np.linalg.solve(x.T @ x + 10 * np.eye(x.shape[1]), x.T @ y)
        found = (edges(asked.with_style(hidden)) @ weights).argmax(1)
        assert (found == asked.content).mean() > 0.6, "chance is 0.125"


@pytest.mark.parametrize("size", [28, 32, 64, 128])
def test_edges_are_antialiased(size):
    coverage = render(factors(16).with_style(0), size, 4)[:, 3]
    between = (coverage > 0) & (coverage < 255)
    assert all(len(np.unique(c)) > 12 for c in coverage)
    rim = 4 * size * 0.8  # about the length of an outline, in pixels
    assert 0.3 * rim < between.sum((1, 2)).mean() < 3 * rim


def test_nothing_touches_the_border():
    for style in range(8):
        coverage = render(factors(300).with_style(style), 32, 2)[:, 1]
        rim = np.concatenate([coverage[:, 0], coverage[:, -1], coverage[:, :, 0], coverage[:, :, -1]], 1)
        assert rim.max() == 0


def test_grey_is_the_lightness_of_colour_and_coverage_is_the_same():
    grey, colour = render(factors(), 32, 2), render(factors(), 32, 4)
    lightness_BHW = lightness(np.moveaxis(colour[:, :3].astype(float), 1, -1))
    assert np.abs(grey[:, 0] - lightness_BHW).max() < 2.5
    assert np.array_equal(grey[:, 1], colour[:, 3])
    assert np.array_equal(render(factors(), 32, 3), colour[:, :3])


@pytest.mark.parametrize(("size", "channels"), [(7, 3), (0, 3), (32, 0), (32, 5)])
def test_impossible_formats_are_refused_with_the_value(size, channels):
    with pytest.raises(BadData, match=str(size if size < 8 else channels)):
        render(factors(1), size, channels)


def test_no_factors_are_no_images():
    assert render(factors(0), 32).shape == (0, 3, 32, 32)
