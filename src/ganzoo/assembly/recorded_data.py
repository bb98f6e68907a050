"""The shape and classes of a data set as a checkpoint records them: enough to build the networks without the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganzoo.errors import BadData
from ganzoo.interfaces.data import Dataset
from ganzoo.registry.specs import Shape


@dataclass
class RecordedDataset:
    """Shape and classes of the data a run was trained on.

    Args:
        shape: of one sample.
        num_classes: 0 when the data had none.
        class_names: in order of the labels.
    """

    shape: Shape
    num_classes: int
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        """Return 0: no sample can be read."""
        return 0

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Refuse to read: the samples are not here.

        Raises:
            BadData: always.
        """
        raise BadData("this run was opened without its data; train or resume it to read reals.")

    def fingerprint(self) -> str:
        """Return an empty text: the fingerprint is unknown without the data."""
        return ""


def describe_dataset(dataset: Dataset) -> dict[str, object]:
    """Describe a data set for a checkpoint's manifest."""
    return {"shape": list(dataset.shape), "num_classes": dataset.num_classes, "class_names": list(dataset.class_names)}


def recorded_dataset(facts: Mapping[str, Any]) -> RecordedDataset:
    """Read what ``describe_dataset`` wrote."""
    return RecordedDataset(tuple(facts["shape"]), int(facts["num_classes"]), tuple(facts["class_names"]))
