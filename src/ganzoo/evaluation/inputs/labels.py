"""Labels for the fakes of a conditional generator, drawn from the data's class frequencies.

Labels of the very reals it is compared with would tie the two sides: a fake and a real of every pair would share a
class, the kernel distance of a perfect generator would lie below zero, and the Fréchet distance below that of an
unconditional one.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganzoo.interfaces.capabilities import Resamplable
from ganzoo.interfaces.data import Dataset
from ganzoo.training.rng import mix_seeds

Order: TypeAlias = NDArray[np.int64]
"""Indices of all samples of a data set, shuffled; the reals of a comparison are the first of them."""

_BATCH = 512
_CLASSES = 9  # seed stream of the labels, separate from those of fakes and reals


def label_source(dataset: Dataset, reals: int, fakes: int) -> str:
    """Return the origin of the labels of fakes, as the protocol records it.

    Args:
        dataset: source of the reals.
        reals: number of reals.
        fakes: number of fakes.

    Returns:
        ``new samples`` of generated data, ``other samples`` if the data set has enough besides the reals, else ``drawn
        from all``: then a fake has the label of a given real sample with probability 1 / reals.
    """
    if isinstance(dataset, Resamplable):
        return "new samples"
    return "other samples" if len(dataset) - reals >= fakes else "drawn from all"


def draw_labels(dataset: Dataset, order: Order, reals: int, fakes: int, seed: int) -> Tensor:
    """Draw labels with the data's class frequencies: ``(fakes,)`` int64 on the CPU.

    Args:
        dataset: of the reals.
        order: of its samples.
        reals: number of samples at the start of the order that are compared with the fakes.
        fakes: number of labels.
        seed: of the evaluation.
    """
    own = mix_seeds(seed, _CLASSES)
    match label_source(dataset, reals, fakes):
        case "new samples":
            assert isinstance(dataset, Resamplable)
            return _labels(dataset.resample(fakes, own), np.arange(fakes))
        case "other samples":
            return _labels(dataset, order[reals : reals + fakes])
        case _:
            return _labels(dataset, np.random.default_rng(own).integers(len(order), size=fakes))


def _labels(dataset: Dataset, indices: Order) -> Tensor:
    parts = [dataset.read(indices[start : start + _BATCH])["labels"] for start in range(0, len(indices), _BATCH)]
    return torch.from_numpy(np.concatenate(parts).astype(np.int64))
