"""Laws of the outlines: distances are exact, and the eight shapes differ."""

import numpy as np
import pytest

from ganzoo.components.datasets.sprites.outlines import CONTENT_NAMES, OUTLINES

OUTLINE = pytest.mark.parametrize("outline", OUTLINES, ids=CONTENT_NAMES)


def grid(points, reach=1.3):
    line = np.linspace(-reach, reach, points, dtype=np.float32)
    return np.meshgrid(line, line)


@OUTLINE
def test_lies_in_the_unit_circle_and_fills_much_of_it(outline):
    x, y = grid(201)
    inside = outline.distance(x, y) < 0
    assert np.sqrt(x**2 + y**2)[inside].max() <= 1.02
    assert 0.3 < inside.sum() / (x**2 + y**2 < 1).sum() < 0.95


@OUTLINE
def test_is_centred(outline):
    x, y = grid(201)
    inside = outline.distance(x, y) < 0
    assert abs(x[inside].min() + x[inside].max()) < 0.2
    assert abs(y[inside].min() + y[inside].max()) < 0.31


@OUTLINE
def test_distance_never_changes_faster_than_the_point_moves(outline):
    rng = np.random.default_rng(0)
    p, q = rng.uniform(-1.3, 1.3, (2, 2, 4000)).astype(np.float32)
    change = np.abs(outline.distance(*p) - outline.distance(*q))
    assert (change <= np.sqrt(((p - q) ** 2).sum(0)) + 1e-5).all()


@OUTLINE
def test_distance_inside_is_the_distance_to_the_nearest_point_of_the_edge(outline):
    x, y = grid(400)
    d = outline.distance(x, y)
    edge = np.abs(d) < 0.005
    inside = np.flatnonzero(d < -0.01)[::97]
    away = np.hypot(x.flat[inside][:, None] - x[edge], y.flat[inside][:, None] - y[edge]).min(1)
    assert np.abs(away + d.flat[inside]).max() < 0.045, "rings and strokes would be uneven"


def test_every_two_differ_in_much_of_their_area():
    masks = [o.distance(*grid(101)) < 0 for o in OUTLINES]
    for i, a in enumerate(masks):
        for j, b in enumerate(masks[:i]):
            assert (a ^ b).sum() > 0.15 * (a | b).sum(), (CONTENT_NAMES[i], CONTENT_NAMES[j])


@OUTLINE
def test_computes_in_single_precision(outline):
    assert outline.distance(*grid(5)).dtype == np.float32
