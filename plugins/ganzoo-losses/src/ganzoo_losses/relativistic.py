"""Relativistic losses: real logits count only in comparison with fake ones (Jolicoeur-Martineau 2018).

``f`` is what a lead costs: of a real over fakes for the critic, of a fake over reals for the generator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, TypeAlias

from torch import Tensor
from torch.nn.functional import relu, softplus

Form: TypeAlias = Literal["logistic", "hinge", "least-squares"]


class RelativisticPairing:
    """Compares each fake with one real; the fakes' classes are those of the reals they are compared with.

    Source: Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.1 (RGAN); Huang et al. 2024, arXiv 2501.05441,
    equation 2 (RpGAN), with ``f`` logistic. The other forms: Jolicoeur-Martineau 2019, arXiv 1901.02474, section 2.

    Args:
        form: what a lead ``t`` costs: log(1 + exp(-t)), max(0, 1 - t) or (1 - t)^2.
    """

    relativistic: ClassVar[bool] = True

    def __init__(self, *, form: Form = "logistic") -> None:
        self._f = _COSTS[form]

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean f(D(x) - D(G(z)))``."""
        return self._f(real - fake).mean()  # eq. 2, Huang et al. 2024

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``mean f(D(G(z)) - D(x))``."""
        assert real is not None
        return self._f(fake - real).mean()


class RelativisticAverage:
    """Compares each logit with the mean logit of the other side.

    The means are those of the batch part in hand: with ``run.accumulate`` above 1 they are taken over fewer samples.

    Source: Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.2 (RaGAN) and the appendix's RaSGAN, RaHingeGAN
    and RaLSGAN.

    Args:
        form: what a lead ``t`` costs: log(1 + exp(-t)), max(0, 1 - t) or (1 - t)^2.
    """

    relativistic: ClassVar[bool] = True

    def __init__(self, *, form: Form = "logistic") -> None:
        self._f = _COSTS[form]

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ``mean f(D(x) - mean D(G(z))) + mean f(mean D(x) - D(G(z)))``."""
        return self._f(real - fake.mean()).mean() + self._f(real.mean() - fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return ``mean f(D(G(z)) - mean D(x)) + mean f(mean D(G(z)) - D(x))``."""
        assert real is not None
        return self.critic(fake, real)  # the same with the sides exchanged


def _hinge(lead: Tensor) -> Tensor:
    return relu(1.0 - lead)


def _logistic(lead: Tensor) -> Tensor:
    return softplus(-lead)


def _least_squares(lead: Tensor) -> Tensor:
    return (1.0 - lead).square()


_COSTS: Mapping[Form, Callable[[Tensor], Tensor]] = {
    "logistic": _logistic,
    "hinge": _hinge,
    "least-squares": _least_squares,
}
