"""Takes the health readings of a run while it trains, and says in one line what an alarm asks for.

Taking them leaves no trace: no weight, buffer, gradient, mode or random number of the run is another afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, cast

import torch
from torch import Tensor

from ganzoo.interfaces.data import Dataset
from ganzoo.training.health.discriminator import DiscriminatorHealth
from ganzoo.training.health.measures import gradient_norm
from ganzoo.training.health.references import Embed, ReferenceStatistics, choose_embedding, measure_references
from ganzoo.training.health.rules import PREFIX, HealthMonitor
from ganzoo.training.loop import Callback, Every, MetricsEvent
from ganzoo.training.rng import mix_seeds, seed_layers
from ganzoo.training.step import Engine

EVERY = 6_000
"""Images between two readings, rounded up to whole ticks: 0.8 % of the time of DCGAN at 32x32 on one CPU thread."""
FEWEST = 4
"""With fewer reals than this there is nothing to compare with."""

_HEALTH = 5  # the stream of randomness of the readings, apart from the run's own


class HealthCallback(Callback):
    """Reads the collapse meter, the discriminator's lead and overfitting, and the gradients of one run.

    Args:
        engine: the run, with the players ``generator`` and ``discriminator``.
        dataset: its real samples.
        num_classes: classes the generator is told of; 0 for none.
        past: ticks of the run before it was resumed.
        say: takes a line for the user.
    """

    def __init__(
        self,
        engine: Engine,
        dataset: Dataset,
        *,
        num_classes: int,
        past: Sequence[Mapping[str, float]] = (),
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._engine, self._dataset, self._num_classes, self._say = engine, dataset, num_classes, say
        self._seed = mix_seeds(engine.run.seed, _HEALTH)
        self._discriminator, self._watch = DiscriminatorHealth(engine, dataset, self._seed), HealthMonitor(past)
        every = engine.run.log_every
        self._every = Every(-(-EVERY // every) * every)

    def on_start(self, images: int) -> None:
        """Count from there, and say what will not be told."""
        self._every.start(images)
        if self._discriminator.untold:
            self._say(self._discriminator.untold)

    def metrics_to_log(self, images: int) -> Mapping[str, float]:
        """Take the readings that are due, by the name ``health/READING``; what cannot be told is left out."""
        if not self._due(images):
            return {}
        with self._untouched():
            told = self._gradients() | self._collapse() | self._discriminator.read(images)
        values = torch.stack([value.cpu().double() for value in told.values()])
        return {PREFIX + name: v for name, v in zip(told, values.tolist(), strict=True) if v == v}

    def on_metrics(self, event: MetricsEvent) -> None:
        """Say a line for each reading that has come to alarm."""
        for line in self._watch.take(event.step, event.values):
            self._say(line)

    def _due(self, images: int) -> bool:
        """Whether it is time: a function of the images alone, so that a resumed run reads at the same ones."""
        struck = self._every.is_due(images)
        return struck or (images >= EVERY and images >= self._engine.run.images)

    @contextmanager
    def _untouched(self) -> Iterator[None]:
        device = self._engine.device
        with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.no_grad():
            seed_layers(self._seed, device)
            yield

    def _gradients(self) -> dict[str, Tensor]:
        """Gradients of each player's last step: the engine clears them only before the next.

        Those of a lazy phase are left out: a term's alone, they do not compare with those of the game.
        """
        last = self._engine.steps - 1
        latest = {phase.player: phase for phase in self._engine.phases if last % phase.every == 0}
        lazy = {player for player, phase in latest.items() if phase.every > 1}
        norms = {n: gradient_norm(p.parameters) for n, p in self._engine.players.items() if n not in lazy}
        return {f"gradient.{name}": norm for name, norm in norms.items() if norm is not None}

    def _collapse(self) -> dict[str, Tensor]:
        """Compare samples of the averaged generator with reals, each time of the same noise and classes."""
        if len(self._dataset) < FEWEST:
            return {}
        generator, labels = cast(Any, self._engine.averages["generator"].module), self._yardstick.labels
        random = torch.Generator().manual_seed(self._seed)
        latents = torch.randn(len(labels), int(generator.latent_dim), generator=random)
        fakes = generator(latents.to(self._engine.device), labels.to(self._engine.device))
        return self._yardstick.read(self._embed(fakes.float()).cpu())

    @cached_property
    def _embed(self) -> Embed:
        return choose_embedding(self._dataset.shape, self._engine.device)

    @cached_property
    def _yardstick(self) -> ReferenceStatistics:
        told = bool(self._num_classes)
        return measure_references(self._dataset, self._embed, self._engine.device, classes=told, seed=self._seed)


def make_health_callback(
    engine: Engine,
    dataset: Dataset,
    *,
    num_classes: int,
    past: Sequence[Mapping[str, float]] = (),
    say: Callable[[str], None],
) -> tuple[Callback, ...]:
    """Make the callback of a run's health, if the run wants one and is a game of a generator and a discriminator.

    Args:
        engine: the run.
        dataset: its real samples.
        num_classes: classes the generator is told of; 0 for none.
        past: ticks of the run before it was resumed.
        say: takes a line for the user.
    """
    fits = {"generator", "discriminator"} <= engine.players.keys() and "generator" in engine.averages
    return (
        (HealthCallback(engine, dataset, num_classes=num_classes, past=past, say=say),)
        if engine.run.health and fits
        else ()
    )
