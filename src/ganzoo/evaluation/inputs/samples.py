"""Reals and fakes of an evaluation; samples are read or generated when a metric needs them.

Shapes: N samples, R rows kept, D features. Images are rounded to 8 bits as a saved file would be, so that data stored
as bytes and as floats give equal metrics; points are not rounded.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from ganzoo.components.features.preprocessing import to_unit_range
from ganzoo.components.metrics.moments import Moments
from ganzoo.errors import BadData, Diverged
from ganzoo.evaluation.inputs.feature_cache import FeatureStatistics, load_or_compute
from ganzoo.evaluation.inputs.labels import draw_labels
from ganzoo.evaluation.inputs.sample_store import open_store
from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.measurement import Features, Gaussian
from ganzoo.registry.loader import CORE
from ganzoo.registry.specs import Shape
from ganzoo.runs.sheets import to_uint8
from ganzoo.sampling.seeds import sample

BATCH = 128
"""Batch size of feature extraction; the result does not depend on it."""

Progress: TypeAlias = Callable[[str, int, int], None]
"""Receives the stage, the number of samples done and their total."""


def silent(stage: str, done: int, total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class FeatureView:
    """How features of samples are computed.

    Args:
        features: the feature extractor.
        rows: at most so many samples keep their features row by row.
        device: where features are computed.
        progress: receives the progress of a pass.
        origin: distribution and version of the extractor, part of the cache key.
    """

    features: Features
    rows: int
    device: torch.device
    progress: Progress = silent
    origin: str = ""


def to_tensor(stored: np.ndarray, device: torch.device) -> Tensor:
    """Return stored samples as float32 on a device: bytes in [-1, 1], points unchanged."""
    return to_unit_range(torch.from_numpy(stored).to(device))


class SampleSet(ABC):
    """Reals or fakes; everything is computed once.

    Args:
        count: number of samples.
        shape: of one sample.
        view: how features are computed.
    """

    side = ""

    def __init__(self, count: int, shape: Shape, view: FeatureView) -> None:
        self._count, self._shape, self._view = count, shape, view
        kind = np.uint8 if len(shape) == 3 else np.float32
        self._kept = open_store(count, shape, kind)  # several metrics use them
        self._here = np.zeros(count, bool)

    def __len__(self) -> int:
        """How many samples there are."""
        return self._count

    @property
    @abstractmethod
    def labels(self) -> Tensor:
        """``(N,)`` int64, zeros without classes, on the CPU."""

    @cached_property
    def moments(self) -> Gaussian:
        """Count, mean and covariance of the features of all samples."""
        return self._statistics.moments

    @cached_property
    def rows(self) -> Tensor:
        """``(R, D)`` float32 features of the first samples."""
        return self._statistics.rows

    def images(self, indices: Sequence[int]) -> Tensor:
        """Samples by index: ``(len(indices), *shape)`` float32 on the device."""
        return to_tensor(self._samples_at(np.asarray(indices, np.int64)), self._view.device)

    def batches(self, limit: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """All samples, or the first ``limit``, in order: images and labels."""
        until = self._count if limit is None else min(limit, self._count)
        for start in range(0, until, BATCH):
            stop = min(start + BATCH, until)
            yield self.images(range(start, stop)), self.labels[start:stop]

    @abstractmethod
    def _make(self, indices: np.ndarray) -> np.ndarray:
        """Generate or read samples: uint8 images, or float32 points."""

    def _samples_at(self, indices: np.ndarray) -> np.ndarray:
        if self._kept is None:
            return self._make(indices)
        new = np.unique(indices[~self._here[indices]])
        if len(new):
            self._kept[new] = self._make(new)
            self._here[new] = True
        found: np.ndarray = self._kept[indices]
        return found

    @cached_property
    def _statistics(self) -> FeatureStatistics:
        return self._compute_statistics()

    @torch.no_grad()
    def _compute_statistics(self) -> FeatureStatistics:
        """Compute the features of all samples."""
        view, rows, seen = self._view, [], 0
        moments = Moments(view.features.dim, view.device)
        for start in range(0, self._count, BATCH):
            view.progress(self.side, start, self._count)
            found = view.features(self.images(range(start, min(start + BATCH, self._count)))).float()
            moments.update(found)
            rows.append(found[: max(view.rows - seen, 0)])
            seen += len(found)
        view.progress(self.side, self._count, self._count)
        if not bool(torch.isfinite(moments.mean).all()):
            raise BadData(f"features '{view.features.name}' of the {self.side} are not finite: choose others "
                          "with --features. See: ganzoo list features")  # fmt: skip
        return FeatureStatistics(moments, torch.cat(rows))


class RealSamples(SampleSet):
    """Shuffled samples of a data set: all, or a subset that depends on the seed and the count alone.

    Args:
        dataset: the data set.
        count: number of samples, at most as many as there are.
        seed: of the evaluation; decides the order and the subset.
        view: how features are computed.

    Raises:
        BadData: fewer than two.
    """

    side = "reals"

    def __init__(self, dataset: Dataset, count: int, seed: int, view: FeatureView) -> None:
        total = len(dataset)
        if min(count, total) < 2:
            raise BadData(
                f"{count} of the data set's {total} samples are too few to compare with: at least 2 are needed."
            )
        super().__init__(min(count, total), dataset.shape, view)
        self._dataset, self._seed = dataset, seed
        # shuffled also when all are used: data sorted by class would fill the first rows with one class
        self._order = np.random.default_rng(seed).permutation(total)
        self._indices = self._order[:count]
        self._classes = np.zeros(self._count, np.int64)
        self._read = np.zeros(self._count, bool)

    @cached_property
    def labels(self) -> Tensor:
        """``(N,)`` class of each, zeros without classes."""
        for start in range(0, self._count if self._dataset.num_classes else 0, BATCH):
            part = np.arange(start, min(start + BATCH, self._count))
            if not self._read[part].all():
                self._samples_at(part)
        return torch.from_numpy(self._classes)

    def classes_for(self, fakes: int) -> Tensor:
        """Draw labels for a conditional generator: ``(fakes,)``, from other samples than these."""
        return draw_labels(self._dataset, self._order, self._count, fakes, self._seed)

    def _compute_statistics(self) -> FeatureStatistics:
        """Read the statistics from the cache, or compute them: reals are the same in every evaluation."""
        features = self._view.features
        about: list[object] = [self._dataset.fingerprint(), features.name, features.fingerprint(), features.resizer]
        about += [self._count, self._seed, self._view.rows, self._view.origin, version(CORE), torch.__version__]
        return load_or_compute(about, super()._compute_statistics, self._view.device)

    def _make(self, indices: np.ndarray) -> np.ndarray:
        arrays = self._dataset.read(self._indices[indices])
        self._classes[indices], self._read[indices] = arrays["labels"], True
        images = arrays["images"]
        if images.dtype == np.uint8:
            return images
        if not np.isfinite(images).all():
            raise BadData("the data set holds values that are not finite: fix or remove those samples.")
        return to_uint8(torch.from_numpy(images))


class GeneratedSamples(SampleSet):
    """Samples of a generator, one per seed: sample ``i`` is the one of seed ``first_seed(seed) + i``.

    With evaluation seed 0 and equal labels they are the samples of ``ganzoo sample --seeds``.

    Args:
        generator: in evaluation mode, on the view's device.
        labels: ``(N,)`` class of each, zeros without classes.
        shape: of one sample.
        seed: of the evaluation.
        view: how their features are computed.
    """

    side = "fakes"

    def __init__(self, generator: nn.Module, labels: Tensor, shape: Shape, seed: int, view: FeatureView) -> None:
        super().__init__(len(labels), shape, view)
        self._generator, self._labels, self._first = generator, labels, first_seed(seed)

    @property
    def labels(self) -> Tensor:
        """``(N,)`` class of each, zeros without classes."""
        return self._labels

    def _make(self, indices: np.ndarray) -> np.ndarray:
        seeds = [(self._first + index) % 2**32 for index in indices.tolist()]
        made = sample(self._generator, seeds, self._labels[indices].tolist(), self._view.device)
        if not bool(torch.isfinite(made).all()):
            raise Diverged("the generator makes samples that are not finite: lower the learning rate and train again.")
        return to_uint8(made)


def first_seed(seed: int) -> int:
    """Return the seed of an evaluation's first sample; other evaluation seeds give ranges far apart.

    torch's CPU generator uses 32 bits of a seed; multiples of the golden ratio keep the ranges apart (Knuth,
    The Art of Computer Programming, volume 3, section 6.4).
    """
    return seed * 0x9E3779B1 % 2**32
