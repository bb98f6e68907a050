"""Training algorithms: players, phases and schedules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ganzoo.interfaces.data import Batch


@dataclass(frozen=True)
class Phase:
    """One optimisation step of one player, as data.

    Args:
        name: in the panel and in ``metrics.jsonl``.
        player: whose parameters are updated.
        losses: pure function; named scalars of a batch, whose sum is minimised.
        every: run at every N-th step only (lazy regularisation).
        repeat: how often in a row within one step.
        new_batch: each repetition takes the next batch of reals, which counts as images seen;
            otherwise it takes the last batch again.
    """

    name: str
    player: str
    losses: Callable[[Batch], dict[str, Tensor]]
    every: int = 1
    repeat: int = 1
    new_batch: bool = False


class Trainer(Protocol):
    """Kind ``trainer``: players and phases of one training algorithm."""

    players: Mapping[str, nn.Module]
    averaged: tuple[str, ...]
    """Players of which the engine keeps a moving average."""

    def phases(self) -> tuple[Phase, ...]:
        """Return the phases of one step, in order."""


class Schedule(Protocol):
    """Kind ``schedule``: changes settings with the images seen; ``__init__(self, *, ...)``."""

    @property
    def patterns(self) -> tuple[str, ...]:
        """Patterns of the settings it changes, such as ``optimizer.*.lr`` or ``term.r1.weight``."""

    def value(self, seen: int, base: float) -> float:
        """Return a setting's value after ``seen`` images; ``base`` is the configured value."""
