from dataclasses import replace

import pytest
import torch
from ganzoo_losses.gradient_terms import R1, R2, Dragan

ALL = [R1, R2, Dragan]
every_term = pytest.mark.parametrize("term", ALL)
zero_centred = pytest.mark.parametrize("term", [R1, R2])


def linear(weight):
    return lambda images, labels: (images.flatten(1) * weight).sum(1)


def bowl(images, labels):
    """Half the squared norm: its gradient at x is x."""
    return images.flatten(1).square().sum(1) / 2


@zero_centred
@pytest.mark.parametrize("weight", [10.0, 0.5])
def test_term_of_a_linear_discriminator_is_half_gamma_times_its_squared_norm(context, images, term, weight):
    slope = torch.linspace(-1, 2, 12)
    value = term(weight=weight)(context(linear(slope), *images))
    torch.testing.assert_close(value, weight / 2 * slope.square().sum())


@zero_centred
def test_gradient_of_a_linear_discriminators_weights_is_gamma_times_them(context, images, term):
    slope = torch.linspace(-1, 2, 12, requires_grad=True)
    term(weight=3.0)(context(linear(slope), *images)).backward()
    torch.testing.assert_close(slope.grad, 3 * slope.detach())


@pytest.mark.parametrize(("term", "where"), [(R1, 0), (R2, 1)])
def test_r1_uses_reals_and_r2_uses_fakes(context, images, term, where):
    expected = 5 * images[where].flatten(1).square().sum(1).mean()
    torch.testing.assert_close(term()(context(bowl, *images)), expected)


@pytest.mark.parametrize(("side", "share"), [(None, 1.0), (4, 1.0), (8, 0.25), (2, 4.0)])
def test_r1_takes_a_weight_meant_for_another_size_in_proportion_to_the_pixels(context, side, share):
    real = torch.randn(5, 3, 4, 4)
    expected = share * real.flatten(1).square().sum(1).mean()
    torch.testing.assert_close(R1(weight=2.0, at_side=side)(context(bowl, real, real)), expected)


def test_a_tilted_bowl_by_hand(context):
    def discriminator(x, labels):
        return 2 * x[:, 0] ** 2 + 3 * x[:, 0] * x[:, 1]

    points = torch.tensor([[1.0, 2.0], [0.0, -1.0]])  # slopes (10, 3) and (-3, 0)
    assert R1(weight=2)(context(discriminator, points, points)).item() == pytest.approx((109 + 9) / 2)


@pytest.mark.parametrize("norm", [0.0, 0.5, 1.0, 3.0])
def test_dragan_of_a_linear_discriminator(context, images, norm):
    slope = torch.full((12,), norm / 12**0.5)
    assert Dragan()(context(linear(slope), *images)).item() == pytest.approx(10 * (norm - 1) ** 2, abs=1e-5)


@pytest.mark.parametrize("noise", [0.0, 0.5, 2.0])
def test_dragan_adds_noise_times_the_deviation_of_the_reals(context, images, noise):
    real = images[0]
    seen = real + noise * real.std(correction=0) * 0.3
    expected = 10 * (seen.flatten(1).norm(dim=1) - 1).square().mean()
    torch.testing.assert_close(Dragan(noise=noise)(context(bowl, *images)), expected)


@pytest.mark.parametrize(("term", "side", "centre", "half"), [(R1, 0, 0, 2), (R2, 1, 0, 2), (Dragan, 0, 1, 1)])
def test_every_sample_is_scored_with_its_own_class(context, images, term, side, centre, half):
    labels, settings = torch.tensor([2, 1, 0, 3]), {"noise": 0.0} if term is Dragan else {}
    classes = replace(context(lambda x, y: (1 + y) * bowl(x, y), *images), labels=labels)
    slope = (1 + labels) * images[side].flatten(1).norm(dim=1)
    torch.testing.assert_close(term(**settings)(classes), 10 / half * (slope - centre).square().mean())


def test_dragan_adds_noise_to_every_value(context, images):
    where = context(bowl, *images)
    Dragan()(where)
    assert where.rng.asked == [(3, 2, 2)]


@every_term
def test_samples_stay_as_they_are_and_get_no_gradient(context, images, term):
    real, fake = (x.clone().requires_grad_() for x in images)
    weight = torch.ones(12, requires_grad=True)
    term()(context(linear(weight), real, fake)).backward()
    assert real.grad is None and fake.grad is None
    assert torch.equal(real, images[0]) and torch.equal(fake, images[1])


@every_term
def test_gradient_is_finite_where_the_discriminator_is_flat(context, images, term):
    weight = torch.zeros(12, requires_grad=True)
    term()(context(linear(weight), *images)).backward()
    assert torch.isfinite(weight.grad).all()


@every_term
def test_points_and_a_single_sample_are_accepted(context, term):
    assert torch.isfinite(term()(context(bowl, torch.randn(1, 2), torch.randn(1, 2))))


@zero_centred
def test_a_patch_discriminator_is_penalised_for_the_gradient_of_its_sum(context, images, term):
    assert term(weight=2)(context(lambda x, labels: 3 * x[:, 0], *images)).item() == pytest.approx(4 * 9)
