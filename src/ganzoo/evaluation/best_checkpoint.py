"""The best checkpoint of a run, and the value it was kept for."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ganzoo.errors import BadRun
from ganzoo.evaluation.protocol import EvaluationProtocol, protocol_differences, protocol_from_json
from ganzoo.evaluation.record import Evaluation
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.runs.folder import RunFolder
from ganzoo.storage.folders import replace_folder
from ganzoo.training import checkpoints

FACTS = "best.json"
"""File beside the best checkpoint with its value and protocol."""


@dataclass(frozen=True)
class BestCheckpoint:
    """The value a checkpoint was kept for.

    Args:
        metric: name of the metric.
        name: name of the value among those of the metric.
        value: the number with its error and direction.
        images: real images the discriminator had seen by then.
        protocol: everything the value depends on besides the generator.
    """

    metric: str
    name: str
    value: MetricValue
    images: int
    protocol: EvaluationProtocol

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "metric": self.metric, "name": self.name, **asdict(self.value), "images": self.images,
            "protocol": self.protocol.as_json(),
        }  # fmt: skip

    def is_better_than(self, other: BestCheckpoint | None) -> bool:
        """Whether this value is better, or the other has another protocol."""
        if not math.isfinite(self.value.value):
            return False
        if other is None or self.has_other_protocol(other):
            return True
        gain = self.value.value - other.value.value
        return gain > 0 if self.value.better == "higher" else gain < 0

    def has_other_protocol(self, other: BestCheckpoint) -> bool:
        """Whether the protocols differ, so that neither is better."""
        other_value = (other.metric, other.name) != (self.metric, self.name)
        return other_value or bool(protocol_differences(self.protocol, other.protocol, self.metric))


def read_best(folder: RunFolder) -> BestCheckpoint | None:
    """Read the facts of a run's best checkpoint; None while there is none.

    Raises:
        BadRun: its file is damaged.
    """
    file = folder.best / FACTS
    if not file.exists():
        return None
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        value = MetricValue(facts["value"], facts["error"], facts["better"])
        return BestCheckpoint(
            facts["metric"], facts["name"], value, facts["images"], protocol_from_json(facts["protocol"])
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRun(f"{file} cannot be read: delete the folder {file.parent}, and resume.") from error


def keep_best(
    folder: RunFolder, best: BestCheckpoint, snapshot: checkpoints.Snapshot, facts: Mapping[str, object]
) -> None:
    """Replace a run's best checkpoint.

    Args:
        folder: the run.
        best: the value the checkpoint is kept for.
        snapshot: the evaluated state.
        facts: what a checkpoint's manifest holds besides the state.

    Raises:
        BadRun: the folder cannot be written.
    """
    place = folder.best
    try:
        with replace_folder(place) as temporary:
            checkpoints.write_checkpoint(snapshot, temporary, facts)
            (temporary / FACTS).write_text(json.dumps(best.as_json(), indent=1), encoding="utf-8")
    except OSError as error:
        raise checkpoints.write_error(place, error) from error


def set_aside(folder: RunFolder, best: BestCheckpoint) -> Path:
    """Move the best checkpoint of another protocol aside, and return its new folder.

    Raises:
        BadRun: the folder cannot be written.
    """
    place = folder.best.with_name(f"{folder.best.name}-{best.name}-{best.protocol.digest}-{best.images}")
    try:
        folder.best.replace(place)
    except OSError as error:
        raise checkpoints.write_error(place, error) from error
    return place


def deciding_value(evaluation: Evaluation) -> BestCheckpoint | None:
    """Return the deciding value: the first with a direction."""
    for metric, named in evaluation.values.items():
        for name, value in named.items():
            if value.better != "neither":
                return BestCheckpoint(metric, name, value, evaluation.images, evaluation.protocol)
    return None
