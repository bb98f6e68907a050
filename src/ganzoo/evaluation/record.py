"""An evaluation as a file: its readings, what they were taken with, and where the generator came from."""

from __future__ import annotations

import json
import math
import platform
import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from ganzoo.errors import BadRun
from ganzoo.evaluation.inputs import Picture
from ganzoo.evaluation.metric_suite import MetricSuite
from ganzoo.evaluation.protocol import EvaluationProtocol, protocol_from_json
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.registry.loader import CORE
from ganzoo.runs import sheets
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import number
from ganzoo.storage.files import replace_file

CONFIDENT = 1.96
"""Standard errors on either side of a value within which the truth lies in 95 of 100 cases."""


@dataclass(frozen=True)
class Evaluation:
    """Readings of one checkpoint.

    Args:
        run: name of the run's folder.
        checkpoint: name of the checkpoint.
        images: reals the discriminator had seen by then.
        values: by metric and name.
        stamp: what they were taken with.
        seconds: how long it took.
        versions: of Python, torch and the distributions that took part.
        device: name of the device.
        command: what was typed, if it was.
        made: when, in UTC.
    """

    run: str
    checkpoint: str
    images: int
    values: Mapping[str, Mapping[str, MetricValue]]
    protocol: EvaluationProtocol
    seconds: float = 0.0
    versions: Mapping[str, str] | None = None
    device: str = ""
    command: str = ""
    made: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as its file holds it; a value that is not finite is null."""
        readings = {
            metric: {name: {k: _finite(v) for k, v in asdict(reading).items()} for name, reading in named.items()}
            for metric, named in self.values.items()
        }
        return {
            "run": self.run, "checkpoint": self.checkpoint, "images": self.images, "values": readings,
            "protocol": self.protocol.as_json(), "seconds": round(self.seconds, 3), "versions": dict(self.versions or {}),
            "device": self.device, "command": self.command, "made": self.made,
        }  # fmt: skip

    @property
    def file_name(self) -> str:
        """Images seen, and the digest of the stamp: the same measurement again writes the same file."""
        return f"{self.images:09d}-{self.protocol.digest}.json"


def evaluation_from_json(facts: Mapping[str, Any]) -> Evaluation:
    """Read what ``Evaluation.as_json`` wrote.

    Raises:
        KeyError: it is no evaluation.
    """
    readings = {
        metric: {name: MetricValue(_number(r["value"]), r["error"], r["better"]) for name, r in named.items()}
        for metric, named in facts["values"].items()
    }
    return Evaluation(
        facts["run"], facts["checkpoint"], int(facts["images"]), readings, protocol_from_json(facts["protocol"]),
        float(facts["seconds"]), facts["versions"], facts["device"], facts["command"], facts["made"],
    )  # fmt: skip


def write_evaluation(folder: RunFolder, evaluation: Evaluation, pictures: Mapping[str, Picture]) -> Path:
    """Write an evaluation and its pictures under the run; a reader never sees half of a file.

    Returns:
        The file.

    Raises:
        BadRun: the folder cannot be written.
    """
    place = folder.evaluations / evaluation.file_name
    try:
        for name, picture in pictures.items():
            drawn = sheets.sheet(sheets.to_uint8(picture.images), picture.columns)
            sheets.save(drawn, place.with_name(f"{place.stem}-{name}.png"))
        with replace_file(place) as temporary:
            temporary.write_text(json.dumps(evaluation.as_json(), indent=1, allow_nan=False), encoding="utf-8")
    except OSError as error:
        raise BadRun(f"cannot write {place}: {error.strerror or error}. Make room, then evaluate again.") from error
    return place


def read_evaluations(folder: RunFolder) -> list[Evaluation]:
    """Read a run's evaluations, by images seen and then by time.

    Raises:
        BadRun: a file among them is damaged.
    """
    found = []
    for file in sorted(folder.evaluations.glob("[0-9]*.json")):
        try:
            found.append(evaluation_from_json(json.loads(file.read_text(encoding="utf-8"))))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadRun(f"{file} is no evaluation that can be read: delete it, and evaluate again.") from error
    return sorted(found, key=lambda evaluation: (evaluation.images, evaluation.made))


def versions_of(suite: MetricSuite) -> dict[str, str]:
    """Give the versions a reading may depend on."""
    entries = [chosen.entry for chosen in (suite.features, *suite.metrics.values())]
    named = {entry.plugin.distribution: entry.plugin.version for entry in entries}
    ours = {"python": platform.python_version(), "torch": torch.__version__, CORE: version(CORE)}
    return ours | named


def device_name(device: torch.device) -> str:
    """Name a device for a record: a GPU as its maker does."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


def typed_command() -> str:
    """Give the command that is running, if it is ganzoo's."""
    return shlex.join(["ganzoo", *sys.argv[1:]]) if Path(sys.argv[0]).stem == "ganzoo" else ""


def utc_now() -> str:
    """Give the time in UTC, to the microsecond: evaluations of one second have an order too."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def half_interval(reading: MetricValue) -> float | None:
    """Give half the width of the 95 % interval around a reading, where its error is known."""
    return None if reading.error is None else CONFIDENT * reading.error


def half_interval_text(half: float) -> str:
    """Write half the width of an interval: two digits tell all there is to know."""
    return number(float(f"{half:.2g}"))


def label_values(readings: Mapping[str, Mapping[str, MetricValue]]) -> dict[str, MetricValue]:
    """Name readings for a table: plainly, and after their metric only where two would have one name."""
    plain = [name for named in readings.values() for name in named]
    return {
        name if plain.count(name) == 1 else f"{metric} {name}": reading
        for metric, named in readings.items()
        for name, reading in named.items()
    }


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
