from dataclasses import replace

import pytest
import torch
from ganzoo_wgan_gp.terms import GradientPenalty

from ganzoo import TermContext

LABELS = torch.zeros(4, dtype=torch.int64)


class Constant:
    """An rng that always returns one value and records the requested shapes."""

    def __init__(self, value):
        self.value, self.asked = value, []

    def uniform(self, *dims):
        self.asked.append(dims)
        return torch.full((len(LABELS), *dims), self.value)

    normal = uniform


def context(discriminator, real, fake, epsilon=0.3):
    return TermContext(
        discriminator, lambda z, y: z, real, lambda: fake, LABELS, torch.zeros(4, 2), Constant(epsilon), lambda x: x
    )


def linear(weight):
    return lambda images, labels: (images.flatten(1) * weight).sum(1)


def bowl(images, labels):
    """Half the squared norm: its gradient at x is x."""
    return images.flatten(1).square().sum(1) / 2


@pytest.fixture
def images():
    torch.manual_seed(0)
    return torch.randn(4, 3, 2, 2), torch.randn(4, 3, 2, 2)


@pytest.mark.parametrize("norm", [0.0, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("weight", [10.0, 0.25])
def test_two_sided_term_of_a_linear_discriminator(images, norm, weight):
    slope = torch.full((12,), norm / 12**0.5)
    term = GradientPenalty(weight=weight)(context(linear(slope), *images))
    assert term.item() == pytest.approx(weight * (norm - 1) ** 2, abs=1e-5)


@pytest.mark.parametrize(("norm", "expected"), [(0.0, 0.0), (0.9, 0.0), (1.0, 0.0), (3.0, 40.0)])
def test_the_one_sided_term_ignores_small_gradients(images, norm, expected):
    slope = torch.full((12,), norm / 12**0.5)
    assert GradientPenalty(sides="one")(context(linear(slope), *images)).item() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("epsilon", "end"), [(0.0, "fake"), (1.0, "real")])
def test_the_line_goes_from_fake_to_real(images, epsilon, end):
    real, fake = images
    point = {"real": real, "fake": fake}[end]
    expected = 10 * (point.flatten(1).norm(dim=1) - 1).square().mean()
    torch.testing.assert_close(GradientPenalty()(context(bowl, real, fake, epsilon)), expected)


def test_the_line_is_straight_between(images):
    real, fake = images
    middle = 0.25 * real + 0.75 * fake
    expected = 10 * (middle.flatten(1).norm(dim=1) - 1).square().mean()
    torch.testing.assert_close(GradientPenalty()(context(bowl, real, fake, 0.25)), expected)


def test_every_sample_is_scored_with_its_own_class(images):
    labels = torch.tensor([2, 1, 0, 3])
    classes = replace(context(lambda x, y: (1 + y) * bowl(x, y), *images), labels=labels)
    slope = (1 + labels) * torch.lerp(images[1], images[0], 0.3).flatten(1).norm(dim=1)
    torch.testing.assert_close(GradientPenalty()(classes), 10 * (slope - 1).square().mean())


def test_each_sample_has_one_position_on_its_line(images):
    where = context(bowl, *images)
    GradientPenalty()(where)
    assert where.rng.asked == [(1, 1, 1)]


def test_points_are_accepted():
    points = torch.randn(4, 2)
    assert torch.isfinite(GradientPenalty()(context(bowl, points, points.flip(0))))


def test_gradient_of_the_weights_in_closed_form(images):
    weight = torch.linspace(-1, 1, 12, requires_grad=True)
    GradientPenalty(weight=10)(context(linear(weight), *images)).backward()
    norm = weight.detach().norm()
    torch.testing.assert_close(weight.grad, 20 * (norm - 1) * weight.detach() / norm)


def test_gradient_is_finite_where_the_discriminator_is_flat(images):
    weight = torch.zeros(12, requires_grad=True)
    GradientPenalty()(context(linear(weight), *images)).backward()
    assert torch.isfinite(weight.grad).all()


def test_no_gradient_reaches_the_fakes(images):
    real, fake = images
    fake.requires_grad_()
    GradientPenalty()(context(bowl, real, fake)).backward()
    assert fake.grad is None


def test_a_patch_discriminator_is_penalised_for_the_gradient_of_its_sum(images):
    def patches(x, labels):
        return x[:, 0]

    assert GradientPenalty()(context(patches, *images)).item() == pytest.approx(10 * (4**0.5 - 1) ** 2)
