"""The report of a run: one HTML file that opens offline."""

from __future__ import annotations

from ganzoo.runs.folder import RunFolder


def write_report(folder: RunFolder) -> None:
    """Write ``report.html``."""
