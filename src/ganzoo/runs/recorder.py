"""Writes the logged values, sample sheets and checkpoints of a run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import torch

from ganzoo.interfaces.data import Dataset
from ganzoo.runs import sheets
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.peak_memory import peak_gib
from ganzoo.sampling.seeds import sample
from ganzoo.training import checkpoints
from ganzoo.training.callbacks import Callback, MetricsEvent
from ganzoo.training.step import Engine

SHEET = 64
"""Images on a sample sheet; sheets of points have sixteen times as many."""


@runtime_checkable
class KnowsModes(Protocol):
    """A data set with known modes, over which samples can be counted."""

    centres: np.ndarray

    def count_modes(self, samples: np.ndarray) -> dict[str, float]:
        """Count the samples ``(B, D)`` in each mode."""


class Recorder(Callback):
    """Writes the logged values, sample sheets and checkpoints of one run.

    Args:
        engine: the run.
        dataset: its real samples.
        folder: the run's folder.
        facts: further entries of the checkpoints' manifests.
        num_classes: classes of the generator; sheets show one per column.
    """

    def __init__(
        self, engine: Engine, dataset: Dataset, folder: RunFolder, facts: Mapping[str, object], *, num_classes: int
    ) -> None:
        self._engine, self._dataset, self._folder, self._facts = engine, dataset, folder, facts
        self._num_classes = num_classes
        self._counts: dict[str, float] = {}

    def on_metrics(self, event: MetricsEvent) -> None:
        """Append one line to ``metrics.jsonl``."""
        line = {"images": event.images, "step": event.step, "seconds": round(event.seconds, 3)}
        peak = peak_gib()
        memory = {} if peak is None else {"peak_memory_gib": round(peak, 3)}
        line |= {"images_per_second": round(event.rate, 1), **memory, **event.values, **self._counts}
        self._counts = {}
        try:
            with self._folder.metrics.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
        except OSError as error:
            raise checkpoints.write_error(self._folder.metrics, error) from error

    def on_sample_sheet(self, images: int) -> None:
        """Draw a sheet of the averaged generator's samples, always of the same seeds."""
        samples = sheets.to_uint8(self.sample(range(self._sheet_size())))
        if isinstance(self._dataset, KnowsModes):
            self._counts = self._dataset.count_modes(samples)
        self._draw(samples, self._folder.samples / f"{images:09d}.png")

    def draw_reals(self) -> None:
        """Draw a sheet of randomly chosen real samples."""
        chosen = np.random.default_rng(0).permutation(len(self._dataset))[: self._sheet_size()]
        self._draw(self._dataset.read(chosen)["images"], self._folder.reals)

    def on_checkpoint(self, images: int) -> None:
        """Write a checkpoint, then remove old ones beyond ``run.keep``."""
        checkpoints.save_checkpoint(self._engine, self._folder.checkpoints, self._facts)
        for old in checkpoints.list_checkpoints(self._folder.checkpoints)[: -self._engine.run.keep]:
            shutil.rmtree(old)

    def sample(self, seeds: Sequence[int]) -> torch.Tensor:
        """Sample the averaged generator, cycling through the classes."""
        average = self._engine.averages["generator"].module
        labels = [seed % self._num_classes if self._num_classes else 0 for seed in seeds]
        return sample(average, seeds, labels, self._engine.device)

    def _sheet_size(self) -> int:
        return SHEET if len(self._dataset.shape) == 3 else SHEET * 16

    def _draw(self, samples: np.ndarray, path: Path) -> None:
        columns = self._num_classes if 4 <= self._num_classes <= 16 else 8
        centres = self._dataset.centres if isinstance(self._dataset, KnowsModes) else None
        if samples.ndim == 4:
            samples = samples[: SHEET // columns * columns]  # whole rows
        try:
            sheets.save_picture(sheets.draw_sheet(samples, columns, centres=centres), path)
        except OSError as error:
            raise checkpoints.write_error(path, error) from error
