import pytest
import torch
from ganzoo_spectral_norm.losses import Hinge

REAL = torch.tensor([-2.0, 0.0, 0.5, 3.0])
FAKE = torch.tensor([-4.0, -1.0, 0.0, 2.0])


def test_values_equal_equations_16_and_17():
    value = torch.minimum(torch.zeros(4), REAL - 1).mean() + torch.minimum(torch.zeros(4), -1 - FAKE).mean()
    assert Hinge().discriminator(REAL, FAKE) == -value
    assert Hinge().discriminator(REAL, FAKE).item() == pytest.approx((3 + 1 + 0.5 + 0) / 4 + (0 + 0 + 1 + 3) / 4)
    assert Hinge().generator(FAKE, None) == -FAKE.mean()


def test_beyond_the_margin_the_discriminator_has_no_gradient():
    real, fake = REAL.clone().requires_grad_(), FAKE.clone().requires_grad_()
    Hinge().discriminator(real, fake).backward()
    torch.testing.assert_close(real.grad, torch.tensor([-0.25, -0.25, -0.25, 0.0]))
    torch.testing.assert_close(fake.grad, torch.tensor([0.0, 0.0, 0.25, 0.25]))


def test_the_generator_always_has_a_gradient():
    fake = FAKE.clone().requires_grad_()
    Hinge().generator(fake, None).backward()
    torch.testing.assert_close(fake.grad, torch.full((4,), -0.25))


def test_patch_logits_average_over_all_positions():
    assert torch.equal(
        Hinge().discriminator(REAL.reshape(2, 1, 2), FAKE.reshape(2, 2)), Hinge().discriminator(REAL, FAKE)
    )
