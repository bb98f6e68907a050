import pytest
import torch
from ganzoo_r3.blocks import Bottleneck, Downsample, Upsample, choose_group_size, list_stages, make_convolution
from torch.nn.functional import interpolate

from ganzoo import BadSetting

GAIN = (2 / 1.04) ** 0.5
"""Of a leaky ReLU of slope 0.2."""


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def test_a_block_is_the_identity_at_first():
    x = torch.randn(2, 8, 5, 3)
    assert torch.equal(Bottleneck(8, 1)(x), x)


def test_a_block_adds_one_three_one_with_leaky_relu_between():
    block, x = Bottleneck(16, 1), torch.randn(2, 16, 6, 4)
    torch.nn.init.normal_(block.reduce.weight)
    residual = torch.nn.LeakyReLU(0.2)(block.expand(x))
    residual = torch.nn.LeakyReLU(0.2)(block.mix(residual))
    torch.testing.assert_close(block(x), x + block.reduce(residual))
    assert [layer.kernel_size[0] for layer in (block.expand, block.mix, block.reduce)] == [1, 3, 1]
    assert block.mix.in_channels == block.mix.out_channels == 2 * 16


@pytest.mark.parametrize("count", [1, 8, 16])
def test_initial_weights_shrink_with_the_fourth_root_of_the_depth(count):
    block = Bottleneck(128, count)
    assert block.expand.weight.std().item() == pytest.approx(GAIN * count**-0.25 / 128**0.5, rel=0.03)
    assert block.mix.weight.std().item() == pytest.approx(GAIN * count**-0.25 / (9 * 16) ** 0.5, rel=0.03)
    assert (block.reduce.weight == 0).all()
    assert (block.expand.bias == 0).all()
    assert (block.mix.bias == 0).all()


def test_a_branch_keeps_the_variance_of_its_input_at_depth_one():
    block, x = Bottleneck(256, 1), torch.randn(4, 256, 12, 12)
    middle = torch.nn.functional.leaky_relu(block.expand(x), 0.2)
    assert middle.square().mean().item() == pytest.approx(1.0, abs=0.1)
    inner = block.mix(middle)[..., 1:-1, 1:-1]  # away from the border, which is padded with zeros
    assert inner.var().item() == pytest.approx(GAIN**2, rel=0.1)


@pytest.mark.parametrize(
    ("channels", "size"), [(1536, 16), (32, 16), (16, 16), (24, 12), (40, 10), (10, 10), (34, 2), (2, 2), (74, 2)]
)
def test_groups_have_sixteen_channels_or_the_next_smaller_divisor(channels, size):
    assert choose_group_size(channels) == size
    assert channels % size == 0


@pytest.mark.parametrize(("width", "groups"), [(768, 96), (8, 1), (12, 2), (1, 1)])
def test_the_middle_convolution_has_as_many_groups(width, groups):
    assert Bottleneck(width, 1).mix.groups == groups


@pytest.mark.parametrize(
    ("size", "channels"),
    [
        ((32, 32), [768] * 4),
        ((64, 64), [768] * 4 + [384]),
        ((256, 256), [768] * 4 + [384, 192, 96]),
        ((28, 28), [768] * 3),
        ((48, 48), [768] * 3 + [384]),
        ((64, 96), [768] * 3 + [384, 192]),
    ],
)
def test_stages_are_equally_wide_up_to_32_pixels_then_halve(size, channels):
    stages = list_stages(size, width=768, flat=32)
    assert [stage.channels for stage in stages] == channels
    assert stages[-1].size == size


def test_stages_begin_at_the_base_and_double():
    assert [stage.size for stage in list_stages((24, 40), width=8, flat=32)] == [(3, 5), (6, 10), (12, 20), (24, 40)]


def test_there_is_always_a_channel():
    assert [stage.channels for stage in list_stages((64, 64), width=2, flat=4)] == [2, 1, 1, 1, 1]


def test_an_unsupported_size_is_refused():
    with pytest.raises(BadSetting, match="28"):
        list_stages((27, 27), width=8, flat=32)


@pytest.mark.parametrize("value", [-1.0, 0.3])
def test_resampling_keeps_constants_to_the_last_pixel(value):
    constant = torch.full((1, 2, 6, 10), value)
    for change, shape in ((Upsample(2, 2, (6, 10)), (12, 20)), (Downsample(2, 2, (6, 10)), (3, 5))):
        torch.testing.assert_close(change(constant), torch.full((1, 2, *shape), value))


def test_upsampling_is_bilinear():
    x = torch.randn(2, 3, 5, 7)
    torch.testing.assert_close(Upsample(3, 3, (5, 7))(x), interpolate(x, scale_factor=2, mode="bilinear"))


def test_downsampling_is_bilinear_with_antialiasing():
    x = torch.randn(2, 3, 8, 6)
    expected = interpolate(x, scale_factor=0.5, mode="bilinear", antialias=True)
    torch.testing.assert_close(Downsample(3, 3, (8, 6))(x), expected)


def test_matching_channels_commutes_with_resampling():
    x = torch.randn(2, 3, 4, 6)
    up, down = Upsample(3, 5, (4, 6)), Downsample(3, 5, (4, 6))
    torch.testing.assert_close(up(x), up.match(up.resample(x)))
    torch.testing.assert_close(down(x), down.resample(down.match(x)))


def test_resampling_has_no_parameters_where_channels_stay():
    assert list(Upsample(4, 4, (3, 3)).parameters()) == list(Downsample(4, 4, (6, 6)).parameters()) == []


def test_a_gain_of_zero_makes_zeros():
    assert (make_convolution(4, 4, 3, gain=0.0).weight == 0).all()
