"""Logs health metrics of a run while it trains, and prints one line of advice for each alarm.

Measuring changes no weight, buffer, gradient, mode or random number of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import cast

import torch
from torch import Tensor

from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.networks import Generator
from ganzoo.training.callbacks import Callback, Every, MetricsEvent
from ganzoo.training.health.discriminator import DiscriminatorHealth
from ganzoo.training.health.measures import gradient_norm
from ganzoo.training.health.references import Embed, ReferenceStatistics, choose_embedding, measure_references
from ganzoo.training.health.rules import PREFIX, HealthMonitor
from ganzoo.training.rng import mix_seeds, seed_layers
from ganzoo.training.step import Engine

EVERY = 6_000
"""Images between two measurements, rounded up to a multiple of ``run.log_every``.

Measuring takes 0.8 % of the time of DCGAN at 32x32 on one CPU thread.
"""
MIN_REALS = 4
"""With fewer reals than this, samples are not compared with them."""

_HEALTH = 5  # stream of random numbers for measuring, apart from the run's own


class HealthCallback(Callback):
    """Measures sample variety, the discriminator's accuracy and overfitting, and the gradient norms of a run.

    Args:
        engine: the run, with the players ``generator`` and ``discriminator``.
        dataset: its real samples.
        num_classes: classes the generator is conditioned on; 0 for none.
        past: values logged before the run was resumed.
        say: prints a line for the user.
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
        self._discriminator, self._monitor = DiscriminatorHealth(engine, dataset, self._seed), HealthMonitor(past)
        log_every = engine.run.log_every
        self._every = Every(-(-EVERY // log_every) * log_every)

    def on_start(self, images: int) -> None:
        """Start counting at ``images``, and print why overfitting cannot be measured, if it cannot."""
        self._every.start(images)
        if self._discriminator.warning:
            self._say(self._discriminator.warning)

    def metrics_to_log(self, images: int) -> Mapping[str, float]:
        """Measure the metrics that are due, by the name ``health/METRIC``; undefined ones are left out.

        When they are due depends on the number of images alone, so that a resumed run measures at the same ones.
        """
        due = self._every.is_due(images)
        if not due and images < max(EVERY, self._engine.run.images):
            return {}
        with self._preserve_state():
            metrics = self._measure_gradients() | self._measure_variety() | self._discriminator.measure(images)
        values = torch.stack([value.cpu().double() for value in metrics.values()])
        return {PREFIX + name: v for name, v in zip(metrics, values.tolist(), strict=True) if v == v}

    def on_metrics(self, event: MetricsEvent) -> None:
        """Print a line for each metric that has newly reached its alarm threshold."""
        for line in self._monitor.update(event.step, event.values):
            self._say(line)

    @contextmanager
    def _preserve_state(self) -> Iterator[None]:
        """Fork the random state and disable gradients."""
        device = self._engine.device
        with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.no_grad():
            seed_layers(self._seed, device)
            yield

    def _measure_gradients(self) -> dict[str, Tensor]:
        """Return the gradient norm of each player's last step; the engine clears gradients before the next.

        After a lazy phase the gradients are those of one term alone, which do not compare, so they are left out.
        """
        last = self._engine.steps - 1
        latest = {phase.player: phase for phase in self._engine.phases if last % phase.every == 0}
        lazy = {player for player, phase in latest.items() if phase.every > 1}
        norms = {n: gradient_norm(p.parameters) for n, p in self._engine.players.items() if n not in lazy}
        return {f"gradient.{name}": norm for name, norm in norms.items() if norm is not None}

    def _measure_variety(self) -> dict[str, Tensor]:
        """Compare samples of the averaged generator with reals, always with the same latents and classes."""
        if len(self._dataset) < MIN_REALS:
            return {}
        generator = cast(Generator, self._engine.averages["generator"].module)
        labels, random = self._references.labels, torch.Generator().manual_seed(self._seed)
        latents = torch.randn(len(labels), generator.latent_dim, generator=random)
        fakes = generator(latents.to(self._engine.device), labels.to(self._engine.device))
        return self._references.compare(self._embed(fakes.float()).cpu())

    @cached_property
    def _embed(self) -> Embed:
        return choose_embedding(self._dataset.shape, self._engine.device)

    @cached_property
    def _references(self) -> ReferenceStatistics:
        classes = bool(self._num_classes)
        return measure_references(self._dataset, self._embed, self._engine.device, classes=classes, seed=self._seed)


def make_health_callback(
    engine: Engine,
    dataset: Dataset,
    *,
    num_classes: int,
    past: Sequence[Mapping[str, float]] = (),
    say: Callable[[str], None],
) -> tuple[Callback, ...]:
    """Make the health callback, unless ``run.health`` is off or the run lacks a generator or a discriminator.

    Args:
        engine: the run.
        dataset: its real samples.
        num_classes: classes the generator is conditioned on; 0 for none.
        past: values logged before the run was resumed.
        say: prints a line for the user.
    """
    fits = {"generator", "discriminator"} <= engine.players.keys() and "generator" in engine.averages
    if not (engine.run.health and fits):
        return ()
    return (HealthCallback(engine, dataset, num_classes=num_classes, past=past, say=say),)
