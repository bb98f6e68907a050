"""A step of training, watched: which phase gave what, and whose weights it moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ganzoo.assembly.build import Assembly, engine_of
from ganzoo.checks.laws import changed, snapshot
from ganzoo.checks.waiting import waits
from ganzoo.protocols import Batch, Phase, Trainer
from ganzoo.registry import Registry


@dataclass(frozen=True)
class Moment:
    """One phase that ran.

    Args:
        phase: which one.
        terms: what it gave, detached.
        moved: the players whose parameters differ after it.
        waits: what in its terms makes the host wait for the device.
    """

    phase: Phase
    terms: Mapping[str, Tensor]
    moved: frozenset[str]
    waits: tuple[str, ...] = ()


class Watched:
    """A trainer that notes its players' parameters whenever a phase begins.

    Args:
        trainer: the one that is watched.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self.players: Mapping[str, nn.Module] = trainer.players
        self.averaged: tuple[str, ...] = trainer.averaged
        self._seen: list[tuple[Phase, dict[str, Tensor], dict[str, list[Tensor]], tuple[str, ...]]] = []

    def phases(self) -> tuple[Phase, ...]:
        """The trainer's phases, each with its terms noted."""
        return tuple(replace(phase, terms=self._noting(phase)) for phase in self._trainer.phases())

    def moments(self) -> list[Moment]:
        """What was seen so far, in order."""
        states = [before for _, _, before, _ in self._seen] + [snapshot(self.players)]
        return [
            Moment(phase, terms, frozenset(changed(before, after)), waited)
            for (phase, terms, before, waited), after in zip(self._seen, states[1:], strict=True)
        ]

    def _noting(self, phase: Phase) -> Callable[[Batch], dict[str, Tensor]]:
        def terms(batch: Batch) -> dict[str, Tensor]:
            before = snapshot(self.players)
            with waits() as waited:
                values = phase.terms(batch)
            told = {name: value.detach() for name, value in values.items()}
            self._seen.append((phase, told, before, tuple(waited)))
            return values

        return terms


def watched_steps(assembly: Assembly, registry: Registry, steps: int = 1) -> list[Moment]:
    """Train a built run for some steps and tell what each phase did."""
    watched = Watched(assembly.trainer)
    engine = engine_of(replace(assembly, trainer=watched), registry)
    for _ in range(steps):
        engine.step()
    engine.close()
    return watched.moments()


def assert_orderly(moments: list[Moment]) -> None:
    """Refuse terms that are not finite scalars or read the device, and phases that moved another player, or nobody."""
    assert moments, "no phase ran in the first step"
    for moment in moments:
        phase = moment.phase
        assert moment.terms, f"phase '{phase.name}' has no terms"
        assert not moment.waits, f"phase '{phase.name}' waits for the device: {moment.waits[0]}. Use torch.where"
        for name, term in moment.terms.items():
            assert term.ndim == 0, f"term '{name}' of phase '{phase.name}' has shape {tuple(term.shape)}, not ()"
            assert bool(torch.isfinite(term)), f"term '{name}' of phase '{phase.name}' is {float(term)}"
        others = sorted(moment.moved - {phase.player})
        assert not others, f"phase '{phase.name}' of the {phase.player} moved the {' and the '.join(others)}"
        assert phase.player in moment.moved, f"phase '{phase.name}' did not move its player, the {phase.player}"
