"""Writes what a run leaves behind: readings, sheets, checkpoints."""

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
"""Samples on a sheet of images; points get sixteen times as many."""


@runtime_checkable
class KnowsModes(Protocol):
    """A data set whose true modes are known, so that samples can be counted over them."""

    centres: np.ndarray

    def count_modes(self, samples: np.ndarray) -> dict[str, float]:
        """Count samples ``(B, D)`` over the modes."""


class Recorder(Callback):
    """Writes readings, sheets and checkpoints of one run.

    Args:
        engine: the run.
        dataset: its real samples.
        folder: where everything goes.
        facts: what a checkpoint's manifest holds besides the state.
        num_classes: classes of the generator; sheets then show one a column.
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
        held = {} if peak is None else {"peak_memory_gib": round(peak, 3)}
        line |= {"images_per_second": round(event.rate, 1), **held, **event.values, **self._counts}
        self._counts = {}
        try:
            with self._folder.metrics.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
        except OSError as error:
            raise checkpoints.write_error(self._folder.metrics, error) from error

    def on_sample_sheet(self, images: int) -> None:
        """Draw the same seeds from the averaged generator."""
        many = SHEET if len(self._dataset.shape) == 3 else SHEET * 16
        made = sheets.to_uint8(self.sample(range(many)))
        if isinstance(self._dataset, KnowsModes):
            self._counts = self._dataset.count_modes(made)
        self._draw(made, self._folder.samples / f"{images:09d}.png")

    def reals(self) -> None:
        """Draw a sheet of real samples, evenly taken from the data."""
        count = min(SHEET if len(self._dataset.shape) == 3 else SHEET * 16, len(self._dataset))
        self._draw(self._dataset.read(_spread(len(self._dataset), count))["images"], self._folder.reals)

    def on_checkpoint(self, images: int) -> None:
        """Publish a checkpoint, then remove those beyond the number to keep."""
        checkpoints.save_checkpoint(self._engine, self._folder.checkpoints, self._facts)
        for old in checkpoints.list_checkpoints(self._folder.checkpoints)[: -self._engine.run.keep]:
            shutil.rmtree(old)

    def sample(self, seeds: Sequence[int]) -> torch.Tensor:
        """Sample the averaged generator, classes in turn."""
        average = self._engine.averages["generator"].module
        labels = [seed % self._num_classes if self._num_classes else 0 for seed in seeds]
        return sample(average, seeds, labels, self._engine.device)

    def _draw(self, samples: np.ndarray, path: Path) -> None:
        columns = self._num_classes if 4 <= self._num_classes <= 16 else 8
        centres = self._dataset.centres if isinstance(self._dataset, KnowsModes) else None
        try:
            sheets.save(sheets.sheet(samples[: SHEET // columns * columns or None], columns, centres=centres)
                        if samples.ndim == 4 else sheets.sheet(samples, columns, centres=centres), path)  # fmt: skip
        except OSError as error:
            raise checkpoints.write_error(path, error) from error


def _spread(total: int, count: int) -> np.ndarray:
    return np.random.default_rng(0).permutation(total)[:count]
