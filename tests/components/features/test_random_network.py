"""Random features: fixed, of any shape, and the distance grows with the difference of the samples."""

import pytest
import torch
from torchvision.transforms.functional import gaussian_blur

from ganzoo.components.features.random_network import RandomFeatures
from ganzoo.components.metrics.frechet import frechet_distance
from ganzoo.components.metrics.moments import Moments
from ganzoo.errors import DoesNotFit

FINGERPRINT = "55bba2592be90702652b55fec51506c0f25aadbb57d98d010dcb7c9fb0d18bdc"
SHAPES = [(1, 8, 8), (3, 32, 32), (4, 20, 28), (7, 3, 3), (2,), (5,)]


@pytest.fixture(scope="module")
def distance(sprites):
    """Frechet distance of images to the first half of the sprites."""
    features = RandomFeatures((3, 32, 32))
    real = Moments.of(features(sprites[0][0]))
    return lambda images: frechet_distance(real, Moments.of(features(images)))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_any_shape_becomes_rows(images, shape):
    features = RandomFeatures(shape)
    rows = features(images(*shape))
    assert rows.shape == (4, features.dim)
    assert rows.dtype == torch.float32
    assert 256 <= features.dim <= 512


def test_the_weights_do_not_depend_on_the_rng_of_torch():
    torch.manual_seed(1)
    one = RandomFeatures((3, 8, 8)).fingerprint()
    torch.manual_seed(2)
    assert RandomFeatures((3, 16, 16)).fingerprint() == one
    assert one == FINGERPRINT


def test_other_channels_have_other_weights():
    assert RandomFeatures((1, 8, 8)).fingerprint() != RandomFeatures((3, 8, 8)).fingerprint()


def test_maps_are_three_depths_each_half_the_size(images):
    maps = RandomFeatures((3, 32, 32)).maps(images(3, 32, 32))
    assert [tuple(each.shape) for each in maps] == [(4, 32, 16, 16), (4, 64, 8, 8), (4, 96, 4, 4)]


def test_points_have_no_maps():
    with pytest.raises(DoesNotFit, match="no maps"):
        RandomFeatures((2,)).maps(torch.zeros(1, 2))


def test_other_shapes_are_refused():
    with pytest.raises(DoesNotFit, match="images or points"):
        RandomFeatures((1, 4, 4, 4))


def test_products_of_waves_are_a_mean_of_gaussian_kernels():
    x = torch.tensor([[0.0, 0.0], [0.1, 0.0], [1.0, 1.0], [9.0, 0.0]])
    rows = RandomFeatures((2,))(x)
    squares = torch.cdist(x, x).square()
    kernel = torch.stack([(-squares / (2 * scale**2)).exp() for scale in (0.1, 0.3, 1.0, 3.0)]).mean(0)
    torch.testing.assert_close(rows @ rows.T, kernel, atol=0.1, rtol=0)


def noisy(images, by):
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    return (images + by * noise).clamp(-1, 1)


def test_the_distance_rises_with_noise(sprites, distance):
    assert rising([distance(noisy(sprites[1][0], by)) for by in (0, 0.05, 0.1, 0.2, 0.4)])


def test_the_distance_rises_with_blur(sprites, distance):
    images = sprites[1][0]
    assert rising([distance(images), *(distance(gaussian_blur(images, 7, by)) for by in (0.5, 0.7, 1.0, 2.0))])


@pytest.mark.parametrize("factor", ["content", "style", "palette"])
def test_the_distance_rises_with_dropped_modes(sprites, distance, factor):
    images, factors = sprites[1]
    assert rising([distance(images[factors[factor] < kept]) for kept in (8, 6, 4, 2, 1)])


def test_the_distance_rises_with_collapse(sprites, distance):
    images = sprites[1][0]
    assert rising([distance(images[:kept].repeat(600 // kept, 1, 1, 1)) for kept in (600, 200, 50, 10, 3, 1)])


def rising(distances):
    return distances == sorted(distances) and len(set(distances)) == len(distances)
