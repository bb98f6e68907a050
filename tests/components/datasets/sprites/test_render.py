"""Laws of the pictures: pure, independent of size, antialiased, unclipped, and different where they should differ."""

import numpy as np
import pytest

from ganzoo.components.datasets.sprites.palettes import lightness
from ganzoo.components.datasets.sprites.render import render
from ganzoo.components.datasets.sprites.scene import sample_scenes
from ganzoo.errors import BadData


def scenes(count=64, seed=0):
    return sample_scenes(seed, np.arange(count))


def smaller(images, factor):
    b, c, h, w = images.shape
    return images.reshape(b, c, h // factor, factor, w // factor, factor).mean((3, 5))


def test_a_picture_is_the_same_in_any_batch_and_order():
    order = np.random.default_rng(0).permutation(400)
    whole = render(scenes(400), 32)
    assert np.array_equal(render(scenes(400)[order], 32), whole[order])
    assert np.array_equal(render(scenes(400)[17:18], 32), whole[17:18])


@pytest.mark.parametrize("size", [8, 28, 32, 33, 64, 100])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_any_size_and_one_to_four_channels(size, channels):
    images = render(scenes(3), size, channels)
    assert images.shape == (3, channels, size, size)
    assert images.dtype == np.uint8
    assert images.std((2, 3)).min() > 5


@pytest.mark.parametrize("size", [16, 32, 64])
def test_a_scene_shows_the_same_at_every_size(size):
    large = smaller(render(scenes(), 128), 128 // size)
    apart = np.abs(render(scenes(), size) - large)
    assert apart.mean() < 1.0
    assert np.quantile(apart, 0.999) < 30


@pytest.mark.parametrize("channels", [1, 3])
def test_every_two_styles_differ_for_the_same_scene(channels):
    looks = [render(scenes().with_style(k), 28, channels).astype(float) for k in range(8)]
    for i in range(8):
        for j in range(i):
            assert np.abs(looks[i] - looks[j]).mean() > 3, (i, j)


def test_another_style_keeps_the_background():
    solid, inked = scenes().with_style(0), []
    looks = [render(scenes().with_style(k), 64, 4) for k in range(8)]
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
        s = scenes(1500, seed)
        grey = render(s, 16, 1)[:, 0].astype(float)
        return s.palette, np.stack([grey[:, 0].mean(1), grey[:, -1].mean(1), grey.min((1, 2)), grey.max((1, 2))], 1)

    palette, known = corner_and_extremes(0)
    wanted, asked = corner_and_extremes(1)
    centre = np.stack([known[palette == k].mean(0) for k in range(8)])
    spread = np.stack([known[palette == k].std(0) + 2 for k in range(8)])
    found = (((asked[:, None] - centre) / spread) ** 2).sum(-1).argmin(1)
    assert (found == wanted).mean() > 0.9


def test_contents_are_recognised_by_a_linear_probe_in_styles_it_was_not_shown():
    def edges(s):
        grey = render(s, 12, 1)[:, 0].astype(float)
        steps = np.hypot(grey[:, :-1, 1:] - grey[:, :-1, :-1], grey[:, 1:, :-1] - grey[:, :-1, :-1])
        flat = (steps / steps.mean((1, 2), keepdims=True)).reshape(len(s), -1)
        return np.concatenate([flat, np.ones((len(s), 1))], 1)

    shown, asked = scenes(2400, 0), scenes(800, 1)
    for hidden in (0, 1, 6):
        known = shown[shown.style != hidden]
        x, y = edges(known), np.eye(8)[known.content]
        weights = np.linalg.solve(x.T @ x + 10 * np.eye(x.shape[1]), x.T @ y)
        found = (edges(asked.with_style(hidden)) @ weights).argmax(1)
        assert (found == asked.content).mean() > 0.6, "chance is 0.125"


@pytest.mark.parametrize("size", [28, 32, 64, 128])
def test_edges_are_antialiased(size):
    coverage = render(scenes(16).with_style(0), size, 4)[:, 3]
    between = (coverage > 0) & (coverage < 255)
    assert all(len(np.unique(c)) > 12 for c in coverage)
    rim = 4 * size * 0.8  # about the length of an outline, in pixels
    assert 0.3 * rim < between.sum((1, 2)).mean() < 3 * rim


def test_nothing_touches_the_border():
    for style in range(8):
        coverage = render(scenes(300).with_style(style), 32, 2)[:, 1]
        rim = np.concatenate([coverage[:, 0], coverage[:, -1], coverage[:, :, 0], coverage[:, :, -1]], 1)
        assert rim.max() == 0


def test_grey_is_the_lightness_of_colour_and_coverage_is_the_same():
    grey, colour = render(scenes(), 32, 2), render(scenes(), 32, 4)
    lightness_BHW = lightness(np.moveaxis(colour[:, :3].astype(float), 1, -1))
    assert np.abs(grey[:, 0] - lightness_BHW).max() < 2.5
    assert np.array_equal(grey[:, 1], colour[:, 3])
    assert np.array_equal(render(scenes(), 32, 3), colour[:, :3])


@pytest.mark.parametrize(("size", "channels"), [(7, 3), (0, 3), (32, 0), (32, 5)])
def test_what_cannot_be_drawn_is_refused_with_the_value(size, channels):
    with pytest.raises(BadData, match=str(size if size < 8 else channels)):
        render(scenes(1), size, channels)


def test_no_scenes_are_no_pictures():
    assert render(scenes(0), 32).shape == (0, 3, 32, 32)
