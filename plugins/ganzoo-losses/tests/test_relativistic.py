from math import exp, log1p

import pytest
import torch
from ganzoo_losses.relativistic import RelativisticAverage, RelativisticPairing
from torch.nn.functional import softplus

from ganzoo import BadSetting

REAL = [1.0, -2.0, 0.5, 3.0]
FAKE = [-1.0, 0.25, 0.5, 4.0]
COSTS = {
    "logistic": lambda t: log1p(exp(-t)),
    "hinge": lambda t: max(0.0, 1 - t),
    "least-squares": lambda t: (1 - t) ** 2,
}


class Logistic:
    relativistic = False

    def discriminator(self, real, fake):
        return softplus(-real).mean() + softplus(fake).mean()

    def generator(self, fake, real):
        raise AssertionError("the generator's half is not used")


class Difference(Logistic):
    def discriminator(self, real, fake):
        return fake.mean() - real.mean()


class Stateful(torch.nn.Module, Logistic):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))


LOSSES = {
    "mine": Logistic,
    "difference": Difference,
    "module": Stateful,
    "relativistic": lambda: RelativisticAverage(make_loss),
}


def make_loss(name):
    return LOSSES[name]()


forms = pytest.mark.parametrize("form", COSTS)
losses = pytest.mark.parametrize("loss", [RelativisticPairing, RelativisticAverage])


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def paired(form, real, fake):
    return mean(COSTS[form](real[i] - fake[i]) for i in range(len(real)))


def averaged(form, real, fake):
    f = COSTS[form]
    return mean(f(r - mean(fake)) for r in real) + mean(f(-(x - mean(real))) for x in fake)


@forms
@pytest.mark.parametrize(("loss", "definition"), [(RelativisticPairing, paired), (RelativisticAverage, averaged)])
def test_both_halves_equal_their_definition(form, loss, definition):
    made, real, fake = loss(make_loss, form=form), torch.tensor(REAL), torch.tensor(FAKE)
    assert made.discriminator(real, fake).item() == pytest.approx(definition(form, REAL, FAKE), rel=1e-5)
    assert made.generator(fake, real).item() == pytest.approx(definition(form, FAKE, REAL), rel=1e-5)


@forms
@losses
def test_only_differences_count(form, loss):
    made, real, fake = loss(make_loss, form=form), torch.tensor(REAL), torch.tensor(FAKE)
    torch.testing.assert_close(made.discriminator(real + 5, fake + 5), made.discriminator(real, fake))
    torch.testing.assert_close(made.generator(fake + 5, real + 5), made.generator(fake, real))


@forms
@losses
def test_the_players_pull_against_each_other_on_both_sides(form, loss):
    made = loss(make_loss, form=form)
    real, fake = torch.zeros(4, requires_grad=True), torch.zeros(4, requires_grad=True)
    up, down = torch.autograd.grad(made.discriminator(real, fake), (real, fake))
    sunk, raised = torch.autograd.grad(made.generator(fake, real), (real, fake))
    assert (up < 0).all() and (down > 0).all()
    torch.testing.assert_close((sunk, raised), (-up, -down))


@forms
@losses
@pytest.mark.parametrize("signs", [(1, -1), (-1, 1), (1, 1)])
def test_huge_logits_keep_everything_finite(form, loss, signs):
    made = loss(make_loss, form=form)
    real, fake = (torch.full((4,), 1e6 * sign, requires_grad=True) for sign in signs)
    for half in (made.discriminator(real, fake), made.generator(fake, real)):
        assert torch.isfinite(torch.stack([half, *(g.sum() for g in torch.autograd.grad(half, (real, fake)))])).all()


def test_pairing_depends_on_the_order_and_averaging_does_not():
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    pairing, average = RelativisticPairing(make_loss), RelativisticAverage(make_loss)
    assert not torch.isclose(pairing.discriminator(real, fake.flip(0)), pairing.discriminator(real, fake))
    torch.testing.assert_close(average.discriminator(real, fake.flip(0)), average.discriminator(real, fake))


@losses
def test_patch_logits_average_over_all_positions(loss):
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    torch.testing.assert_close(
        loss(make_loss).discriminator(real.view(2, 1, 2), fake.view(2, 1, 2)), loss(make_loss).discriminator(real, fake)
    )


@losses
def test_an_absolute_loss_gets_leads_in_place_of_logits(loss):
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    known, absolute = loss(make_loss), loss(make_loss, form="mine")
    torch.testing.assert_close(absolute.discriminator(real, fake), known.discriminator(real, fake))
    torch.testing.assert_close(absolute.generator(fake, real), known.generator(fake, real))


def test_the_relativistic_form_of_a_difference_is_that_difference():
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    lead = real.mean() - fake.mean()
    torch.testing.assert_close(RelativisticPairing(make_loss, form="difference").discriminator(real, fake), -lead)
    torch.testing.assert_close(RelativisticAverage(make_loss, form="difference").generator(fake, real), 2 * lead)


@losses
def test_the_state_of_an_absolute_loss_is_saved(loss):
    assert [name.rpartition(".")[2] for name in loss(make_loss, form="module").state_dict()] == ["seen"]
    assert not loss(make_loss).state_dict()


@losses
def test_a_relativistic_loss_is_refused_as_a_form(loss):
    with pytest.raises(BadSetting, match="loss.form = 'relativistic': that loss is relativistic itself"):
        loss(make_loss, form="relativistic")
