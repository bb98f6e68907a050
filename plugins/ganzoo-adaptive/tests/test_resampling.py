import pytest
import torch
from ganzoo_adaptive.affine_maps import sample_blits, sample_warps
from ganzoo_adaptive.resampling import Resampler, copy_pixels
from torch.nn.functional import pad

SIZES = [(4, 4), (7, 7), (6, 10), (28, 28)]


def as_map(a, b, c, d, x=0.0, y=0.0):
    return torch.tensor([[[a, b, x], [c, d, y], [0, 0, 1]]], dtype=torch.float64)


IDENTITY = as_map(1, 0, 0, 1)


@pytest.mark.parametrize("size", SIZES)
def test_the_identity_copies_and_resamples_exactly(images, size):
    x = images(1, 3, *size, dtype=torch.float64)
    assert torch.equal(copy_pixels(x, IDENTITY), x)
    torch.testing.assert_close(Resampler(size).double()(x, IDENTITY), x, atol=1e-6, rtol=0)


@pytest.mark.parametrize("size", SIZES)
def test_mirror_image_and_half_turn(images, size):
    x = images(1, 3, *size, dtype=torch.float64)
    assert torch.equal(copy_pixels(x, as_map(-1, 0, 0, 1)), x.flip(3))
    assert torch.equal(copy_pixels(x, as_map(-1, 0, 0, -1)), x.flip(2, 3))


def test_quarter_turn(images):
    x = images(1, 2, 6, 6, dtype=torch.float64)
    assert torch.equal(copy_pixels(x, as_map(0, -1, 1, 0)), x.rot90(1, (2, 3)))


@pytest.mark.parametrize("size", [(4, 4), (6, 10)])
def test_a_shift_by_whole_pixels_mirrors_at_the_edge(images, size):
    x = images(1, 2, *size, dtype=torch.float64)
    wanted = pad(x, (2, 0, 0, 1), mode="reflect")[:, :, 1:, : size[1]]
    moved = as_map(1, 0, 0, 1, -2, 1)  # two to the right, one up
    assert torch.equal(copy_pixels(x, moved), wanted)
    inner = (slice(None), slice(None), slice(None, -3), slice(5, None))
    resampled = Resampler(size).double()(x, moved)
    torch.testing.assert_close(resampled[inner], wanted[inner], atol=1e-5, rtol=0)


def test_a_constant_stays_constant_under_every_map(images, sampler):
    x = torch.full((50, 2, 8, 12), 0.7, dtype=torch.float64)
    maps = sample_warps(sampler(1.0, 50), 8, 12)
    torch.testing.assert_close(Resampler((8, 12)).double()(x, maps), x, atol=1e-6, rtol=0)
    torch.testing.assert_close(copy_pixels(x, sample_blits(sampler(1.0, 50), 8, 12)), x)


def test_a_ramp_is_sampled_exactly_where_the_map_points():
    """Exact wherever no mirror image reaches: neither filter nor interpolation bends a straight line."""
    height, width = 40, 48
    rows, columns = torch.meshgrid(
        torch.arange(height, dtype=torch.float64) - (height - 1) / 2,
        torch.arange(width, dtype=torch.float64) - (width - 1) / 2,
        indexing="ij",
    )
    ramp = (2 * columns - 3 * rows)[None, None]
    turn = 0.5
    maps = as_map(0.9 * torch.tensor(turn).cos(), -0.3, 0.2, 1.1, 1.3, -0.7)
    x, y = (maps[0, i, 0] * columns + maps[0, i, 1] * rows + maps[0, i, 2] for i in (0, 1))
    inside = (x.abs() < width / 2 - 8) & (y.abs() < height / 2 - 8) & (rows.abs() < 12) & (columns.abs() < 16)
    found = Resampler((height, width)).double()(ramp, maps)[0, 0]
    assert inside.sum() > 300
    torch.testing.assert_close(found[inside], (2 * x - 3 * y)[inside], atol=1e-5, rtol=0)


@pytest.mark.parametrize(("shift", "kept"), [(0.25, 0.9), (0.5, 0.97)])
def test_a_fine_wave_keeps_more_amplitude_than_under_interpolation_alone(shift, kept):
    """Four pixels a wave: linear interpolation keeps 0.79 of it a quarter of a pixel away, 0.71 half-way."""
    place = torch.arange(64, dtype=torch.float64)
    wave = (torch.pi / 2 * place).cos().expand(1, 1, 64, 64)
    seen = Resampler((64, 64)).double()(wave, as_map(1, 0, 0, 1, shift))[0, 0, 32, 12:-12]
    phase = torch.pi / 2 * (place + shift)[12:-12]
    height = 2 * torch.stack([(seen * phase.cos()).mean(), (seen * phase.sin()).mean()])
    assert height[0] > kept
    linear = (1 - shift) + shift * torch.exp(torch.tensor(0.5j * torch.pi))
    assert height[0] > linear.abs() + 0.1


def test_the_resampler_saves_no_state():
    assert Resampler((8, 8)).state_dict() == {}
