"""Relativistic losses: only differences of real and fake logits count (Jolicoeur-Martineau 2018).

``f(t)`` is the cost of a lead ``t``: of reals over fakes for the discriminator, of fakes over reals for the generator.
It is one of three published forms, or the discriminator's half of any other loss with leads in place of logits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, TypeAlias

from torch import Tensor, nn
from torch.nn.functional import relu, softplus

from ganzoo import BadSetting, Loss

Form: TypeAlias = Literal["logistic", "hinge", "least-squares"]
MakeLoss: TypeAlias = Callable[[str], Loss]


class Relativistic(nn.Module):
    """Base of both losses; holds ``f``, or a loss that replaces it. A module, because that loss may have a state.

    Args:
        losses: makes a loss of the registry from its name.
        form: one of the three forms, or the name of a loss.
    """

    relativistic: ClassVar[bool] = True

    def __init__(self, losses: MakeLoss, *, form: Form | str = "logistic") -> None:
        super().__init__()
        self._absolute = None if form in _FORMS else _make_absolute_loss(losses, form)
        self._f = _FORMS.get(form, _logistic)


class RelativisticPairing(Relativistic):
    """Compares each fake with one real of the same class.

    If ``form`` names a loss, whose discriminator's half is L, the discriminator minimises ``L(t, -t) / 2`` with
    ``t = D(x) - D(G(z))`` and the generator ``L(-t, t) / 2``: ``form=non-saturating`` equals ``logistic``.

    Source: Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.1 (RGAN); Huang et al. 2024, arXiv 2501.05441,
    equation 2 (RpGAN), with ``f`` logistic. The other forms: Jolicoeur-Martineau 2019, arXiv 1901.02474, section 2.

    Args:
        form: cost f(t) of a lead t: logistic is log(1 + exp(-t)), hinge max(0, 1 - t), least-squares (1 - t)^2; or the
            name of any other loss.
    """

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean f(D(x) - D(G(z)))``."""
        lead = real - fake
        if self._absolute is not None:
            return self._absolute.discriminator(lead, -lead) / 2
        return self._f(lead).mean()  # eq. 2, Huang et al. 2024

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``mean f(D(G(z)) - D(x))``."""
        assert real is not None
        return self.discriminator(fake, real)  # the two sides exchanged


class RelativisticAverage(Relativistic):
    """Compares each logit with the mean logit of the other side.

    With ``run.accumulate`` above 1 the means are those of a part of the batch. If ``form`` names a loss, its
    discriminator's half gets the leads of reals and of fakes: RaSGAN is ``logistic`` or ``non-saturating``, RaHingeGAN
    is ``hinge``.

    Source: Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.2 (RaGAN) and the appendix's RaSGAN, RaHingeGAN
    and RaLSGAN.

    Args:
        form: cost f(t) of a lead t: logistic is log(1 + exp(-t)), hinge max(0, 1 - t), least-squares (1 - t)^2; or the
            name of any other loss.
    """

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean f(D(x) - mean D(G(z))) + mean f(mean D(x) - D(G(z)))``."""
        ahead, behind = real - fake.mean(), fake - real.mean()
        if self._absolute is not None:
            return self._absolute.discriminator(ahead, behind)
        return self._f(ahead).mean() + self._f(-behind).mean()

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``mean f(D(G(z)) - mean D(x)) + mean f(mean D(G(z)) - D(x))``."""
        assert real is not None
        return self.discriminator(fake, real)  # the two sides exchanged


def _make_absolute_loss(losses: MakeLoss, form: str) -> Loss:
    """Make a loss by its name, and refuse one that is relativistic itself."""
    loss = losses(form)
    if loss.relativistic:
        others = ", ".join(_FORMS)
        raise BadSetting(f"loss.form = '{form}': that loss is relativistic itself. Choose {others}, or a loss "
                         "that is not relativistic. See: ganzoo list loss")  # fmt: skip
    return loss


def _hinge(lead: Tensor) -> Tensor:
    return relu(1.0 - lead)


def _logistic(lead: Tensor) -> Tensor:
    return softplus(-lead)


def _least_squares(lead: Tensor) -> Tensor:
    return (1.0 - lead).square()


_FORMS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "logistic": _logistic,
    "hinge": _hinge,
    "least-squares": _least_squares,
}
