import torch
from ganzoo_wgan_gp.losses import Wasserstein

REAL = torch.tensor([1.0, 2.0, 6.0])
FAKE = torch.tensor([-1.0, 0.0, 4.0])


def test_values_are_differences_of_means():
    assert Wasserstein().discriminator(REAL, FAKE) == 1.0 - 3.0
    assert Wasserstein().generator(FAKE, None) == -1.0


def test_gradients_do_not_depend_on_the_scores():
    real, fake = REAL.clone().requires_grad_(), FAKE.clone().requires_grad_()
    Wasserstein().discriminator(real, fake).backward()
    torch.testing.assert_close(real.grad, torch.full((3,), -1 / 3))
    torch.testing.assert_close(fake.grad, torch.full((3,), 1 / 3))


def test_shifting_all_scores_changes_nothing():
    torch.testing.assert_close(Wasserstein().discriminator(REAL + 5, FAKE + 5), Wasserstein().discriminator(REAL, FAKE))


def test_patch_logits_average_over_all_positions():
    assert Wasserstein().discriminator(REAL.reshape(1, 3, 1), FAKE.reshape(3, 1, 1)) == -2.0
