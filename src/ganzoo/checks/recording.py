"""A step of training, watched: which phase gave what, and whose weights it moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ganzoo.assembly.build import Assembly, build_engine
from ganzoo.checks.assertions import changed_modules, copy_parameters
from ganzoo.checks.synchronisation import find_host_reads
from ganzoo.interfaces.data import Batch
from ganzoo.interfaces.training import Phase, Trainer
from ganzoo.registry.registry import Registry


@dataclass(frozen=True)
class StepRecord:
    """One phase that ran.

    Args:
        phase: which one.
        terms: what it gave, detached.
        moved: the players whose parameters differ after it.
        waits: what in its terms makes the host wait for the device.
    """

    phase: Phase
    losses: Mapping[str, Tensor]
    moved: frozenset[str]
    waits: tuple[str, ...] = ()


class RecordingTrainer:
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
        return tuple(replace(phase, losses=self._noting(phase)) for phase in self._trainer.phases())

    def moments(self) -> list[StepRecord]:
        """What was seen so far, in order."""
        states = [before for _, _, before, _ in self._seen] + [copy_parameters(self.players)]
        return [
            StepRecord(phase, losses, frozenset(changed_modules(before, after)), waited)
            for (phase, losses, before, waited), after in zip(self._seen, states[1:], strict=True)
        ]

    def _noting(self, phase: Phase) -> Callable[[Batch], dict[str, Tensor]]:
        def losses(batch: Batch) -> dict[str, Tensor]:
            before = copy_parameters(self.players)
            with find_host_reads() as waited:
                values = phase.losses(batch)
            told = {name: value.detach() for name, value in values.items()}
            self._seen.append((phase, told, before, tuple(waited)))
            return values

        return losses


def record_steps(assembly: Assembly, registry: Registry, steps: int = 1) -> list[StepRecord]:
    """Train a built run for some steps and tell what each phase did."""
    watched = RecordingTrainer(assembly.trainer)
    engine = build_engine(replace(assembly, trainer=watched), registry)
    for _ in range(steps):
        engine.step()
    engine.close()
    return watched.moments()


def assert_orderly(moments: list[StepRecord]) -> None:
    """Refuse terms that are not finite scalars or read the device, and phases that moved another player, or nobody."""
    assert moments, "no phase ran in the first step"
    for moment in moments:
        phase = moment.phase
        assert moment.losses, f"phase '{phase.name}' has no terms"
        assert not moment.waits, f"phase '{phase.name}' waits for the device: {moment.waits[0]}. Use torch.where"
        for name, term in moment.losses.items():
            assert term.ndim == 0, f"term '{name}' of phase '{phase.name}' has shape {tuple(term.shape)}, not ()"
            assert bool(torch.isfinite(term)), f"term '{name}' of phase '{phase.name}' is {float(term)}"
        others = sorted(moment.moved - {phase.player})
        assert not others, f"phase '{phase.name}' of the {phase.player} moved the {' and the '.join(others)}"
        assert phase.player in moment.moved, f"phase '{phase.name}' did not move its player, the {phase.player}"
