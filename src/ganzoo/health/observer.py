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

from ganzoo.engine.draws import mixed_seed, seed_layers
from ganzoo.engine.loop import Beat, Observer, Tick
from ganzoo.engine.step import Engine
from ganzoo.health.critic import CriticReadings
from ganzoo.health.readings import gradient_norm
from ganzoo.health.reals import Embed, Yardstick, embedding_of, yardstick_of
from ganzoo.health.verdicts import PREFIX, Watch
from ganzoo.protocols import Dataset

EVERY = 6_000
"""Images between two readings, rounded up to whole ticks: 0.8 % of the time of DCGAN at 32x32 on one CPU thread."""
FEWEST = 4
"""With fewer reals than this there is nothing to compare with."""

_HEALTH = 5  # the stream of randomness of the readings, apart from the run's own


class Health(Observer):
    """Reads the collapse meter, the critic's lead and overfitting, and the gradients of one run.

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
        self._seed = mixed_seed(engine.run.seed, _HEALTH)
        self._critic, self._watch = CriticReadings(engine, dataset, self._seed), Watch(past)
        every = engine.run.log_every
        self._beat = Beat(-(-EVERY // every) * every)

    def begin(self, images: int) -> None:
        """Count from there, and say what will not be told."""
        self._beat.begin(images)
        if self._critic.untold:
            self._say(self._critic.untold)

    def readings(self, images: int) -> Mapping[str, float]:
        """Take the readings that are due, by the name ``health/READING``; what cannot be told is left out."""
        if not self._due(images):
            return {}
        with self._untouched():
            told = self._gradients() | self._collapse() | self._critic.read(images)
        values = torch.stack([value.cpu().double() for value in told.values()])
        return {PREFIX + name: v for name, v in zip(told, values.tolist(), strict=True) if v == v}

    def tick(self, tick: Tick) -> None:
        """Say a line for each reading that has come to alarm."""
        for line in self._watch.take(tick.step, tick.values):
            self._say(line)

    def _due(self, images: int) -> bool:
        """Whether it is time: a function of the images alone, so that a resumed run reads at the same ones."""
        struck = self._beat.struck(images)
        return struck or (images >= EVERY and images >= self._engine.run.images)

    @contextmanager
    def _untouched(self) -> Iterator[None]:
        device = self._engine.device
        with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.no_grad():
            seed_layers(self._seed, device)
            yield

    def _gradients(self) -> dict[str, Tensor]:
        """Gradients of each player's last step: the engine clears them only before the next.

        Those of a lazy phase are left out: a penalty's alone, they do not compare with those of the game.
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
        return embedding_of(self._dataset.shape, self._engine.device)

    @cached_property
    def _yardstick(self) -> Yardstick:
        told = bool(self._num_classes)
        return yardstick_of(self._dataset, self._embed, self._engine.device, classes=told, seed=self._seed)


def health_of(
    engine: Engine,
    dataset: Dataset,
    *,
    num_classes: int,
    past: Sequence[Mapping[str, float]] = (),
    say: Callable[[str], None],
) -> tuple[Observer, ...]:
    """Make the observer of a run's health, if the run wants one and is a game of a generator and a critic.

    Args:
        engine: the run.
        dataset: its real samples.
        num_classes: classes the generator is told of; 0 for none.
        past: ticks of the run before it was resumed.
        say: takes a line for the user.
    """
    fits = {"generator", "discriminator"} <= engine.players.keys() and "generator" in engine.averages
    return (Health(engine, dataset, num_classes=num_classes, past=past, say=say),) if engine.run.health and fits else ()
