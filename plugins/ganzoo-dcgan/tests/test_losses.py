import pytest
import torch
from ganzoo_dcgan.losses import Minimax

LOGITS = torch.tensor([-3.0, -0.5, 0.0, 2.0], dtype=torch.float64)


def test_discriminator_minimises_minus_the_value_function():
    real, fake = LOGITS, LOGITS.flip(0) + 1
    value = real.sigmoid().log().mean() + (1 - fake.sigmoid()).log().mean()  # eq. 1, Goodfellow et al. 2014
    torch.testing.assert_close(Minimax().discriminator(real, fake), -value)


def test_both_forms_share_the_discriminator():
    real, fake = LOGITS, LOGITS.flip(0)
    assert torch.equal(Minimax(form="saturating").discriminator(real, fake), Minimax().discriminator(real, fake))


@pytest.mark.parametrize(
    ("form", "definition"),
    [
        ("saturating", lambda d: (1 - d).log().mean()),
        ("non-saturating", lambda d: -d.log().mean()),
    ],
)
def test_generator_minimises_its_form(form, definition):
    torch.testing.assert_close(Minimax(form=form).generator(LOGITS, None), definition(LOGITS.sigmoid()))


@pytest.mark.parametrize(
    ("form", "slope"),
    [
        ("saturating", lambda d: -d),  # vanishes where the discriminator wins
        ("non-saturating", lambda d: d - 1),  # does not
    ],
)
def test_generator_gradient_in_closed_form(form, slope):
    fake = LOGITS.clone().requires_grad_()
    Minimax(form=form).generator(fake, None).backward()
    torch.testing.assert_close(fake.grad, slope(LOGITS.sigmoid()) / len(LOGITS))


def test_only_the_saturating_gradient_vanishes():
    slopes = {}
    for form in ("saturating", "non-saturating"):
        fake = torch.tensor([-20.0], requires_grad=True)
        Minimax(form=form).generator(fake, None).backward()
        slopes[form] = fake.grad.abs().item()
    assert slopes["saturating"] < 1e-8
    assert slopes["non-saturating"] == pytest.approx(1.0)


@pytest.mark.parametrize("form", ["saturating", "non-saturating"])
def test_extreme_logits_stay_finite(form):
    far = torch.tensor([-1e4, 1e4])
    loss = Minimax(form=form)
    assert torch.isfinite(loss.discriminator(far, far))
    assert torch.isfinite(loss.generator(far, None))


def test_patch_logits_average_over_all_positions():
    patches = LOGITS.reshape(2, 1, 2)
    assert torch.equal(Minimax().discriminator(patches, patches), Minimax().discriminator(LOGITS, LOGITS))
