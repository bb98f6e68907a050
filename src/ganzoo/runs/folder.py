"""A run's folder: its name, its files, and the lock that keeps a second writer out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ganzoo.config import layers as configuration
from ganzoo.config.layers import Config
from ganzoo.errors import BadRun, nearest
from ganzoo.storage.files import replace_file

BASE = Path("runs")
"""Folder of numbered runs."""

_NUMBERED = re.compile(r"(\d{4,})-")


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run.

    Args:
        path: path of the folder.
    """

    path: Path

    @property
    def checkpoints(self) -> Path:
        """Folder of checkpoints, each named ``step-########``."""
        return self.path / "checkpoints"

    @property
    def samples(self) -> Path:
        """Folder of sample sheets, named by images seen."""
        return self.path / "samples"

    @property
    def metrics(self) -> Path:
        """File of logged values, one JSON object per line."""
        return self.path / "metrics.jsonl"

    @property
    def report(self) -> Path:
        """The report, one HTML file."""
        return self.path / "report.html"

    @property
    def evaluations(self) -> Path:
        """Folder of evaluations, one JSON file each, with pictures of metrics."""
        return self.path / "eval"

    @property
    def best(self) -> Path:
        """Folder of the best checkpoint and the metric it was chosen by."""
        return self.checkpoints / "best"

    @property
    def reals(self) -> Path:
        """A sheet of real samples."""
        return self.path / "reals.png"

    @property
    def environment(self) -> dict[str, Any]:
        """Versions, device and command of the run's start."""
        facts: dict[str, Any] = json.loads((self.path / "environment.json").read_text(encoding="utf-8"))
        return facts

    def config(self) -> Config:
        """Read the resolved configuration.

        Raises:
            BadRun: this is not a run folder, or its configuration cannot be read.
        """
        try:
            return configuration.load(self.path / "config.toml")
        except OSError as error:
            raise BadRun(f"'{self.path}' is not a run folder: it {self._explain()}") from error
        except (KeyError, ValueError) as error:
            raise BadRun(f"'{self.path / 'config.toml'}' cannot be read: {error}. Fix it, or train again.") from error

    def _explain(self) -> str:
        """Say what the path is instead of a run folder, and which run may be meant."""
        if self.path.is_file() and RunFolder(self.path.parent).readable:
            return f"is a file in one. Name the folder: {self.path.parent}"
        what = "holds no config.toml" if self.path.is_dir() else "is a file" if self.path.exists() else "does not exist"
        runs = (config.parent for base in (self.path.parent, BASE) for config in base.glob("*/config.toml"))
        meant = nearest(str(self.path), map(str, runs), few=4)
        return f"{what}.{meant or ' Name one that ganzoo train made.'}"

    @property
    def readable(self) -> bool:
        """Whether this is a run folder whose configuration can be read."""
        try:
            return bool(self.config())
        except BadRun:
            return False

    def write(self, config: Config, environment: Mapping[str, object]) -> None:
        """Write the configuration and the environment of the run."""
        with replace_file(self.path / "config.toml") as temporary:
            configuration.save(config, temporary)
        with replace_file(self.path / "environment.json") as temporary:
            temporary.write_text(json.dumps(environment, indent=1), encoding="utf-8")

    def read_metrics(self) -> list[dict[str, float]]:
        """Read the metrics written so far, one entry a line; a last line cut short by a crash is left out.

        Raises:
            BadRun: a line holds no metrics.
        """
        if not self.metrics.exists():
            return []
        lines = self.metrics.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
        return [self._read_line(number, line) for number, line in enumerate(lines, 1) if line]

    def _read_line(self, number: int, line: str) -> dict[str, float]:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict) or "images" not in found:
            raise BadRun(f"line {number} of {self.metrics} holds no metrics: delete that line.")
        return found

    def rewind(self, images: int) -> None:
        """Drop logged values, sheets and evaluations made after ``images``, for resuming an earlier checkpoint."""
        kept = [line for line in self.read_metrics() if line["images"] <= images]
        if self.metrics.exists():
            with replace_file(self.metrics) as temporary:
                temporary.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")
        for sheet in self.samples.glob("*.png"):
            if sheet.stem.isdecimal() and int(sheet.stem) > images:
                sheet.unlink()
        for file in self.evaluations.glob("[0-9]*-*"):
            seen = file.name.partition("-")[0]
            if seen.isdecimal() and int(seen) > images:
                file.unlink()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the run for this process.

        Raises:
            BadRun: another process writes to the run, or the folder cannot be written.
        """
        lock = FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise BadRun(
                f"'{self.path}' is being written by another process; wait for it, or choose another --out."
            ) from error
        except OSError as error:
            raise BadRun(f"'{self.path}' cannot be written ({error.strerror or error}). Copy it to another place, or "
                         "change its permissions.") from error  # fmt: skip
        try:
            yield
        finally:
            lock.release()


def create_run(name: str, *, out: Path | None, base: Path = BASE) -> RunFolder:
    """Make a new run folder.

    Args:
        name: name after the number, such as ``dcgan-wgan-gp-sprites``.
        out: the exact folder; None takes the next number under ``base``.
        base: folder of numbered runs.

    Raises:
        BadRun: the folder exists, or cannot be made.
    """
    path = out or base / f"{_next_number(base):04d}-{name}"
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise BadRun(f"'{path}' exists. Continue it with --resume {path}, or choose another --out.")
        path.mkdir(parents=True, exist_ok=out is not None)
        for folder in (path / "checkpoints", path / "samples"):
            folder.mkdir()
    except FileExistsError as error:
        if out is not None:
            raise BadRun(f"'{path}' is not a folder. Choose another with --out.") from error
        return create_run(name, out=out, base=base)
    except OSError as error:
        raise BadRun(f"cannot create the run folder '{path}': {error.strerror}. Choose another with --out.") from error
    return RunFolder(path)


def list_runs(base: Path = BASE) -> list[RunFolder]:
    """List the numbered runs under ``base``, oldest first."""
    found = [p for p in base.glob("*") if _NUMBERED.match(p.name) and (p / "config.toml").is_file()]
    return [RunFolder(p) for p in sorted(found, key=_number)]


def _number(path: Path) -> int:
    match = _NUMBERED.match(path.name)
    return int(match[1]) if match else 0


def _next_number(base: Path) -> int:
    return max((_number(p) for p in base.glob("*")), default=0) + 1 if base.is_dir() else 1
