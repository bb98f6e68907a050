"""Which sizes repeated doubling reaches, and the messages about others."""

import pytest

from ganzoo.errors import BadSetting
from ganzoo.nn.pyramid import factor_size


@pytest.mark.parametrize(
    ("size", "base", "doublings"),
    [
        ((32, 32), (4, 4), 3),
        ((28, 28), (7, 7), 2),
        ((24, 56), (3, 7), 3),
        ((6, 6), (3, 3), 1),
        ((1024, 1024), (4, 4), 8),
    ],
)
def test_a_size_is_a_base_doubled(size, base, doublings):
    assert factor_size(*size) == (base, doublings)


@pytest.mark.parametrize("size", [(30, 30), (31, 32), (2, 2)])
def test_the_error_about_another_size_names_its_neighbours(size):
    with pytest.raises(BadSetting, match=r"is not 3 to 7 times a power of two. Try --resolution \d+ or \d+."):
        factor_size(*size)


@pytest.mark.parametrize("size", [(16, 128), (128, 16), (24, 64)])
def test_the_error_about_a_long_image_advises_cropping(size):
    with pytest.raises(BadSetting, match=f"too long: .* Crop to squares: --resolution {min(size)}"):
        factor_size(*size)
