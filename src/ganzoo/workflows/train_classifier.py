"""Train a reference classifier, in about a minute, and measure its accuracy on held-out samples.

Shapes: B samples, C channels, H height, W width, K classes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, pad

from ganzoo.components.features.classifier_file import ClassifierMetadata, save_classifier, to_half_precision
from ganzoo.components.features.classifier_network import ClassifierNetwork
from ganzoo.components.features.preprocessing import resize, to_unit_range
from ganzoo.interfaces.data import Dataset
from ganzoo.workflows.classifier_data import ClassifierData, Indices, Split

BATCH = 64
MAX_SHIFT = 2
"""Pixels by which a training image is shifted, at most."""
MIN_SIDE = 12
"""Sprites look alike at every resolution: every other batch is first downsampled, at most to this side."""
PEAK_RATE, WEIGHT_DECAY, WARM_UP = 4e-3, 1e-3, 0.15
"""Highest learning rate, weight decay, and the share of the training in which the rate rises."""

ReportProgress = Callable[[float, float], None]
"""Called every few batches with the finished share of the training, in [0, 1], and the loss."""


@dataclass(frozen=True, kw_only=True)
class TrainingBudget:
    """How long to train: until the first of two limits; None is no limit.

    Args:
        seconds: time limit.
        images: limit of training images.
    """

    seconds: float | None = None
    images: int | None = None

    def share_used(self, seconds: float, images: int) -> float:
        """Return the share of the budget that is used, 1 at the end."""
        return max(seconds / (self.seconds or math.inf), images / (self.images or math.inf))


def train_and_save_classifier(
    data: ClassifierData,
    budget: TrainingBudget,
    place: Path,
    *,
    origin: tuple[str, str],
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: ReportProgress = lambda share, loss: None,
) -> ClassifierMetadata:
    """Train a classifier, measure its accuracy and write it to a file.

    Args:
        data: what to train on.
        budget: how long to train.
        place: file to write.
        origin: name of the data, and the command that trains this classifier.
        seed: seed of every random number.
        device: device to train on.
        progress: called with the progress.

    Returns:
        The metadata of the file.

    Raises:
        BadRun: the file cannot be written.
    """
    network, seen = train_classifier(data, budget, seed=seed, device=device, progress=progress)
    held_out = data.held_out
    metadata = ClassifierMetadata(
        data.shape, data.heads, measure_accuracy(network, data), f"{len(held_out.indices):,} {held_out.name}",
        data=origin[0], data_hash=data.train.dataset.fingerprint(), images=seen, command=origin[1],
    )  # fmt: skip
    save_classifier(network, metadata, place)
    return metadata


def train_classifier(
    data: ClassifierData,
    budget: TrainingBudget,
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: ReportProgress = lambda share, loss: None,
) -> tuple[ClassifierNetwork, int]:
    """Train a classifier: AdamW, warm-up and cosine decay, images shifted by up to two pixels.

    Args:
        data: what to train on.
        budget: how long to train; a limit of images makes the result reproducible on one machine.
        seed: seed of the initial weights, the order and the shifts.
        device: device to train on.
        progress: called with the progress every few batches.

    Returns:
        The classifier, its weights rounded to half precision, and the number of samples it was trained on.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        network = ClassifierNetwork(data.shape, {name: len(names) for name, names in data.heads.items()}).to(device)
    network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    rng, began, seen = torch.Generator().manual_seed(seed), time.monotonic(), 0
    for step, indices in enumerate(_iterate_batches(data.train.indices, seed)):
        share = budget.share_used(time.monotonic() - began, seen)
        if share >= 1:
            break
        optimizer.param_groups[0]["lr"] = PEAK_RATE * learning_rate_share(share)
        images, labels = _read_batch(data, data.train.dataset, indices, device)
        if data.any_size and step % 2:
            images = coarsen_images(images, rng)
        logits = network.logits(shift_images(images, rng))
        loss = torch.stack([cross_entropy(logits[name], labels[name]) for name in data.heads]).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        seen += len(indices)
        if step % 10 == 0:
            progress(share, float(loss.detach()))
    return to_half_precision(network.eval()), seen


@torch.no_grad()
def measure_accuracy(network: ClassifierNetwork, data: ClassifierData, split: Split | None = None) -> dict[str, float]:
    """Measure the accuracy of a classifier.

    Args:
        network: the classifier, in evaluation mode.
        data: what it was trained on.
        split: samples to measure it on; None takes those held out.

    Returns:
        Share of correctly classified samples, by head.
    """
    split = split or data.held_out
    device, right = next(network.parameters()).device, dict.fromkeys(data.heads, 0)
    for start in range(0, len(split.indices), 500):
        images, labels = _read_batch(data, split.dataset, split.indices[start : start + 500], device)
        for name, logits in network.logits(images).items():
            right[name] += int((logits.argmax(1) == labels[name]).sum())
    return {name: count / len(split.indices) for name, count in right.items()}


def learning_rate_share(share: float) -> float:
    """Return the learning rate as a share of its peak: a linear warm-up, then a cosine decay to 0.

    Args:
        share: finished share of the training, in [0, 1].
    """
    return share / WARM_UP if share < WARM_UP else 0.5 + 0.5 * math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP))


def shift_images(images: Tensor, rng: torch.Generator) -> Tensor:
    """Shift every image by up to ``MAX_SHIFT`` pixels each way, and repeat its border.

    Args:
        images: ``(B, C, H, W)``.
        rng: random number generator on the CPU.
    """
    count, _, height, width = images.shape
    padded = pad(images, (MAX_SHIFT,) * 4, mode="replicate").permute(0, 2, 3, 1)
    down, right = torch.randint(2 * MAX_SHIFT + 1, (2, count, 1), generator=rng)
    rows, columns = (down + torch.arange(height)).to(images.device), (right + torch.arange(width)).to(images.device)
    which = torch.arange(count, device=images.device)[:, None, None]
    return padded[which, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def coarsen_images(images: Tensor, rng: torch.Generator) -> Tensor:
    """Downsample images to one random resolution, at least ``MIN_SIDE`` high and wide, and upsample them again.

    Args:
        images: ``(B, C, H, W)``.
        rng: random number generator on the CPU.
    """
    height, width = images.shape[2:]
    side = int(torch.randint(min(MIN_SIDE, height, width), max(height, width) + 1, (), generator=rng))
    return resize(resize(images, (min(side, height), min(side, width))), (height, width))


def _iterate_batches(indices: Indices, seed: int) -> Iterator[Indices]:
    """Yield batches of indices, in a new order every epoch, without end."""
    rng = np.random.default_rng(seed)
    size = min(BATCH, len(indices))
    while True:
        order = rng.permutation(indices)
        yield from (order[start : start + size] for start in range(0, len(order) - size + 1, size))


def _read_batch(
    data: ClassifierData, dataset: Dataset, indices: Indices, device: torch.device | str
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return images ``(B, *data.shape)`` and labels ``(B,)`` by name of head, on the device."""
    batch = dataset.read(indices)
    images = to_unit_range(torch.from_numpy(np.ascontiguousarray(batch["images"])).to(device))
    labels = {name: torch.from_numpy(np.asarray(batch[key])).to(device) for name, key in data.keys.items()}
    _, height, width = data.shape
    return resize(images, (height, width)), labels
