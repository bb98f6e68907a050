"""One training step: runs the phases in order, each with its forward and backward passes and its optimiser step.

Only the engine sets ``requires_grad``, autocast, accumulation, clipping, optimisers and moving averages. Nothing here
reads a tensor's value on the host.
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

_PHASES, _LAYERS = 3, 4  # streams of random numbers: of phases, apart from those of batches; of layers in a phase


@dataclass
class Player:
    """A network that is trained, with its optimiser and constraints.

    Args:
        module: the network.
        parameters: the parameters to train; those that a network freezes are left out.
        settings: settings of the optimiser.
        optimizer: built from the settings.
        constraints: applied to the weights after each step.
    """

    module: nn.Module
    parameters: Sequence[nn.Parameter]
    settings: OptimizerSettings
    optimizer: torch.optim.Optimizer
    constraints: Sequence[Constraint]


class Engine:
    """Runs a trainer's phases over a data set.

    Args:
        trainer: players and phases; its networks are on the device.
        dataset: the real samples.
        optimizers: settings by player.
        constraints: constraints by player; already prepared.
        stateful_modules: further modules whose tensors belong to the state, by name.
        run: settings of the run.
        device: device of all tensors.
        scheduled: settings that change with the images seen.
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
            name: _make_player(module, optimizers[name], constraints.get(name, ()))
            for name, module in trainer.players.items()
        }
        self.averages = {name: MovingAverage(trainer.players[name]) for name in trainer.averaged}
        self.meter, self._pack = Meter(), pack_size(stateful_modules.values(), dataset.shape)
        self.steps = self.batches_seen = 0
        self._batches = DataLoader(
            dataset, run.batch_size, seed=run.seed, device=device, workers=run.workers,
            mirror=run.mirror, channels_last=run.channels_last, held_out=run.held_out,
        )  # fmt: skip
        self._tensors: dict[str, Tensor] = {}

    @property
    def images_seen(self) -> int:
        """Number of real samples the discriminator has seen."""
        return self.batches_seen * self.run.batch_size

    def step(self) -> None:
        """Run every phase that is due, in order."""
        self._apply_schedules()
        for number, phase in enumerate(self.phases):
            if self.steps % phase.every == 0:
                for repetition in range(phase.repeat):
                    if phase.new_batch:
                        self._next_batch()
                    self._run_phase(phase, mix_seeds(self.run.seed, _PHASES, self.steps, number, repetition))
        self._update_averages()
        for name, module in self.stateful_modules.items():
            if isinstance(module, Logs) and (values := module.logged()):
                self._meter(name, values)
        self.steps += 1

    def losses(self, phase: Phase) -> dict[str, Tensor]:
        """Evaluate a phase's losses on the first part of the current batch, or of the first batch, without a step."""
        self._require_grad_only(phase.player)
        return phase.losses(next(self._split(self._tensors or self._batches.at(0), 0)))

    def close(self) -> None:
        """End the reading threads."""
        self._batches.close()

    def rewind(self, steps: int, batches_seen: int) -> None:
        """Set the counters to those of a checkpoint, and load the batch that was current."""
        self.steps, self.batches_seen = steps, batches_seen
        self._tensors = self._batches.at(batches_seen - 1) if batches_seen else {}

    def _apply_schedules(self) -> None:
        """Set every scheduled setting, and the optimisers' values, according to the images seen."""
        for setting in self._scheduled:
            value: Any = setting.value(self.images_seen)
            player = self.players.get(setting.owner.removeprefix("optimizer."))
            if setting.component is not None:
                setattr(setting.component, setting.name, value)
            elif player is not None:
                player.settings = replace(player.settings, **{setting.name: value})
            else:
                self.run = replace(self.run, **{setting.name: value})
        for player in self.players.values():
            for group in player.optimizer.param_groups:
                group.update(player.settings.moment(self.images_seen, self.run.images))

    def _next_batch(self) -> None:
        self._tensors = self._batches.at(self.batches_seen)
        self.batches_seen += 1

    def _run_phase(self, phase: Phase, seed: int) -> None:
        """Accumulate the gradients of all parts of the batch, then move the player."""
        player = self.players[phase.player]
        self._require_grad_only(phase.player)
        player.optimizer.zero_grad(set_to_none=True)
        seed_layers(mix_seeds(seed, _LAYERS), self.device)  # with the phase's own seed noise would equal the latents
        for batch in self._split(self._tensors, seed):
            self._accumulate(phase, batch)
        if self.run.clip is not None:
            nn.utils.clip_grad_norm_(player.parameters, self.run.clip)
        player.optimizer.step()
        for constraint in player.constraints:
            constraint.project(player.module)

    def _accumulate(self, phase: Phase, batch: Batch) -> None:
        """Add the gradients of a part of the batch, weighted by its share of the packs."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.run.precision == "bf16"):
            losses = phase.losses(batch)
        share = (len(batch.images) // self._pack) / (self.run.batch_size // self._pack)
        total = self._meter(phase.name, losses, share).sum()
        inputs = self.players[phase.player].parameters  # only these: images of a gradient penalty need no gradient
        (share * total).backward(inputs=inputs)  # type: ignore[no-untyped-call]

    def _meter(self, prefix: str, values: Mapping[str, Tensor], weight: float = 1.0) -> Tensor:
        """Add scalars to the meter as ``prefix/name``, and return them as ``(N,)`` float32."""
        for name, value in values.items():
            if not isinstance(value, Tensor):
                what = f"loss {prefix}/{name} is a {type(value).__name__}, not a tensor"
                raise BadComponent(f"{what}: it has no gradient.")
            if value.ndim:
                what = f"loss {prefix}/{name} has shape {tuple(value.shape)}, not ()"
                raise BadComponent(f"{what}: a loss is a scalar, the mean over the batch.")
        scalars = torch.stack([value.float() for value in values.values()])
        self.meter.add(tuple(f"{prefix}/{name}" for name in values), scalars.detach(), weight)
        return scalars

    def _require_grad_only(self, name: str) -> None:
        for other, player in self.players.items():
            for parameter in player.parameters:
                parameter.requires_grad_(other == name)

    def _split(self, tensors: Mapping[str, Tensor], seed: int) -> Iterator[Batch]:
        edges = self.run.edges(self._pack)
        for start, stop in pairwise(edges):
            rows = {name: tensor[start:stop] for name, tensor in tensors.items()}
            yield Batch(rows, BatchRng(seed, edges[-1], start, stop, self.device))

    def _update_averages(self) -> None:
        half_life = min(self.run.ema_half_life, self.run.ema_rampup * self.images_seen)
        images = self.run.batch_size * sum(phase.repeat for phase in self.phases if phase.new_batch)
        for average in self.averages.values():
            average.update(decay_per_update(images, half_life))


def _make_player(module: nn.Module, settings: OptimizerSettings, constraints: Sequence[Constraint]) -> Player:
    parameters = [p for p in module.parameters() if p.requires_grad]
    return Player(module, parameters, settings, build_optimizer(settings, parameters), constraints)
