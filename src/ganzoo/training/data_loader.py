"""Batches of reals: which samples the k-th batch holds is a pure function of (seed, k)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from ganzoo.errors import BadSetting
from ganzoo.interfaces.data import Dataset
from ganzoo.training.rng import mix_seeds

_ORDER, _MIRROR, _HELD_OUT = 1, 2, 6  # streams of randomness, apart from the phases'


def split_held_out(count: int, held_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide a data set's indices into those trained on and those kept back; the same whatever the run's seed.

    Args:
        count: samples in the data set.
        held_out: samples to keep back; 0 trains on all, in the order of the data set.

    Returns:
        Two ``(N,)`` arrays, each sorted.

    Raises:
        BadSetting: nothing would be left to train on.
    """
    if held_out >= count > 0:
        raise BadSetting(f"run.held_out = {held_out} keeps back all {count} samples. Set it to at most {count // 2}.")
    order = np.random.default_rng(mix_seeds(_HELD_OUT)).permutation(count) if held_out else np.arange(count)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


class DataLoader:
    """The endless sequence of batches a run trains on.

    Every pass over the data is a new permutation; a batch may span two passes, so a data set smaller
    than the batch wraps around.

    Args:
        dataset: the real samples.
        batch_size: samples per batch.
        seed: of the order and of the flips.
        device: where batches are put.
        workers: threads that read ahead; 0 reads in line.
        mirror: flip half of the images left to right.
        channels_last: memory layout of images.
        held_out: samples that no batch holds.

    Raises:
        BadSetting: nothing would be left to train on.
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
        arrays = self._read_ahead(k) if self._pool else self._read(k)
        tensors = {name: self._on_device(array) for name, array in arrays.items()}
        tensors["images"] = self._finished(tensors["images"], k)
        return tensors

    def indices(self, k: int) -> np.ndarray:
        """Say which samples the ``k``-th batch holds."""
        positions = np.arange(k * self._size, (k + 1) * self._size)
        passes, places = np.divmod(positions, len(self._trained))
        return np.concatenate([self._order(p)[places[passes == p]] for p in np.unique(passes)])

    def close(self) -> None:
        """End the reading threads."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def _order(self, number: int) -> np.ndarray:
        if self._pass[0] != number:
            random = np.random.default_rng(mix_seeds(self._seed, _ORDER, number))
            self._pass = (number, random.permutation(self._trained))
        return self._pass[1]

    def _read(self, k: int) -> dict[str, np.ndarray]:
        return self._dataset.read(self.indices(k))

    def _read_ahead(self, k: int) -> Mapping[str, np.ndarray]:
        assert self._pool is not None
        for wanted in range(k, k + 1 + self._workers):
            if wanted not in self._ahead:
                self._ahead[wanted] = self._pool.submit(self._dataset.read, self.indices(wanted))
        arrays = self._ahead.pop(k).result()
        self._ahead = {number: future for number, future in self._ahead.items() if number > k}
        return arrays

    def _on_device(self, array: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        if self._device.type == "cuda":
            return tensor.pin_memory().to(self._device, non_blocking=True)
        return tensor.to(self._device)

    def _finished(self, images: Tensor, k: int) -> Tensor:
        if images.dtype == torch.uint8:
            images = images.float().div_(127.5).sub_(1.0)
        if images.ndim != 4:
            return images
        if self._mirror:
            images = torch.where(self._flips(k), images.flip(-1), images)
        return images.contiguous(memory_format=torch.channels_last) if self._channels_last else images

    def _flips(self, k: int) -> Tensor:
        random = np.random.default_rng(mix_seeds(self._seed, _MIRROR, k))
        return self._on_device(random.random(self._size) < 0.5).view(-1, 1, 1, 1)
