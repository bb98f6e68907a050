"""Training a classifier, in about a minute, and measuring it on what it never saw.

Shapes: B samples, C channels, H height, W width, K classes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from annotated_types import Ge, Gt
from torch import Tensor
from torch.nn.functional import cross_entropy, pad

from ganzoo.components.features.classifier_file import ClassifierMetadata, save_classifier, to_half_precision
from ganzoo.components.features.classifier_network import ClassifierNetwork
from ganzoo.components.features.preprocessing import resize, to_unit_range
from ganzoo.interfaces.data import Dataset
from ganzoo.workflows.classifier_data import ClassifierData, Indices, Split

BATCH = 64
SHIFT = 2
"""Pixels by which a training image may move either way."""
COARSEST = 12
"""Sprites show the same at every resolution: every other batch of them is first made coarser,
down to this side."""
PEAK, DECAY, WARM = 4e-3, 1e-3, 0.15
"""Highest learning rate, weight decay, and the share of the training over which the rate rises."""

Observe = Callable[[float, float], None]
"""Told now and then how much of the training is done, in [0, 1], and the loss."""


@dataclass(frozen=True, kw_only=True)
class TrainingBudget:
    """How long to train: whichever ends first; None has no end.

    Args:
        seconds: of training.
        images: seen in training.
    """

    seconds: Annotated[float, Gt(0)] | None = None
    images: Annotated[int, Ge(1)] | None = None

    def spent(self, seconds: float, images: int) -> float:
        """How much of it is spent, 1 at the end."""
        return max(seconds / (self.seconds or math.inf), images / (self.images or math.inf))


def train_and_save_classifier(
    lesson: ClassifierData,
    budget: TrainingBudget,
    place: Path,
    *,
    origin: tuple[str, str],
    seed: int = 0,
    device: torch.device | str = "cpu",
    observe: Observe = lambda spent, loss: None,
) -> ClassifierMetadata:
    """Train a classifier, examine it and write it to a file.

    Args:
        lesson: what to learn.
        budget: how long.
        place: the file to write.
        origin: the name of the data, and the command that makes this classifier.
        seed: of everything random.
        device: where to train.
        observe: told about the progress.

    Returns:
        What the file says of the classifier.

    Raises:
        BadRun: the file cannot be written.
    """
    network, seen = train_classifier(lesson, budget, seed=seed, device=device, observe=observe)
    held, learnt = lesson.held_out, lesson.learnt.dataset
    facts = ClassifierMetadata(
        lesson.shape, lesson.heads, measure_accuracy(network, lesson), f"{len(held.indices):,} {held.name}",
        data=origin[0], data_hash=learnt.fingerprint(), images=seen, command=origin[1],
    )  # fmt: skip
    save_classifier(network, facts, place)
    return facts


def train_classifier(
    lesson: ClassifierData,
    budget: TrainingBudget,
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
    observe: Observe = lambda spent, loss: None,
) -> tuple[ClassifierNetwork, int]:
    """Train a classifier: AdamW, one rise and fall of the learning rate, images shifted by up to two pixels.

    Args:
        lesson: what to learn.
        budget: how long; in images it is the same classifier on the same machine.
        seed: of the first weights, of the order and of the shifts.
        device: where to train.
        observe: told about the progress every few batches.

    Returns:
        The classifier, its weights rounded to half precision, and how many samples it saw.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        network = ClassifierNetwork(lesson.shape, {name: len(names) for name, names in lesson.heads.items()}).to(device)
    network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=DECAY)
    random, began, seen = torch.Generator().manual_seed(seed), time.monotonic(), 0
    for step, indices in enumerate(_batches(lesson.learnt.indices, seed)):
        spent = budget.spent(time.monotonic() - began, seen)
        if spent >= 1:
            break
        optimizer.param_groups[0]["lr"] = PEAK * learning_rate_share(spent)
        images, labels = _read(lesson, lesson.learnt.dataset, indices, device)
        if lesson.any_size and step % 2:
            images = coarsen_images(images, random)
        logits = network.logits(shift_images(images, random))
        loss = torch.stack([cross_entropy(logits[name], labels[name]) for name in lesson.heads]).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        seen += len(indices)
        if step % 10 == 0:
            observe(spent, float(loss.detach()))
    return to_half_precision(network.eval()), seen


@torch.no_grad()
def measure_accuracy(network: ClassifierNetwork, lesson: ClassifierData, part: Split | None = None) -> dict[str, float]:
    """Examine a classifier.

    Args:
        network: the classifier, in evaluation mode.
        lesson: what it learnt.
        part: other samples than those held out.

    Returns:
        Share of samples it names rightly, by head.
    """
    part = part or lesson.held_out
    device, right = next(network.parameters()).device, dict.fromkeys(lesson.heads, 0)
    for start in range(0, len(part.indices), 500):
        images, labels = _read(lesson, part.dataset, part.indices[start : start + 500], device)
        for name, logits in network.logits(images).items():
            right[name] += int((logits.argmax(1) == labels[name]).sum())
    return {name: count / len(part.indices) for name, count in right.items()}


def learning_rate_share(spent: float) -> float:
    """Learning rate as a share of its peak: up along a line, down along half a cosine to 0.

    Args:
        spent: share of the training, in [0, 1].
    """
    return spent / WARM if spent < WARM else 0.5 + 0.5 * math.cos(math.pi * (spent - WARM) / (1 - WARM))


def shift_images(images: Tensor, random: torch.Generator) -> Tensor:
    """Move every image by up to ``SHIFT`` pixels each way, its border repeated.

    Args:
        images: ``(B, C, H, W)``.
        random: a generator on the CPU.
    """
    count, _, height, width = images.shape
    padded = pad(images, (SHIFT,) * 4, mode="replicate").permute(0, 2, 3, 1)
    down, right = torch.randint(2 * SHIFT + 1, (2, count, 1), generator=random)
    rows, columns = (down + torch.arange(height)).to(images.device), (right + torch.arange(width)).to(images.device)
    which = torch.arange(count, device=images.device)[:, None, None]
    return padded[which, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def coarsen_images(images: Tensor, random: torch.Generator) -> Tensor:
    """Show images as they look at a lower resolution, one for all of them, down to ``COARSEST`` a side.

    Args:
        images: ``(B, C, H, W)``.
        random: a generator on the CPU.
    """
    height, width = images.shape[2:]
    side = int(torch.randint(min(COARSEST, height, width), max(height, width) + 1, (), generator=random))
    return resize(resize(images, (min(side, height), min(side, width))), (height, width))


def _batches(indices: Indices, seed: int) -> Iterator[Indices]:
    """Indices in a new order every time round, without end."""
    random = np.random.default_rng(seed)
    size = min(BATCH, len(indices))
    while True:
        order = random.permutation(indices)
        yield from (order[start : start + size] for start in range(0, len(order) - size + 1, size))


def _read(
    lesson: ClassifierData, dataset: Dataset, indices: Indices, device: torch.device | str
) -> tuple[Tensor, dict[str, Tensor]]:
    """Images ``(B, *lesson.shape)`` and labels ``(B,)`` by name of head, on the device."""
    batch = dataset.read(indices)
    images = to_unit_range(torch.from_numpy(np.ascontiguousarray(batch["images"])).to(device))
    labels = {name: torch.from_numpy(np.asarray(batch[key])).to(device) for name, key in lesson.keys.items()}
    _, height, width = lesson.shape
    return resize(images, (height, width)), labels
