"""Runs that ended before they had anything to resume from."""

from __future__ import annotations

import shutil
from pathlib import Path

from ganzoo.runs.folder import RunFolder
from ganzoo.training import checkpoints

_WRITTEN = {
    ".lock", "config.toml", "environment.json", "metrics.jsonl", "reals.png", "report.html", "checkpoints", "samples",
    "eval",
}  # fmt: skip
"""What a run writes to its folder."""


def resumable_checkpoints(folder: RunFolder) -> list[Path]:
    """Checkpoints a run can go on from, the newest last; that kept for its reading is the last resort."""
    return [*checkpoints.list_checkpoints(folder.best), *checkpoints.list_checkpoints(folder.checkpoints)]


def is_incomplete(folder: RunFolder) -> bool:
    """Whether nothing but what a run writes before its first checkpoint lies in a folder."""
    if not folder.path.is_dir() or resumable_checkpoints(folder):
        return False
    return {path.name for path in folder.path.iterdir()} <= _WRITTEN


def remove_incomplete(folder: RunFolder) -> None:
    """Remove a run that was killed before its first checkpoint, however far its folder had come.

    A folder with a checkpoint, or with a file no run writes, is left alone.

    Raises:
        BadRun: another process is training it.
    """
    if is_incomplete(folder):
        with folder.locked():
            pass
        shutil.rmtree(folder.path)
