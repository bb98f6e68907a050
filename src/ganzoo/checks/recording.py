"""Record a step of training: the losses of each phase, and whose weights it moved."""

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
class PhaseRecord:
    """One phase that ran.

    Args:
        phase: the phase.
        losses: by name, detached.
        moved: the players whose parameters it changed.
        waits: what in its losses makes the host wait for the device.
    """

    phase: Phase
    losses: Mapping[str, Tensor]
    moved: frozenset[str]
    waits: tuple[str, ...] = ()


class RecordingTrainer:
    """A trainer that records losses, and its players' parameters, at every phase.

    Args:
        trainer: the one to record.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self.players: Mapping[str, nn.Module] = trainer.players
        self.averaged: tuple[str, ...] = trainer.averaged
        self._seen: list[tuple[Phase, dict[str, Tensor], dict[str, list[Tensor]], tuple[str, ...]]] = []

    def phases(self) -> tuple[Phase, ...]:
        """Return the trainer's phases, recorded."""
        return tuple(replace(phase, losses=self._record(phase)) for phase in self._trainer.phases())

    def records(self) -> list[PhaseRecord]:
        """Return the phases that ran, in order."""
        states = [before for _, _, before, _ in self._seen] + [copy_parameters(self.players)]
        return [
            PhaseRecord(phase, losses, frozenset(changed_modules(before, after)), waits)
            for (phase, losses, before, waits), after in zip(self._seen, states[1:], strict=True)
        ]

    def _record(self, phase: Phase) -> Callable[[Batch], dict[str, Tensor]]:
        def losses(batch: Batch) -> dict[str, Tensor]:
            before = copy_parameters(self.players)
            with find_host_reads() as waits:
                values = phase.losses(batch)
            detached = {name: value.detach() for name, value in values.items()}
            self._seen.append((phase, detached, before, tuple(waits)))
            return values

        return losses


def record_steps(assembly: Assembly, registry: Registry, steps: int = 1) -> list[PhaseRecord]:
    """Train a built run for some steps and return what each phase did."""
    recorder = RecordingTrainer(assembly.trainer)
    engine = build_engine(replace(assembly, trainer=recorder), registry)
    for _ in range(steps):
        engine.step()
    engine.close()
    return recorder.records()


def assert_valid_phases(records: list[PhaseRecord]) -> None:
    """Refuse losses that are not finite scalars or that read the device, and phases that move not just their player."""
    assert records, "no phase ran in the first step"
    for record in records:
        phase = record.phase
        assert record.losses, f"phase '{phase.name}' has no losses"
        assert not record.waits, f"phase '{phase.name}' waits for the device: {record.waits[0]}. Use torch.where"
        for name, loss in record.losses.items():
            assert loss.ndim == 0, f"loss '{name}' of phase '{phase.name}' has shape {tuple(loss.shape)}, not ()"
            assert bool(torch.isfinite(loss)), f"loss '{name}' of phase '{phase.name}' is {float(loss)}"
        others = sorted(record.moved - {phase.player})
        assert not others, f"phase '{phase.name}' of the {phase.player} moved the {' and the '.join(others)}"
        assert phase.player in record.moved, f"phase '{phase.name}' did not move its player, the {phase.player}"
