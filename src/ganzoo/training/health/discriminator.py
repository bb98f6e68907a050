"""Lets the discriminator of a run judge reals, unseen reals and fakes as it does in training, without leaving a trace.

Shapes: N samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeAlias, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.networks import Augmentation, DiscriminatorOutput
from ganzoo.training.data_loader import split_held_out
from ganzoo.training.health import measures as readings
from ganzoo.training.health.references import SAMPLES, draw_new_reals, to_samples
from ganzoo.training.rng import BatchRng, mix_seeds
from ganzoo.training.step import Engine

LARGEST = 128
"""Samples the discriminator classifiers at once at most; fewer where the run's own batch is smaller."""
MOST_BATCHES = 8
"""Batches it classifiers at most, where those of the run are small."""

ENOUGH = 16
"""Reals kept back from which overfitting can be told: a few that look odd to the discriminator would be taken for it."""

Labelled: TypeAlias = tuple[Tensor, Tensor]
"""Samples ``(N, *shape)`` and their classes ``(N,)``, on the run's device."""


class DiscriminatorHealth:
    """The discriminator before the live generator's fakes: through the augmentations, in batches as the run's own.

    Args:
        engine: the run.
        dataset: its real samples.
        seed: of the reals that are shown, the noise and the augmentations.
    """

    def __init__(self, engine: Engine, dataset: Dataset, seed: int) -> None:
        self._engine, self._dataset, self._seed = engine, dataset, seed
        self._batch = min(engine.run.batch_size, LARGEST)
        self._count = self._batch * min(-(-SAMPLES // self._batch), MOST_BATCHES)

    def read(self, images: int) -> dict[str, Tensor]:
        """Read ``discriminator``, and ``overfit`` where there are reals the discriminator never learnt from.

        Args:
            images: seen so far; other noise is drawn each time.
        """
        (reals, labels), seed = self._trained, mix_seeds(self._seed, images)
        fakes = self._in_batches(self._make, self._latents(seed), labels)
        trained, fake = self._logits(reals, labels, seed), self._logits(fakes, labels, seed)
        told = {"discriminator": readings.separation(trained, fake)}
        if self._held_out is not None:
            told["overfit"] = readings.overfitting(trained, self._logits(*self._held_out, seed), fake)
        return told

    @property
    def untold(self) -> str | None:
        """Why ``overfit`` cannot be told although reals were kept back for it."""
        held = self._engine.run.held_out
        if not 0 < held < ENOUGH or self._held_out is not None:
            return None
        return f"run.held_out = {held}: overfitting cannot be told from so few; keep back {ENOUGH} or more, better 200."

    def _make(self, latents: Tensor, labels: Tensor) -> Tensor:
        return cast(Tensor, call_without_trace(self._engine.players["generator"].module, latents, labels))

    def _logits(self, samples: Tensor, labels: Tensor, seed: int) -> Tensor:
        """One logit a sample, or a pack of samples, on the CPU."""
        rng = BatchRng(seed, self._batch, 0, self._batch, self._engine.device)

        def classifier(seen: Tensor, classes: Tensor) -> Tensor:
            for augment in self._augmentations:
                seen = augment(seen, rng)
            return compute_logits(self._engine.players["discriminator"].module, seen, classes)

        return self._in_batches(classifier, samples, labels).cpu()

    def _in_batches(self, function: Callable[[Tensor, Tensor], Tensor], samples: Tensor, labels: Tensor) -> Tensor:
        parts = (slice(start, start + self._batch) for start in range(0, self._count, self._batch))
        return torch.cat([function(samples[part], labels[part]) for part in parts])

    def _latents(self, seed: int) -> Tensor:
        dim = int(cast(Any, self._engine.players["generator"].module).latent_dim)
        random = torch.Generator().manual_seed(seed)
        return torch.randn(self._count, dim, generator=random).to(self._engine.device)

    @property
    def _augmentations(self) -> list[Augmentation]:
        parts = self._engine.stateful_modules.items()
        return [cast(Augmentation, part) for name, part in parts if name.startswith("augmentation.")]

    @cached_property
    def _trained(self) -> Labelled:
        return self._labelled(split_held_out(len(self._dataset), self._engine.run.held_out)[0])

    @cached_property
    def _held_out(self) -> Labelled | None:
        """Those kept back if they are enough, or fresh ones where the data can be drawn anew."""
        if self._engine.run.held_out >= ENOUGH:
            return self._labelled(split_held_out(len(self._dataset), self._engine.run.held_out)[1])
        found = draw_new_reals(self._dataset, self._count, self._seed)
        return None if found is None else self._on_device(found)

    def _labelled(self, indices: np.ndarray) -> Labelled:
        shuffled = np.random.default_rng(self._seed).permutation(indices)
        return self._on_device(self._dataset.read(np.resize(shuffled, self._count)))

    def _on_device(self, found: Mapping[str, np.ndarray]) -> Labelled:
        device = self._engine.device
        return to_samples(found["images"]).to(device), torch.from_numpy(found["labels"]).to(device)


def compute_logits(discriminator: nn.Module, samples: Tensor, labels: Tensor) -> Tensor:
    """One logit a sample, of a patch discriminator the mean; its running statistics do not move."""
    output = cast(DiscriminatorOutput, call_without_trace(discriminator, samples, labels))
    return output.logits.float().reshape(len(samples), -1).mean(1)


def call_without_trace(module: nn.Module, *inputs: Tensor) -> object:
    """Call a module as it stands, on copies of its buffers: its running statistics do not move."""
    copies = {name: buffer.clone() for name, buffer in module.named_buffers()}
    return cast(object, functional_call(module, copies, inputs))
