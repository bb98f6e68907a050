"""Spectral normalisation (Miyato et al. 2018): every weight matrix divided by its largest singular value.

Not ``torch.nn.utils.parametrizations.spectral_norm``, though built on the same ``parametrize``, because that one

- iterates whenever a weight is read in training mode: reals and fakes are judged by different discriminators, a batch
  split for accumulation takes other weights than the whole one, and terms are not pure;
- takes its singular vectors to be of length 1, which their moving averages are not;
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
    """Holds the largest singular value of every weight matrix of a player at 1.

    Source: Miyato et al. 2018, arXiv 1802.05957, equation 8 and algorithm 1. Convolutions, linear layers and
    embeddings are normalised; what a network has frozen is left alone.

    Args:
        players: whose weights are normalised.
        iterations: of the power method after each update.
    """

    def __init__(
        self,
        *,
        players: tuple[Literal["generator", "discriminator"], ...] = ("discriminator",),
        iterations: Annotated[int, Ge(1)] = 1,
    ) -> None:
        self.players, self.iterations = players, iterations

    def prepare(self, module: nn.Module) -> None:
        """Divide the weights of every layer from now on."""
        for layer in list(module.modules()):
            if isinstance(layer, _NORMALISED) and layer.weight.requires_grad:
                outputs = 1 if isinstance(layer, _TRANSPOSED) else 0
                parametrize.register_parametrization(layer, "weight", Normalised(layer.weight, outputs))

    @torch.no_grad()
    def project(self, module: nn.Module) -> None:
        """Let the singular vectors follow the weights that have just moved; the weights stay."""
        for layer in module.modules():
            if parametrize.is_parametrized(layer, "weight"):
                steps = cast(parametrize.ParametrizationList, layer.parametrizations["weight"])  # type: ignore[index]
                inputs = tuple(steps.parameters(recurse=False))
                for step in steps:
                    if isinstance(step, Normalised):
                        step.follow(*inputs, iterations=self.iterations)
                    inputs = (step(*inputs),)


class Normalised(nn.Module):
    """The parametrisation ``W -> W / sigma(W)``, a pure function of the weight and of ``u`` and ``v``.

    Args:
        weight: the tensor that will be divided.
        outputs: its axis of outputs; the others make up the matrix's second axis (section 4).
    """

    u: Tensor
    v: Tensor

    def __init__(self, weight: Tensor, outputs: int) -> None:
        super().__init__()
        self._outputs = outputs
        rows, columns = self._matrix(weight).shape
        random = torch.Generator().manual_seed(0)  # of its own: installing it disturbs no other draw
        for name, length in (("u", rows), ("v", columns)):
            vector = torch.randn(length, generator=random, device="cpu").to(weight)
            self.register_buffer(name, vector / vector.norm())
        self.follow(weight, iterations=_FIRST_ITERATIONS)

    def forward(self, weight: Tensor) -> Tensor:
        """Divide a weight by the largest singular value of its matrix; a weight of zeros stays as it is."""
        with torch.autocast(weight.device.type, enabled=False):
            sigma = torch.dot(self.u, self._matrix(weight) @ self.v)  # eq. 19
            sigma = sigma / (self.u.norm() * self.v.norm())  # 1, but for averages of u and v
            return weight / torch.where(sigma > 0, sigma, 1.0)  # eq. 8

    @torch.no_grad()
    def follow(self, weight: Tensor, *, iterations: int) -> None:
        """Run the power method from the last singular vectors on.

        Args:
            weight: the tensor as it is now.
            iterations: how often.
        """
        matrix = self._matrix(weight)
        for _ in range(iterations):
            self.v.copy_(_unit(matrix.mT @ self.u, self.v))  # eq. 20
            self.u.copy_(_unit(matrix @ self.v, self.u))  # eq. 21

    def _matrix(self, weight: Tensor) -> Tensor:
        return weight.movedim(self._outputs, 0).flatten(1)


def _unit(vector: Tensor, otherwise: Tensor) -> Tensor:
    """Scale a vector to length 1; one of zeros, which has no direction, gives way to another."""
    length = vector.norm()
    return torch.where(length > 0, vector / length, otherwise)
