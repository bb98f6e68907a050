"""Batches of real samples; the contents of the k-th batch are a pure function of (seed, k)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from ganzoo.errors import BadSetting
from ganzoo.interfaces.data import Dataset
from ganzoo.training.rng import mix_seeds

_ORDER, _MIRROR, _HELD_OUT = 1, 2, 6  # streams of random numbers, apart from the phases'


def split_held_out(count: int, held_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Split the indices of a data set into training and held-out samples, independent of the run's seed.

    Args:
        count: number of samples in the data set.
        held_out: number of samples to hold out.

    Returns:
        Two ``(N,)`` arrays, each sorted.

    Raises:
        BadSetting: no samples are left to train on.
    """
    if held_out >= count > 0:
        raise BadSetting(f"run.held_out = {held_out} holds out all {count} samples. Set it to at most {count // 2}.")
    order = np.random.default_rng(mix_seeds(_HELD_OUT)).permutation(count) if held_out else np.arange(count)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


class DataLoader:
    """Reads the endless sequence of batches a run trains on.

    Every pass over the data is a new permutation. A batch may span two passes, and a data set may be smaller than a
    batch.

    Args:
        dataset: the real samples.
        batch_size: samples per batch.
        seed: seed of the order and of the flips.
        device: device of the batches.
        workers: threads that read ahead; 0 reads in the calling thread.
        mirror: flip half of the images left to right.
        channels_last: whether images have the channels_last memory layout.
        held_out: number of samples that no batch holds.

    Raises:
        BadSetting: no samples are left to train on.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        *,
        seed: int,
        device: torch.device,
        workers: int = 0,
        mirror: bool = False,
        channels_last: bool = False,
        held_out: int = 0,
    ) -> None:
        self._dataset, self._size, self._seed, self._device = dataset, batch_size, seed, device
        self._mirror, self._channels_last, self._workers = mirror, channels_last, workers
        self._trained, _ = split_held_out(len(dataset), held_out)
        self._pool = ThreadPoolExecutor(workers, "ganzoo-batches") if workers else None
        self._ahead: dict[int, Future[dict[str, np.ndarray]]] = {}
        self._pass: tuple[int, np.ndarray] = (-1, np.empty(0, np.int64))

    def at(self, k: int) -> dict[str, Tensor]:
        """Return the ``k``-th batch (from 0) on the device: ``images`` float32 in [-1, 1], ``labels`` int64."""
        arrays = self._read_ahead(k, self._pool) if self._pool else self._dataset.read(self.indices(k))
        tensors = {name: self._move_to_device(array) for name, array in arrays.items()}
        tensors["images"] = self._prepare_images(tensors["images"], k)
        return tensors

    def indices(self, k: int) -> np.ndarray:
        """Return the indices of the samples in the ``k``-th batch."""
        positions = np.arange(k * self._size, (k + 1) * self._size)
        passes, places = np.divmod(positions, len(self._trained))
        return np.concatenate([self._permute(p)[places[passes == p]] for p in np.unique(passes)])

    def close(self) -> None:
        """End the reading threads."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def _permute(self, number: int) -> np.ndarray:
        """Return the order of a pass over the data; the last one is kept."""
        if self._pass[0] != number:
            random = np.random.default_rng(mix_seeds(self._seed, _ORDER, number))
            self._pass = (number, random.permutation(self._trained))
        return self._pass[1]

    def _read_ahead(self, k: int, pool: ThreadPoolExecutor) -> Mapping[str, np.ndarray]:
        for wanted in range(k, k + 1 + self._workers):
            if wanted not in self._ahead:
                self._ahead[wanted] = pool.submit(self._dataset.read, self.indices(wanted))
        arrays = self._ahead.pop(k).result()
        self._ahead = {number: future for number, future in self._ahead.items() if number > k}
        return arrays

    def _move_to_device(self, array: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        if self._device.type == "cuda":
            return tensor.pin_memory().to(self._device, non_blocking=True)
        return tensor.to(self._device)

    def _prepare_images(self, images: Tensor, k: int) -> Tensor:
        """Convert bytes to floats in [-1, 1], flip half of the images, and set the memory layout."""
        if images.dtype == torch.uint8:
            images = images.float().div_(127.5).sub_(1.0)
        if images.ndim != 4:
            return images
        if self._mirror:
            random = np.random.default_rng(mix_seeds(self._seed, _MIRROR, k))
            flips = self._move_to_device(random.random(self._size) < 0.5).view(-1, 1, 1, 1)
            images = torch.where(flips, images.flip(-1), images)
        return images.contiguous(memory_format=torch.channels_last) if self._channels_last else images
