"""Weight clipping (Arjovsky et al. 2017, algorithm 1)."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from annotated_types import Gt
from torch import Tensor, nn


class WeightClipping:
    """Clips every weight of a player to ``[-limit, limit]``.

    Args:
        limit: largest absolute weight, c of algorithm 1.
        players: the players whose weights are clipped.
    """

    def __init__(
        self,
        *,
        limit: Annotated[float, Gt(0)] = 0.01,
        players: tuple[Literal["generator", "discriminator"], ...] = ("discriminator",),
    ) -> None:
        self.limit, self.players = limit, players

    def prepare(self, module: nn.Module) -> None:
        """Clip the initial weights."""
        self.project(module)

    @torch.no_grad()
    def project(self, module: nn.Module) -> None:
        """Clamp all parameters in place."""
        weights: list[Tensor] = list(module.parameters())
        torch._foreach_clamp_min_(weights, -self.limit)
        torch._foreach_clamp_max_(weights, self.limit)
