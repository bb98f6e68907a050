import pytest
import torch
from ganzoo_metrics.sliced import PATCH, SlicedWasserstein, _upsample, build_pyramid, cut_patches
from torch.nn.functional import normalize

from ganzoo import BadData


def values(made, **settings):
    return {name: metric_value.value for name, metric_value in SlicedWasserstein(**settings)(made).items()}


def test_the_distance_of_shifted_points_is_the_mean_projected_shift(inputs, normal):
    """The mean projection of a shift is 2 / pi of its length on a circle of directions."""
    points = normal(500, 2)
    found = values(inputs(points, points + torch.tensor([3.0, 4.0])), directions=4096)
    assert found == {"swd": pytest.approx(5 * 2 / torch.pi, rel=0.02)}


def test_points_by_the_definition(inputs, normal):
    real, fake = normal(80, 3), normal(80, 3, seed=1) * 2
    made = inputs(real, fake)
    directions = normalize(torch.randn(64, 3, generator=made.make_rng("swd")), dim=1)
    placed = [(side @ directions.T).sort(0).values for side in (real, fake)]
    assert values(made, directions=64)["swd"] == pytest.approx(float((placed[0] - placed[1]).abs().mean()), rel=1e-5)


def test_the_error_is_the_deviation_over_new_fakes(inputs, normal):
    real = normal(300, 2)
    metric = SlicedWasserstein(directions=64)
    found = [metric(inputs(real, normal(300, 2, seed=seed) + 0.5))["swd"] for seed in range(1, 41)]
    spread = torch.tensor([metric_value.value for metric_value in found]).std()
    assert 0.8 < torch.tensor([metric_value.error for metric_value in found]).mean() / spread < 1.5


def test_the_error_of_patches_counts_images_not_patches(inputs):
    """Patches of one image are dependent: more patches of as many images do not shrink the error."""
    stripes = torch.arange(16.0).expand(16, 16)
    real, fake = (torch.rand(80, 1, 1, 1, generator=torch.manual_seed(s)) * stripes for s in (0, 1))
    few, many = (SlicedWasserstein(directions=16, patches=p)(inputs(real, fake))["swd"].error for p in (4, 64))
    assert many > 0.6 * few


def test_the_error_of_the_mean_treats_scales_as_dependent(inputs, normal):
    found = SlicedWasserstein(directions=16)(inputs(normal(40, 1, 28, 28), normal(40, 1, 28, 28, seed=1) * 2))
    parts = [found[name].error for name in ("swd_28", "swd_14")]
    assert 0 < found["swd"].error <= sum(parts) / 2 * 1.001


def test_the_distance_of_a_set_to_its_permutation_is_zero(inputs, normal):
    points = normal(50, 4)
    assert values(inputs(points, points.flip(0)))["swd"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("size", "levels"), [(16, [16]), (28, [28, 14]), (32, [32, 16]), (48, [48, 24, 12]), (8, [8])])
def test_scales_halve_down_to_twelve_pixels(inputs, normal, size, levels):
    found = values(inputs(normal(6, 1, size, size), normal(6, 1, size, size, seed=1)), patches=8)
    assert set(found) == {"swd", *(f"swd_{level}" for level in levels)}
    assert found["swd"] == pytest.approx(sum(found[f"swd_{level}"] for level in levels) / len(levels))


def test_images_smaller_than_a_patch_are_compared_whole(inputs, normal):
    assert set(values(inputs(normal(6, 1, 4, 4), normal(6, 1, 4, 4)))) == {"swd"}


@pytest.mark.parametrize("size", [28, 30, 48])
def test_the_pyramid_adds_up_to_the_image(normal, size):
    images = normal(2, 3, size, size + 4)
    *finer, built = build_pyramid(images)
    for level in reversed(finer):
        built = level + _upsample(built, level)
    torch.testing.assert_close(built, images, atol=1e-5, rtol=0)


def test_a_constant_image_is_on_the_coarsest_scale_only(normal):
    fine, middle, coarse = build_pyramid(torch.full((1, 1, 48, 48), 0.7))
    assert fine.abs().max() < 1e-6 and middle.abs().max() < 1e-6
    torch.testing.assert_close(coarse, torch.full_like(coarse, 0.7))


def test_patches_are_windows_of_their_image(normal):
    images = torch.arange(2 * 3 * 9 * 11.0).view(2, 3, 9, 11)
    found = cut_patches(images, 5, torch.Generator().manual_seed(0)).view(2, 5, 3, PATCH, PATCH)
    for sample, patches in zip(images, found, strict=True):
        windows = sample.unfold(1, PATCH, 1).unfold(2, PATCH, 1).movedim(0, 2).flatten(0, 1)
        assert all((windows == patch).flatten(1).all(1).sum() == 1 for patch in patches)


def test_missing_detail_raises_the_finest_scale(inputs, normal):
    noise = normal(64, 1, 32, 32, seed=3)
    smooth = torch.nn.functional.avg_pool2d(noise, 5, 1, 2)
    found = values(inputs(normal(64, 1, 32, 32), smooth))
    same = values(inputs(normal(64, 1, 32, 32), noise))
    assert found["swd_32"] > 2 * same["swd_32"]


def test_one_sample_and_non_finite_values_are_refused(inputs, normal):
    with pytest.raises(BadData, match="swd needs at least 2 real samples, not 1"):
        values(inputs(normal(1, 1, 8, 8), normal(4, 1, 8, 8)))
    broken = normal(4, 1, 8, 8)
    broken[1, 0, 2, 3] = torch.nan
    with pytest.raises(BadData, match="swd: values of the generated samples are not finite"):
        values(inputs(normal(4, 1, 8, 8), broken))
