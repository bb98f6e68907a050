"""Spectral normalisation (Miyato et al. 2018): every weight matrix divided by its largest singular value.

Built on ``torch.nn.utils.parametrize``. ``torch.nn.utils.parametrizations.spectral_norm`` is not used, because it

- iterates whenever a weight is read in training mode: reals and fakes get different discriminators, a batch that is
  split for accumulation gets other weights than the whole one, and terms are not pure;
- assumes singular vectors of length 1, but moving averages of them are shorter;
- multiplies in bf16 under autocast, and turns a weight of zeros into NaN.
"""

from __future__ import annotations

from typing import Annotated, Literal, cast

import torch
from annotated_types import Ge
from torch import Tensor, nn
from torch.nn.utils import parametrize

_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_NORMALISED = (nn.Linear, nn.Embedding, nn.Conv1d, nn.Conv2d, nn.Conv3d, *_TRANSPOSED)
_FIRST_ITERATIONS = 15


class SpectralNorm:
    """Divides every weight matrix of a player by its largest singular value.

    Source: Miyato et al. 2018, arXiv 1802.05957, equation 8 and algorithm 1. Convolutions, linear layers and
    embeddings are normalised; frozen weights are left unchanged.

    Args:
        players: the players whose weights are normalised.
        iterations: steps of the power method after each update.
    """

    def __init__(
        self,
        *,
        players: tuple[Literal["generator", "discriminator"], ...] = ("discriminator",),
        iterations: Annotated[int, Ge(1)] = 1,
    ) -> None:
        self.players, self.iterations = players, iterations

    def prepare(self, module: nn.Module) -> None:
        """Install the division in every layer."""
        for layer in list(module.modules()):
            if isinstance(layer, _NORMALISED) and layer.weight.requires_grad:
                outputs = 1 if isinstance(layer, _TRANSPOSED) else 0
                parametrize.register_parametrization(layer, "weight", SpectralDivision(layer.weight, outputs))

    @torch.no_grad()
    def project(self, module: nn.Module) -> None:
        """Update the singular vectors after an optimiser step; the weights stay unchanged."""
        for layer in module.modules():
            if parametrize.is_parametrized(layer, "weight"):
                steps = cast(parametrize.ParametrizationList, layer.parametrizations["weight"])  # type: ignore[index]
                inputs = tuple(steps.parameters(recurse=False))
                for step in steps:
                    if isinstance(step, SpectralDivision):
                        step.update_vectors(*inputs, iterations=self.iterations)
                    inputs = (step(*inputs),)


class SpectralDivision(nn.Module):
    """Parametrisation ``W -> W / sigma(W)``, a pure function of the weight and of ``u`` and ``v``.

    Args:
        weight: the initial tensor.
        outputs: axis of the outputs; the others are flattened to the matrix's second axis (section 4).
    """

    u: Tensor
    v: Tensor

    def __init__(self, weight: Tensor, outputs: int) -> None:
        super().__init__()
        self._outputs = outputs
        rows, columns = self._to_matrix(weight).shape
        random = torch.Generator().manual_seed(0)  # leaves the global rng untouched
        for name, length in (("u", rows), ("v", columns)):
            vector = torch.randn(length, generator=random, device="cpu").to(weight)
            self.register_buffer(name, vector / vector.norm())
        self.update_vectors(weight, iterations=_FIRST_ITERATIONS)

    def forward(self, weight: Tensor) -> Tensor:
        """Divide a weight by the largest singular value of its matrix; a weight of zeros stays unchanged."""
        with torch.autocast(weight.device.type, enabled=False):
            sigma = torch.dot(self.u, self._to_matrix(weight) @ self.v)  # eq. 19
            sigma = sigma / (self.u.norm() * self.v.norm())  # 1, except for moving averages of u and v
            return weight / torch.where(sigma > 0, sigma, 1.0)  # eq. 8

    @torch.no_grad()
    def update_vectors(self, weight: Tensor, *, iterations: int) -> None:
        """Run the power method on the current weight, from the last singular vectors."""
        matrix = self._to_matrix(weight)
        for _ in range(iterations):
            self.v.copy_(_normalise(matrix.mT @ self.u, self.v))  # eq. 20
            self.u.copy_(_normalise(matrix @ self.v, self.u))  # eq. 21

    def _to_matrix(self, weight: Tensor) -> Tensor:
        return weight.movedim(self._outputs, 0).flatten(1)


def _normalise(vector: Tensor, fallback: Tensor) -> Tensor:
    """Scale a vector to length 1; return ``fallback`` for a vector of zeros."""
    length = vector.norm()
    return torch.where(length > 0, vector / length, fallback)
