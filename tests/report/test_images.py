"""Pictures are embedded in a page as data, large ones compressed."""

import io
from base64 import b64decode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ganzoo.report.images import LIGHT, SIDE, THUMB, inline, spread, thumbnail


def written(path, *shape):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)).save(path)
    return path


def opened(address):
    head, _, data = address.partition(";base64,")
    picture = Image.open(io.BytesIO(b64decode(data)))
    assert head == f"data:image/{picture.format.lower()}"
    return picture


def test_a_light_picture_goes_in_as_it_is(tmp_path):
    path = written(tmp_path / "a.png", 40, 30, 3)
    assert b64decode(inline(path).partition(";base64,")[2]) == path.read_bytes()


def test_a_heavy_picture_is_scaled_and_compressed(tmp_path):
    path = written(tmp_path / "a.png", 500, 2 * SIDE, 3)
    assert path.stat().st_size > LIGHT
    picture = opened(inline(path))
    assert picture.size == (SIDE, 250)
    assert len(inline(path)) < path.stat().st_size


@pytest.mark.parametrize("shape", [(300, 600, 3), (300, 600, 4), (300, 600)])
def test_a_thumbnail_keeps_the_form_of_its_picture(tmp_path, shape):
    assert opened(thumbnail(written(tmp_path / "a.png", *shape))).size == (2 * THUMB, THUMB)


def test_a_small_picture_is_not_enlarged(tmp_path):
    assert opened(thumbnail(written(tmp_path / "a.png", 20, 10, 3))).size == (10, 20)


@given(total=st.integers(0, 200), most=st.integers(2, 12))
def test_a_spread_keeps_the_ends_the_order_and_the_limit(total, most):
    items = list(range(total))
    picked = spread(items, most)
    assert len(picked) == min(total, most)
    assert picked == sorted(set(picked))
    assert picked[:1] == items[:1]
    assert picked[-1:] == items[-1:]
