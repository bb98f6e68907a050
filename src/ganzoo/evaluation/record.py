"""An evaluation as a file: its metrics, their protocol, and the checkpoint they belong to."""

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
from ganzoo.evaluation.inputs.metric_inputs import Picture
from ganzoo.evaluation.metric_suite import MetricSuite
from ganzoo.evaluation.protocol import EvaluationProtocol, protocol_from_json
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.registry.loader import CORE
from ganzoo.runs import sheets
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import format_number
from ganzoo.storage.files import replace_file

CONFIDENT = 1.96
"""Half-width of a 95 % confidence interval in standard errors."""


@dataclass(frozen=True)
class Evaluation:
    """The metrics of one checkpoint.

    Args:
        run: name of the run's folder.
        checkpoint: name of the checkpoint.
        images: reals the discriminator had seen by then.
        values: by metric and name.
        protocol: everything the values depend on besides the generator.
        seconds: duration of the evaluation.
        versions: of Python, torch and the distributions that took part.
        device: name of the device.
        command: the command line, if there was one.
        made: time in UTC, ISO 8601.
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
        """Return it as JSON values; a value that is not finite is null."""
        values = {
            metric: {name: {k: _finite(v) for k, v in asdict(value).items()} for name, value in named.items()}
            for metric, named in self.values.items()
        }
        return {
            "run": self.run, "checkpoint": self.checkpoint, "images": self.images, "values": values,
            "protocol": self.protocol.as_json(), "seconds": round(self.seconds, 3),
            "versions": dict(self.versions or {}), "device": self.device, "command": self.command, "made": self.made,
        }  # fmt: skip

    @property
    def file_name(self) -> str:
        """Images seen and digest of the protocol: repeating an evaluation writes the same file."""
        return f"{self.images:09d}-{self.protocol.digest}.json"


def evaluation_from_json(facts: Mapping[str, Any]) -> Evaluation:
    """Read what ``Evaluation.as_json`` wrote.

    Raises:
        KeyError: a field is missing.
    """
    values = {
        metric: {name: MetricValue(_number(r["value"]), r["error"], r["better"]) for name, r in named.items()}
        for metric, named in facts["values"].items()
    }
    return Evaluation(
        facts["run"], facts["checkpoint"], int(facts["images"]), values, protocol_from_json(facts["protocol"]),
        float(facts["seconds"]), facts["versions"], facts["device"], facts["command"], facts["made"],
    )  # fmt: skip


def write_evaluation(folder: RunFolder, evaluation: Evaluation, pictures: Mapping[str, Picture]) -> Path:
    """Write an evaluation and its sample sheets to the run's folder; files appear complete.

    Returns:
        The file.

    Raises:
        BadRun: the folder cannot be written.
    """
    place = folder.evaluations / evaluation.file_name
    try:
        for name, picture in pictures.items():
            drawn = sheets.draw_sheet(sheets.to_uint8(picture.images), picture.columns)
            sheets.save_picture(drawn, place.with_name(f"{place.stem}-{name}.png"))
        with replace_file(place) as temporary:
            temporary.write_text(json.dumps(evaluation.as_json(), indent=1, allow_nan=False), encoding="utf-8")
    except OSError as error:
        raise BadRun(
            f"cannot write {place}: {error.strerror or error}. Free some space, then evaluate again."
        ) from error
    return place


def read_evaluations(folder: RunFolder) -> list[Evaluation]:
    """Read a run's evaluations, sorted by images seen and then by time.

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
    """Return the versions a metric may depend on."""
    entries = [chosen.entry for chosen in (suite.features, *suite.metrics.values())]
    named = {entry.plugin.distribution: entry.plugin.version for entry in entries}
    ours = {"python": platform.python_version(), "torch": torch.__version__, CORE: version(CORE)}
    return ours | named


def device_name(device: torch.device) -> str:
    """Return the name of a device; of a GPU its product name."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


def typed_command() -> str:
    """Return the running command, if it is ganzoo's."""
    return shlex.join(["ganzoo", *sys.argv[1:]]) if Path(sys.argv[0]).stem == "ganzoo" else ""


def utc_now() -> str:
    """Return the UTC time to the microsecond, so that evaluations within a second are ordered."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def half_interval(value: MetricValue) -> float | None:
    """Return the half-width of the 95 % confidence interval, where the error is known."""
    return None if value.error is None else CONFIDENT * value.error


def half_interval_text(half: float) -> str:
    """Format the half-width of an interval with two digits."""
    return format_number(float(f"{half:.2g}"))


def label_values(values: Mapping[str, Mapping[str, MetricValue]]) -> dict[str, MetricValue]:
    """Name values for a table: by their own name, with the metric in front only where names clash."""
    plain = [name for named in values.values() for name in named]
    return {
        name if plain.count(name) == 1 else f"{metric} {name}": value
        for metric, named in values.items()
        for name, value in named.items()
    }


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
