"""Labels for the fakes of a conditional generator, drawn from the data's class frequencies.

Labels of the very reals it is compared with would tie the two sides: a fake and a real of every pair would share a
class, the kernel distance of a perfect generator would lie below zero, and the Fréchet distance below that of one that
is told nothing.
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
_CLASSES = 9  # the stream of randomness of the labels, apart from those of the fakes and of the reals


def label_source(dataset: Dataset, reals: int, fakes: int) -> str:
    """Say where the labels of fakes come from, as the stamp does.

    Args:
        dataset: the reals come from.
        reals: taken of it.
        fakes: to be labelled.

    Returns:
        ``fresh`` of data that are drawn, ``other samples`` of data with that many to spare, and ``drawn from all``
        otherwise: then the reals are all there is, and one pair in as many as there are reals shares its label.
    """
    if isinstance(dataset, Resamplable):
        return "fresh"
    return "other samples" if len(dataset) - reals >= fakes else "drawn from all"


def draw_labels(dataset: Dataset, order: Order, reals: int, fakes: int, seed: int) -> Tensor:
    """Draw classes as the data draw theirs: ``(fakes,)`` int64 on the CPU.

    Args:
        dataset: the reals come from.
        order: of its samples.
        reals: the first of that order, with which the fakes are compared.
        fakes: how many.
        seed: of the evaluation.
    """
    own = mix_seeds(seed, _CLASSES)
    match label_source(dataset, reals, fakes):
        case "fresh":
            assert isinstance(dataset, Resamplable)
            return _labels(dataset.resample(fakes, own), np.arange(fakes))
        case "other samples":
            return _labels(dataset, order[reals : reals + fakes])
        case _:
            return _labels(dataset, np.random.default_rng(own).integers(len(order), size=fakes))


def _labels(dataset: Dataset, indices: Order) -> Tensor:
    parts = [dataset.read(indices[start : start + _BATCH])["labels"] for start in range(0, len(indices), _BATCH)]
    return torch.from_numpy(np.concatenate(parts).astype(np.int64))
