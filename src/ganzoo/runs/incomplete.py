"""Runs that ended before their first checkpoint."""

from __future__ import annotations

import shutil
from pathlib import Path

from ganzoo.runs.folder import RunFolder
from ganzoo.training import checkpoints

_WRITTEN = {
    ".lock", "config.toml", "environment.json", "metrics.jsonl", "reals.png", "report.html", "checkpoints", "samples",
    "eval",
}  # fmt: skip
"""Files and folders that a run writes."""


def list_resumable_checkpoints(folder: RunFolder) -> list[Path]:
    """List the checkpoints a run can resume from, the newest last; the best one by metric comes first."""
    return [*checkpoints.list_checkpoints(folder.best), *checkpoints.list_checkpoints(folder.checkpoints)]


def is_incomplete(folder: RunFolder) -> bool:
    """Whether a folder holds a run without a checkpoint, and nothing else."""
    if not folder.path.is_dir() or list_resumable_checkpoints(folder):
        return False
    return {path.name for path in folder.path.iterdir()} <= _WRITTEN


def remove_incomplete(folder: RunFolder) -> None:
    """Remove a run that ended before its first checkpoint; a folder with a checkpoint or other files is kept.

    Raises:
        BadRun: another process is training the run.
    """
    if is_incomplete(folder):
        with folder.locked():
            pass
        shutil.rmtree(folder.path)
