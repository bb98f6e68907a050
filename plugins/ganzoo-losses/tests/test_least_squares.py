import pytest
import torch
from ganzoo_losses.least_squares import LeastSquares

REAL = torch.tensor([1.0, 2.0, 6.0])
FAKE = torch.tensor([-1.0, 0.0, 4.0])


def test_values_by_hand():
    loss = LeastSquares()
    assert loss.discriminator(REAL, FAKE).item() == pytest.approx(((0 + 1 + 25) + (1 + 0 + 16)) / 6)
    assert loss.generator(FAKE, None).item() == pytest.approx((4 + 1 + 9) / 6)


def test_values_by_hand_for_targets_of_equation_8():
    loss = LeastSquares(a=-1, b=1, c=0)
    assert loss.discriminator(REAL, FAKE).item() == pytest.approx(((0 + 1 + 25) + (0 + 1 + 25)) / 6)
    assert loss.generator(FAKE, None).item() == pytest.approx((1 + 0 + 16) / 6)


def test_at_the_targets_both_gradients_are_zero():
    loss = LeastSquares(a=-2, b=3, c=0.5)
    real, fake, wanted = (torch.full((4,), v, requires_grad=True) for v in (3.0, -2.0, 0.5))
    (loss.discriminator(real, fake) + loss.generator(wanted, None)).backward()
    assert all((x.grad == 0).all() for x in (real, fake, wanted))


def test_logits_beyond_their_target_are_pulled_back():
    real = torch.tensor([3.0], requires_grad=True)
    LeastSquares().discriminator(real, FAKE).backward()
    assert real.grad == 2.0


def test_patch_logits_average_over_all_positions():
    loss = LeastSquares()
    assert torch.equal(loss.discriminator(REAL.reshape(1, 3, 1), FAKE.reshape(3, 1, 1)), loss.discriminator(REAL, FAKE))


@pytest.mark.parametrize(("a", "b", "midpoint"), [(0.0, 1.0, 0.5), (-1.0, 1.0, 0.0), (2.0, 3.0, 2.5), (0.0, 0.9, 0.45)])
def test_the_midpoint_is_halfway_between_the_targets(a, b, midpoint):
    assert LeastSquares(a=a, b=b).midpoint == midpoint
