"""One training step: the order of phases, whose parameters move, and everything around an optimiser step.

The engine alone owns ``requires_grad``, autocast, backward, accumulation, clipping, the optimisers and the
moving averages. Nothing here reads a tensor's value on the host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from ganzoo.config.run_settings import OptimizerSettings, RunSettings
from ganzoo.errors import BadComponent
from ganzoo.interfaces.capabilities import Logs, pack_size
from ganzoo.interfaces.data import Batch, Dataset
from ganzoo.interfaces.networks import Constraint
from ganzoo.interfaces.training import Phase, Trainer
from ganzoo.nn.ema import MovingAverage, decay_per_update
from ganzoo.training.data_loader import DataLoader
from ganzoo.training.meters import Meter
from ganzoo.training.optimizers import build_optimizer
from ganzoo.training.rng import BatchRng, mix_seeds, seed_layers
from ganzoo.training.scheduled_setting import ScheduledSetting

_PHASES, _LAYERS = 3, 4  # streams of randomness: of the phases, apart from those of the batches; of layers in them


@dataclass
class Player:
    """A module that learns, with all that moves it.

    Args:
        module: the network.
        parameters: those that may move; what a network freezes stays frozen.
        settings: of its optimiser.
        optimizer: built from them.
        constraints: what holds its weights, projected after each step.
    """

    module: nn.Module
    parameters: Sequence[nn.Parameter]
    settings: OptimizerSettings
    optimizer: torch.optim.Optimizer
    constraints: Sequence[Constraint]


class Engine:
    """Runs a trainer's phases over a data set.

    Args:
        trainer: players and phases, already on the device.
        dataset: the real samples.
        optimizers: settings by player.
        constraints: what holds each player's weights, by player; already prepared.
        stateful_modules: further modules whose tensors belong to the state, by name.
        run: how the run is carried out.
        device: where everything happens.
        dials: settings that follow the images seen.
    """

    def __init__(
        self,
        trainer: Trainer,
        dataset: Dataset,
        optimizers: Mapping[str, OptimizerSettings],
        constraints: Mapping[str, Sequence[Constraint]],
        stateful_modules: Mapping[str, nn.Module],
        *,
        run: RunSettings,
        device: torch.device,
        scheduled: Sequence[ScheduledSetting] = (),
    ) -> None:
        self.run, self.device, self.stateful_modules, self._scheduled = run, device, stateful_modules, scheduled
        self.phases = trainer.phases()
        self.players = {
            name: _player(module, optimizers[name], constraints.get(name, ()))
            for name, module in trainer.players.items()
        }
        self.averages = {name: MovingAverage(trainer.players[name]) for name in trainer.averaged}
        self.meter, self._pack = Meter(), pack_size(stateful_modules.values(), dataset.shape)
        self.steps = self.batches_seen = 0
        self._batches = _batches(dataset, run, device)
        self._tensors: dict[str, Tensor] = {}

    @property
    def images_seen(self) -> int:
        """Real samples the discriminator has been shown."""
        return self.batches_seen * self.run.batch_size

    def step(self) -> None:
        """Run every phase that is due, in order."""
        self._turn()
        for number, phase in enumerate(self.phases):
            if self.steps % phase.every == 0:
                for repetition in range(phase.repeat):
                    if phase.new_batch:
                        self._next_batch()
                    self._phase(phase, mix_seeds(self.run.seed, _PHASES, self.steps, number, repetition))
        for average in self.averages.values():
            average.update(self._decay())
        self._tell()
        self.steps += 1

    def losses(self, phase: Phase) -> dict[str, Tensor]:
        """Evaluate a phase's terms on the first part of the batch in hand, or of the first; no weight moves."""
        self._let_move(phase.player)
        return phase.losses(next(self._split(self._tensors or self._batches.at(0), 0)))

    def close(self) -> None:
        """End the reading threads."""
        self._batches.close()

    def rewind(self, steps: int, batches_seen: int) -> None:
        """Set the counters, as a checkpoint tells them."""
        self.steps, self.batches_seen = steps, batches_seen
        self._tensors = self._batches.at(batches_seen - 1) if batches_seen else {}

    def _turn(self) -> None:
        """Set every scheduled setting, and what the optimisers hold, to its value after the images seen."""
        for setting in self._scheduled:
            value: Any = setting.value(self.images_seen)
            player = self.players.get(setting.owner.removeprefix("optimizer."))
            if setting.part is not None:
                setattr(setting.part, setting.name, value)
            elif player is not None:
                player.settings = replace(player.settings, **{setting.name: value})
            else:
                self.run = replace(self.run, **{setting.name: value})
        for player in self.players.values():
            for group in player.optimizer.param_groups:
                group.update(player.settings.moment(self.images_seen, self.run.images))

    def _tell(self) -> None:
        for name, part in self.stateful_modules.items():
            if isinstance(part, Logs) and (told := part.logged()):
                self._note(name, told)

    def _next_batch(self) -> None:
        self._tensors = self._batches.at(self.batches_seen)
        self.batches_seen += 1

    def _phase(self, phase: Phase, seed: int) -> None:
        player = self.players[phase.player]
        self._let_move(phase.player)
        player.optimizer.zero_grad(set_to_none=True)
        seed_layers(mix_seeds(seed, _LAYERS), self.device)  # with the phase's own seed noise would equal the latents
        for batch in self._split(self._tensors, seed):
            self._accumulate(phase, batch)
        self._move(player)

    def _accumulate(self, phase: Phase, batch: Batch) -> None:
        """Add the gradients of a part of the batch, which weighs as much as the share of the packs it holds."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.run.precision == "bf16"):
            losses = phase.losses(batch)
        share = (len(batch.images) // self._pack) / (self.run.batch_size // self._pack)
        total = self._note(phase.name, losses, share).sum()
        inputs = self.players[phase.player].parameters  # alone: a term's images want no gradient here
        (share * total).backward(inputs=inputs)  # type: ignore[no-untyped-call]

    def _note(self, head: str, values: Mapping[str, Tensor], weight: float = 1.0) -> Tensor:
        """Let the meter have scalars under ``head/name``, and give them as ``(N,)`` float32."""
        for name, value in values.items():
            if not isinstance(value, Tensor):
                what = f"term {head}/{name} is a {type(value).__name__}, not a tensor"
                raise BadComponent(f"{what}: it has no gradient.")
            if value.ndim:
                what = f"term {head}/{name} has shape {tuple(value.shape)}, not ()"
                raise BadComponent(f"{what}: a term is a scalar, the mean over the batch.")
        together = torch.stack([value.float() for value in values.values()])
        self.meter.add(tuple(f"{head}/{name}" for name in values), together.detach(), weight)
        return together

    def _move(self, player: Player) -> None:
        if self.run.clip is not None:
            nn.utils.clip_grad_norm_(player.parameters, self.run.clip)
        player.optimizer.step()
        for constraint in player.constraints:
            constraint.project(player.module)

    def _let_move(self, name: str) -> None:
        for other, player in self.players.items():
            for parameter in player.parameters:
                parameter.requires_grad_(other == name)

    def _split(self, tensors: Mapping[str, Tensor], seed: int) -> Iterator[Batch]:
        edges = self.run.edges(self._pack)
        for start, stop in pairwise(edges):
            part = {name: tensor[start:stop] for name, tensor in tensors.items()}
            yield Batch(part, BatchRng(seed, edges[-1], start, stop, self.device))

    def _decay(self) -> float:
        half_life = min(self.run.ema_half_life, self.run.ema_rampup * self.images_seen)
        return decay_per_update(self.run.batch_size * sum(p.repeat for p in self.phases if p.new_batch), half_life)


def _player(module: nn.Module, settings: OptimizerSettings, constraints: Sequence[Constraint]) -> Player:
    parameters = [p for p in module.parameters() if p.requires_grad]
    return Player(module, parameters, settings, build_optimizer(settings, parameters), constraints)


def _batches(dataset: Dataset, run: RunSettings, device: torch.device) -> DataLoader:
    return DataLoader(
        dataset, run.batch_size, seed=run.seed, device=device, workers=run.workers,
        mirror=run.mirror, channels_last=run.channels_last, held_out=run.held_out,
    )  # fmt: skip
