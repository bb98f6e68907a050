"""Scores trained-on reals, unseen reals and fakes with a run's discriminator as in training, without changing the run.

Shapes: N samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TypeAlias, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.networks import Augmentation, DiscriminatorOutput, Generator
from ganzoo.training.data_loader import split_held_out
from ganzoo.training.health.measures import overfitting, separation
from ganzoo.training.health.references import SAMPLES, draw_new_reals, to_samples
from ganzoo.training.rng import BatchRng, mix_seeds
from ganzoo.training.step import Engine

MAX_BATCH = 128
"""Largest batch the discriminator scores; the run's batch size where that is smaller."""
MAX_BATCHES = 8
"""Number of batches at most, for runs with small batches."""

MIN_HELD_OUT = 16
"""Held-out reals needed to measure overfitting: a few atypical ones would look like overfitting."""

Labelled: TypeAlias = tuple[Tensor, Tensor]
"""Samples ``(N, *shape)`` and classes ``(N,)`` on the run's device."""


class DiscriminatorHealth:
    """Measures the discriminator against the current generator, with augmentations and the run's batch size.

    Args:
        engine: the run.
        dataset: its real samples.
        seed: seed of the choice of reals, the latents and the augmentations.
    """

    def __init__(self, engine: Engine, dataset: Dataset, seed: int) -> None:
        self._engine, self._dataset, self._seed = engine, dataset, seed
        self._batch = min(engine.run.batch_size, MAX_BATCH)
        self._count = self._batch * min(-(-SAMPLES // self._batch), MAX_BATCHES)

    def measure(self, images: int) -> dict[str, Tensor]:
        """Return ``discriminator``, and ``overfit`` where there are reals the discriminator was not trained on.

        Args:
            images: images seen so far; the latents depend on it.
        """
        (reals, labels), seed = self._trained, mix_seeds(self._seed, images)
        fakes = self._map_batches(self._generate, self._draw_latents(seed), labels)
        trained, fake = self._score(reals, labels, seed), self._score(fakes, labels, seed)
        metrics = {"discriminator": separation(trained, fake)}
        if self._held_out is not None:
            metrics["overfit"] = overfitting(trained, self._score(*self._held_out, seed), fake)
        return metrics

    @property
    def warning(self) -> str | None:
        """Why ``overfit`` is not measured although there are held-out reals."""
        held_out = self._engine.run.held_out
        if not 0 < held_out < MIN_HELD_OUT or self._held_out is not None:
            return None
        return (f"run.held_out = {held_out}: too few to measure overfitting. Set it to {MIN_HELD_OUT} or more, "
                "better 200.")  # fmt: skip

    def _generate(self, latents: Tensor, labels: Tensor) -> Tensor:
        return cast(Tensor, call_on_copied_buffers(self._engine.players["generator"].module, latents, labels))

    def _score(self, samples: Tensor, labels: Tensor, seed: int) -> Tensor:
        """Return one logit per sample, or per pack of samples, on the CPU."""
        rng = BatchRng(seed, self._batch, 0, self._batch, self._engine.device)

        def discriminator(images: Tensor, classes: Tensor) -> Tensor:
            for augment in self._augmentations:
                images = augment(images, rng)
            return compute_logits(self._engine.players["discriminator"].module, images, classes)

        return self._map_batches(discriminator, samples, labels).cpu()

    def _map_batches(self, function: Callable[[Tensor, Tensor], Tensor], samples: Tensor, labels: Tensor) -> Tensor:
        parts = (slice(start, start + self._batch) for start in range(0, self._count, self._batch))
        return torch.cat([function(samples[part], labels[part]) for part in parts])

    def _draw_latents(self, seed: int) -> Tensor:
        dim = cast(Generator, self._engine.players["generator"].module).latent_dim
        random = torch.Generator().manual_seed(seed)
        return torch.randn(self._count, dim, generator=random).to(self._engine.device)

    @property
    def _augmentations(self) -> list[Augmentation]:
        modules = self._engine.stateful_modules.items()
        return [cast(Augmentation, module) for name, module in modules if name.startswith("augmentation.")]

    @cached_property
    def _trained(self) -> Labelled:
        return self._read_shuffled(split_held_out(len(self._dataset), self._engine.run.held_out)[0])

    @cached_property
    def _held_out(self) -> Labelled | None:
        """Held-out reals if there are enough, else new ones where the data set can generate them."""
        if self._engine.run.held_out >= MIN_HELD_OUT:
            return self._read_shuffled(split_held_out(len(self._dataset), self._engine.run.held_out)[1])
        found = draw_new_reals(self._dataset, self._count, self._seed)
        return None if found is None else self._move_to_device(found)

    def _read_shuffled(self, indices: np.ndarray) -> Labelled:
        shuffled = np.random.default_rng(self._seed).permutation(indices)
        return self._move_to_device(self._dataset.read(np.resize(shuffled, self._count)))

    def _move_to_device(self, found: Mapping[str, np.ndarray]) -> Labelled:
        device = self._engine.device
        return to_samples(found["images"]).to(device), torch.from_numpy(found["labels"]).to(device)


def compute_logits(discriminator: nn.Module, samples: Tensor, labels: Tensor) -> Tensor:
    """Return one logit per sample, the mean for a patch discriminator; running statistics do not change."""
    output = cast(DiscriminatorOutput, call_on_copied_buffers(discriminator, samples, labels))
    return output.logits.float().reshape(len(samples), -1).mean(1)


def call_on_copied_buffers(module: nn.Module, *inputs: Tensor) -> object:
    """Call a module in its current mode on copies of its buffers, so that running statistics do not change."""
    copies = {name: buffer.clone() for name, buffer in module.named_buffers()}
    return cast(object, functional_call(module, copies, inputs))
