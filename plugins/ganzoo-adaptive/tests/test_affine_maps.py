import pytest
import torch
from ganzoo_adaptive.affine_maps import compose, sample_blits, sample_warps

N = 20_000


def four_sigma(share):
    return 4 * (share * (1 - share) / N) ** 0.5


def is_identity(matrices):
    return (matrices == torch.eye(matrices.shape[-1], dtype=matrices.dtype)).flatten(1).all(1)


def invert_shift(maps):
    """Return the shift: it comes last, so its inverse is applied first."""
    return -torch.linalg.solve(maps[:, :2, :2], maps[:, :2, 2:])[:, :, 0]


@pytest.mark.parametrize("kind", [sample_blits, sample_warps])
def test_at_p_0_maps_are_exactly_the_identity(sampler, kind):
    assert is_identity(kind(sampler(0.0, 100), 8, 8)).all()


@pytest.mark.parametrize("size", [(8, 8), (7, 7), (6, 8), (8, 12)])
def test_blits_put_pixels_on_pixels(sampler, size):
    height, width = size
    maps = sample_blits(sampler(1.0, 200), *size)
    corner = torch.tensor([-(width - 1) / 2, -(height - 1) / 2, 1.0], dtype=torch.float64)
    source = (maps @ corner)[:, :2] + torch.tensor([(width - 1) / 2, (height - 1) / 2])
    torch.testing.assert_close(source, source.round(), atol=1e-12, rtol=0)


def test_blits_of_an_oblong_turn_by_half_turns_only(sampler):
    linear = sample_blits(sampler(1.0, 500), 6, 8)[:, :2, :2].round()
    assert (linear[:, 0, 1] == 0).all() and (linear[:, 1, 0] == 0).all()
    assert len(linear.flatten(1).unique(dim=0)) == 4


@pytest.mark.parametrize("p", [0.2, 0.6, 1.0])
def test_turns_are_invertible_in_distribution_below_1(sampler, p):
    """Blurring over turns multiplies each harmonic of the angle but the mean by 1 - p; so do mirror images."""
    linear = sample_blits(sampler(p, N), 8, 8)[:, :2, :2]
    mirror = linear.det().round()
    assert mirror.mean().item() == pytest.approx(1 - p, abs=4 / N**0.5)
    angle = torch.atan2(linear[:, 1, 0], linear[:, 1, 1])  # the row of y: a mirror image leaves it
    for harmonic in (1, 2, 3):
        assert (harmonic * angle).cos().mean().item() == pytest.approx(1 - p, abs=4 / N**0.5)
        assert (harmonic * angle).sin().mean().item() == pytest.approx(0, abs=4 / N**0.5)


def test_whole_pixel_shifts_reach_an_eighth_of_the_side_evenly(sampler):
    maps = sample_blits(sampler(1.0, N), 16, 16)
    shift = invert_shift(maps).round()
    for axis in (0, 1):
        values, counts = shift[:, axis].unique(return_counts=True)
        assert values.tolist() == [-2, -1, 0, 1, 2]
        assert (counts / N).tolist() == pytest.approx([1 / 8, 1 / 4, 1 / 4, 1 / 4, 1 / 8], abs=four_sigma(0.25))


def test_areas_and_stretches_are_log_normal(sampler):
    linear = sample_warps(sampler(1.0, N), 8, 8)[:, :2, :2]
    octaves = -0.5 * linear.det().log2()  # of the side
    assert octaves.mean().item() == pytest.approx(0, abs=4 * 0.2 / N**0.5)
    assert octaves.std().item() == pytest.approx(0.2, rel=0.03)
    values = torch.linalg.svdvals(linear)
    stretch = 0.5 * (values[:, 0] / values[:, 1]).log2()
    assert stretch.square().mean().sqrt().item() == pytest.approx(0.2, rel=0.03)


@pytest.mark.parametrize("p", [0.3, 0.75])
def test_an_image_is_rotated_with_probability_p_before_or_after(sampler, p):
    linear = sample_warps(sampler(p, N), 8, 8)[:, :2, :2]
    straight = (linear[:, 0, 1] == 0) & (linear[:, 1, 0] == 0)
    assert straight.double().mean().item() == pytest.approx(1 - p, abs=four_sigma(p))


def test_rotations_are_even_over_the_circle(sampler):
    linear = sample_warps(sampler(1.0, N), 8, 8)[:, :2, :2]
    u, _, vh = torch.linalg.svd(linear)
    turn = u @ vh  # before and after in one, up to the stretch
    angle = torch.atan2(turn[:, 1, 0], turn[:, 0, 0])
    for harmonic in (1, 2, 4):
        assert (harmonic * angle).cos().mean().item() == pytest.approx(0, abs=4 / N**0.5)


def test_fractional_shifts_are_normal_with_an_eighth_of_each_side(sampler):
    shift = invert_shift(sample_warps(sampler(1.0, N), 16, 32))
    assert shift.mean(0).tolist() == pytest.approx([0, 0], abs=4 * 4 / N**0.5)
    assert shift.std(0).tolist() == pytest.approx([4, 2], rel=0.03)


def test_composition_is_the_product(sampler):
    maps = [sample_warps(sampler(1.0, 5, seed), 8, 8) for seed in range(3)]
    torch.testing.assert_close(compose(*maps), maps[0] @ maps[1] @ maps[2])


class Scripted:
    """A sampler that returns the given values in order."""

    probability = torch.tensor(1.0)

    def __init__(self, *values):
        self.values = iter(values)

    def select(self, values, neutral, probability=None):
        return values

    def log_normal(self, octaves):
        return torch.tensor([next(self.values)], dtype=torch.float64)

    def uniform(self, low, high):
        return torch.tensor([next(self.values)], dtype=torch.float64)

    def normal(self, deviation, count):
        return torch.tensor([[next(self.values) for _ in range(count)]], dtype=torch.float64)


@pytest.mark.parametrize("angle", [0.0, 0.4, 2.0])
def test_images_are_stretched_between_the_two_rotations(angle):
    """The first rotation turns what is stretched and not the direction of the stretch, the second both."""
    scale, stretch = 1.25, 1.6
    wanted = torch.tensor([1 / (scale * stretch), stretch / scale], dtype=torch.float64)
    before = sample_warps(Scripted(scale, angle, stretch, 0.0, 0.0, 0.0), 8, 8)[0, :2, :2]
    torch.testing.assert_close(before.norm(dim=0), wanted)
    after = sample_warps(Scripted(scale, 0.0, stretch, angle, 0.0, 0.0), 8, 8)[0, :2, :2]
    torch.testing.assert_close(after.norm(dim=1), wanted)
