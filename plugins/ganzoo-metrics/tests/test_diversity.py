import pytest
import torch
from ganzoo_metrics.diversity import Diversity, draw_pairs
from ganzoo_metrics.perceptual import perceptual_distance

from ganzoo import BadData


class Depths(torch.nn.Module):
    """Features with two depths: the image, and every second pixel of it doubled."""

    name, resizer, dim = "depths", "none", 1

    def forward(self, images):
        return images.flatten(1)[:, :1]

    def maps(self, images):
        return [images, 2 * images[:, :, ::2, ::2]]


def test_squared_distance_of_features_without_maps(inputs, normal):
    a, b = normal(5, 3), normal(5, 3, seed=1)
    found = perceptual_distance(inputs(a, b).features, a, b)
    torch.testing.assert_close(found, (a - b).square().sum(1))


def test_points_are_compared_by_their_features_even_with_maps(normal):
    a, b = normal(5, 1), normal(5, 1, seed=1)
    torch.testing.assert_close(perceptual_distance(Depths(), a, b), (a - b).square().sum(1))


def test_maps_are_normalised_at_each_position_and_depths_add_up(normal):
    a = torch.zeros(1, 2, 4, 4)
    b = torch.zeros(1, 2, 4, 4)
    a[:, 0], b[:, 1] = 3.0, 0.1  # a right angle everywhere: squared difference 2, whatever the lengths
    torch.testing.assert_close(perceptual_distance(Depths(), a, b), torch.tensor([4.0]))
    torch.testing.assert_close(perceptual_distance(Depths(), a, 7 * a), torch.tensor([0.0]))


def test_the_distance_of_normal_samples_is_twice_their_variance(inputs, normal):
    found = Diversity()(inputs(normal(2000, 8), 0.5 * normal(2000, 8, seed=1)))
    real, fake, ratio = (found[f"diversity{tail}"] for tail in ("_real", "", "_ratio"))
    assert real.value == pytest.approx(16, abs=4 * real.error)
    assert fake.value == pytest.approx(4, abs=4 * fake.error)
    assert ratio.value == pytest.approx(0.25, abs=4 * ratio.error)
    assert (real.better, fake.better, ratio.better) == ("neither", "neither", "neither")


def test_the_gap_is_equal_for_too_little_and_too_much_diversity(inputs, normal):
    base = normal(2000, 8)
    little, much = (Diversity()(inputs(base, scale * normal(2000, 8, seed=1)))["diversity_gap"] for scale in (0.5, 2))
    assert (little.better, much.better) == ("lower", "lower")
    for gap in (little, much):
        assert gap.value == pytest.approx(0.75, abs=4 * gap.error)
        assert gap.error < 0.02
    same = Diversity()(inputs(base, normal(2000, 8, seed=1)))["diversity_gap"]
    assert same.value == pytest.approx(0, abs=4 * same.error)


def test_a_constant_generator_has_no_diversity(inputs, normal):
    found = Diversity()(inputs(normal(40, 3), torch.ones(40, 3)))
    assert found["diversity"].value == 0 and found["diversity_ratio"].value == 0
    assert found["diversity_gap"].value == 1


def test_a_generator_that_ignores_its_latent_has_no_diversity_within_classes(inputs, normal):
    labels = torch.arange(60) % 3
    fakes = torch.nn.functional.one_hot(labels, 3).float()
    found = Diversity()(inputs(normal(60, 3), fakes, labels))
    assert found["diversity"].value > 0.5
    assert found["diversity_within"].value == 0
    assert found["diversity_within_real"].value > 0


def test_reals_are_compared_once_for_all_evaluations_of_a_run(inputs, normal):
    context, later = inputs(normal(60, 3), normal(60, 3, seed=1)), inputs(normal(60, 3), normal(60, 3, seed=2))
    asked, images = [], context.real.images
    context.real.images = lambda indices: asked.append(indices) or images(indices)
    metric, other = Diversity(), Diversity()
    metric(context)
    assert asked
    asked.clear()
    later.real, later.features = context.real, context.features
    again = metric(later)
    assert not asked
    assert again == other(later)
    asked.clear()
    later.features = type(context.features)(3)
    metric(later)
    assert asked


def test_pairs_share_their_label_and_no_sample(normal):
    labels = torch.tensor([0, 1, 1, 2, 0, 1, 1, 2, 2, 1])
    pairs = draw_pairs(labels, 100, torch.Generator().manual_seed(0))
    assert (labels[pairs[:, 0]] == labels[pairs[:, 1]]).all()
    assert len(pairs) == 1 + 2 + 1 and len(pairs.unique()) == 8
    assert len(draw_pairs(labels, 3, torch.Generator().manual_seed(0))) == 3


@pytest.mark.parametrize(
    ("real", "fake", "why"),
    [(3, 9, "at least 4 real samples, not 3"), (9, 3, "at least 4 generated samples, not 3")],
)
def test_too_few_are_refused(inputs, normal, real, fake, why):
    with pytest.raises(BadData, match=why):
        Diversity()(inputs(normal(real, 2), normal(fake, 2)))


def test_equal_reals_single_samples_and_non_finite_values_are_refused(inputs, normal):
    with pytest.raises(BadData, match="all reals have equal features"):
        Diversity()(inputs(torch.ones(8, 2), normal(8, 2)))
    with pytest.raises(BadData, match="two pairs of samples of one class"):
        Diversity()(inputs(normal(8, 2), normal(8, 2), torch.arange(8)))
    with pytest.raises(BadData, match="not finite"):
        Diversity()(inputs(normal(8, 2), normal(8, 2) / 0))
