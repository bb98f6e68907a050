"""Relativistic losses: real logits count only in comparison with fake ones (Jolicoeur-Martineau 2018).

What a lead costs, of a real over fakes for the discriminator and of a fake over reals for the generator, is one of three
published forms, or that of any other loss: its discriminator's half, given leads in place of logits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, TypeAlias

from torch import Tensor, nn
from torch.nn.functional import relu, softplus

from ganzoo.errors import BadSetting
from ganzoo.interfaces.protocols import Loss

Form: TypeAlias = Literal["logistic", "hinge", "least-squares"]
Losses: TypeAlias = Callable[[str], Loss]


class Relativistic(nn.Module):
    """What both share: the cost of a lead, or a borrowed loss. A module, because that loss may have a state.

    Args:
        losses: makes a loss of the registry by its name.
        form: one of the three, or the name of a loss.
    """

    relativistic: ClassVar[bool] = True

    def __init__(self, losses: Losses, form: str) -> None:
        super().__init__()
        self._borrowed = None if form in _COSTS else _absolute(losses, form)
        self._f = _COSTS.get(form, _logistic)


class RelativisticPairing(Relativistic):
    """Compares each fake with one real; the fakes' classes are those of the reals they are compared with.

    With a loss's name as form, ``L(D(x) - D(G(z)), D(G(z)) - D(x)) / 2`` for the discriminator and the same with the sides
    exchanged for the generator, L being that loss's half for the discriminator: ``form=non-saturating`` is ``logistic``.

    Source: Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.1 (RGAN); Huang et al. 2024, arXiv 2501.05441,
    equation 2 (RpGAN), with ``f`` logistic. The other forms: Jolicoeur-Martineau 2019, arXiv 1901.02474, section 2.

    Args:
        form: what a lead ``t`` costs: log(1 + exp(-t)), max(0, 1 - t) or (1 - t)^2; or the name of any other loss.
    """

    def __init__(self, losses: Losses, *, form: Form | str = "logistic") -> None:
        super().__init__(losses, form)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean f(D(x) - D(G(z)))``."""
        lead = real - fake
        if self._borrowed is not None:
            return self._borrowed.discriminator(lead, -lead) / 2
        return self._f(lead).mean()  # eq. 2, Huang et al. 2024

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``mean f(D(G(z)) - D(x))``."""
        assert real is not None
        return self.discriminator(fake, real)  # the same with the sides exchanged


class RelativisticAverage(Relativistic):
    """Compares each logit with the mean logit of the other side.

    The means are those of the batch part in hand: with ``run.accumulate`` above 1 they are taken over fewer samples.
    With a loss's name as form, that loss's half for the discriminator, given the leads of reals and of fakes: RaSGAN is
    ``logistic`` or ``non-saturating``, RaHingeGAN ``hinge``.

    Source: Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.2 (RaGAN) and the appendix's RaSGAN, RaHingeGAN
    and RaLSGAN.

    Args:
        form: what a lead ``t`` costs: log(1 + exp(-t)), max(0, 1 - t) or (1 - t)^2; or the name of any other loss.
    """

    def __init__(self, losses: Losses, *, form: Form | str = "logistic") -> None:
        super().__init__(losses, form)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean f(D(x) - mean D(G(z))) + mean f(mean D(x) - D(G(z)))``."""
        ahead, behind = real - fake.mean(), fake - real.mean()
        if self._borrowed is not None:
            return self._borrowed.discriminator(ahead, behind)
        return self._f(ahead).mean() + self._f(-behind).mean()

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``mean f(D(G(z)) - mean D(x)) + mean f(mean D(G(z)) - D(x))``."""
        assert real is not None
        return self.discriminator(fake, real)  # the same with the sides exchanged


def _absolute(losses: Losses, form: str) -> Loss:
    """Make the loss that classifiers leads as it would judge logits."""
    loss = losses(form)
    if loss.relativistic:
        others = ", ".join(_COSTS)
        raise BadSetting(f"loss.form = '{form}': that loss compares reals with fakes already. Choose {others}, or a "
                         "loss that does not. See: ganzoo list loss")  # fmt: skip
    return loss


def _hinge(lead: Tensor) -> Tensor:
    return relu(1.0 - lead)


def _logistic(lead: Tensor) -> Tensor:
    return softplus(-lead)


def _least_squares(lead: Tensor) -> Tensor:
    return (1.0 - lead).square()


_COSTS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "logistic": _logistic,
    "hinge": _hinge,
    "least-squares": _least_squares,
}
