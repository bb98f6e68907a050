from math import exp, log1p

import pytest
import torch
from ganzoo_losses.relativistic import RelativisticAverage, RelativisticPairing
from torch.nn.functional import softplus

from ganzoo.errors import BadSetting

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
        raise AssertionError("only the discriminator's half is borrowed")


class Difference(Logistic):
    def discriminator(self, real, fake):
        return fake.mean() - real.mean()


class Remembering(torch.nn.Module, Logistic):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))


LENT = {
    "mine": Logistic,
    "difference": Difference,
    "module": Remembering,
    "compares": lambda: RelativisticAverage(borrow),
}


def borrow(name):
    return LENT[name]()


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
    made, real, fake = loss(borrow, form=form), torch.tensor(REAL), torch.tensor(FAKE)
    assert made.discriminator(real, fake).item() == pytest.approx(definition(form, REAL, FAKE), rel=1e-5)
    assert made.generator(fake, real).item() == pytest.approx(definition(form, FAKE, REAL), rel=1e-5)


@forms
@losses
def test_only_differences_count(form, loss):
    made, real, fake = loss(borrow, form=form), torch.tensor(REAL), torch.tensor(FAKE)
    torch.testing.assert_close(made.discriminator(real + 5, fake + 5), made.discriminator(real, fake))
    torch.testing.assert_close(made.generator(fake + 5, real + 5), made.generator(fake, real))


@forms
@losses
def test_the_players_pull_against_each_other_on_both_sides(form, loss):
    made = loss(borrow, form=form)
    real, fake = torch.zeros(4, requires_grad=True), torch.zeros(4, requires_grad=True)
    up, down = torch.autograd.grad(made.discriminator(real, fake), (real, fake))
    sunk, raised = torch.autograd.grad(made.generator(fake, real), (real, fake))
    assert (up < 0).all() and (down > 0).all()
    torch.testing.assert_close((sunk, raised), (-up, -down))


@forms
@losses
@pytest.mark.parametrize("signs", [(1, -1), (-1, 1), (1, 1)])
def test_huge_logits_leave_all_finite(form, loss, signs):
    made = loss(borrow, form=form)
    real, fake = (torch.full((4,), 1e6 * sign, requires_grad=True) for sign in signs)
    for half in (made.discriminator(real, fake), made.generator(fake, real)):
        assert torch.isfinite(torch.stack([half, *(g.sum() for g in torch.autograd.grad(half, (real, fake)))])).all()


def test_pairs_are_pairs_and_averages_are_not():
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    pairing, average = RelativisticPairing(borrow), RelativisticAverage(borrow)
    assert not torch.isclose(pairing.discriminator(real, fake.flip(0)), pairing.discriminator(real, fake))
    torch.testing.assert_close(average.discriminator(real, fake.flip(0)), average.discriminator(real, fake))


@losses
def test_patch_logits_average_over_all_positions(loss):
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    torch.testing.assert_close(
        loss(borrow).discriminator(real.view(2, 1, 2), fake.view(2, 1, 2)), loss(borrow).discriminator(real, fake)
    )


@losses
def test_a_borrowed_loss_judges_leads(loss):
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    known, borrowed = loss(borrow), loss(borrow, form="mine")
    torch.testing.assert_close(borrowed.discriminator(real, fake), known.discriminator(real, fake))
    torch.testing.assert_close(borrowed.generator(fake, real), known.generator(fake, real))


def test_the_relativistic_form_of_a_difference_is_that_difference():
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    lead = real.mean() - fake.mean()
    torch.testing.assert_close(RelativisticPairing(borrow, form="difference").discriminator(real, fake), -lead)
    torch.testing.assert_close(RelativisticAverage(borrow, form="difference").generator(fake, real), 2 * lead)


@losses
def test_the_state_of_a_borrowed_loss_is_state(loss):
    assert [name.rpartition(".")[2] for name in loss(borrow, form="module").state_dict()] == ["seen"]
    assert not loss(borrow).state_dict()


@losses
def test_what_compares_already_is_refused(loss):
    with pytest.raises(BadSetting, match="loss.form = 'compares': that loss compares reals with fakes already"):
        loss(borrow, form="compares")
