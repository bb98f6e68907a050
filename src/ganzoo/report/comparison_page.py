"""The page of ``ganzoo compare``: metrics, differences, samples of equal seeds, curves."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from ganzoo.evaluation.comparison import (
    ComparedRun,
    ComparisonRow,
    compare_values,
    differing_settings,
    shared_protocols,
)
from ganzoo.evaluation.generator import TrainedGenerator
from ganzoo.evaluation.protocol import describe_protocol
from ganzoo.registry.specs import Value
from ganzoo.report.curves import Curve, collect_curves
from ganzoo.report.html import html_document, html_section, html_table, text_cell, value_cell
from ganzoo.report.images import inline
from ganzoo.report.overlaid_curves import COLOURS, overlay
from ganzoo.runs import sheets
from ganzoo.runs.units import format_count
from ganzoo.sampling.seeds import sample

SHOWN, SCATTERED = 36, 1024
"""Samples of a run that are shown: of images, and of points."""

RANKED = (
    "Same evaluation protocol, with 95 % intervals. Rank = 1 + number of runs whose interval lies wholly above; "
    "a value without an interval ranks by its value alone."
)


def page(runs: Sequence[ComparedRun], subjects: Mapping[str, TrainedGenerator]) -> str:
    """Write the comparison as HTML.

    Args:
        runs: in the order of their colours.
        subjects: generators by run, of those that have a checkpoint.
    """
    listed = "".join(f"<li>{_dot(i)}{escape(run.name)}</li>" for i, run in enumerate(runs))
    head = (
        f'<header><p class="state">{len(runs)} runs compared</p>'
        f"<h1>{escape(' against '.join(run.name for run in runs[:3]))}{' ...' if len(runs) > 3 else ''}</h1>"
        f'<ul class="components">{listed}</ul></header>'
    )
    body = (head, _metrics(runs), _differences(runs), _grids(runs, subjects), _curves(runs))
    return html_document("comparison", "".join(body))


def sample_sheet(subject: TrainedGenerator) -> str:
    """Draw a generator's samples of the first seeds as a picture inside the page, classes in turn."""
    shape, classes = subject.dataset.shape, subject.dataset.num_classes if subject.conditional else 0
    seeds = range(SHOWN if len(shape) == 3 else SCATTERED)
    labels = [seed % classes if classes else 0 for seed in seeds]
    device = next(subject.generator.parameters()).device
    made = sheets.to_uint8(sample(subject.generator, seeds, labels, device))
    with tempfile.TemporaryDirectory() as place:
        return inline(sheets.save_picture(sheets.draw_sheet(made, 6), Path(place) / "sheet.png"))


def setting_text(value: Value) -> str:
    """Write a setting's value as ``--set`` would take it."""
    if isinstance(value, tuple):
        return ",".join(map(setting_text, value)) or "none"
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _metrics(runs: Sequence[ComparedRun]) -> str:
    found = compare_values(runs)
    names = [run.name for run in runs]
    head = ["", *(_dot(i) + escape(name) for i, name in enumerate(names))]
    rows = html_table(head, [[escape(one.name.replace("_", " ")), *_cells(one, names)] for one in found])
    notes = {one.metric: one.obstacles for one in found if one.obstacles}
    lines = "".join(
        f'<p class="note">{escape(metric)} is not ranked: {escape("; ".join(why))}.</p>'
        for metric, why in notes.items()
    )
    missing = [run for run in runs if not run.newest]
    lines += "".join(f'<p class="note">{escape(text)}</p>' for text in protocol_lines(runs))
    lines += "".join(
        f'<p class="note">{escape(run.name)} has not been evaluated: <code>ganzoo evaluate '
        f"{escape(str(run.folder.path))}</code></p>"
        for run in missing
    )
    return html_section(
        "Metrics",
        rows + lines if found else lines,
        RANKED if any(entry.rank for one in found for entry in one.entries.values()) else "With 95 % intervals.",
    )


def protocol_lines(runs: Sequence[ComparedRun]) -> list[str]:
    """Describe the evaluation protocols, one line for all metrics that share one."""
    alike: dict[str, list[str]] = {}
    for metric, protocol in shared_protocols(runs).items():
        alike.setdefault(describe_protocol(protocol, metric), []).append(metric)
    return [f"{', '.join(metrics)}: {words}" for words, metrics in alike.items()]


def _cells(row: ComparisonRow, names: Sequence[str]) -> list[str]:
    cells = []
    for name in names:
        entry = row.entries.get(name)
        if entry is None:
            cells.append(text_cell("-"))
        else:
            place = f"#{entry.rank} " if entry.rank else ""
            beside = f"{place}at {format_count(entry.images)}"
            cells.append(value_cell(entry.value, best=entry.rank == 1, beside=beside))
    return cells


def _differences(runs: Sequence[ComparedRun]) -> str:
    rows = differing_settings({run.name: run.config for run in runs})
    if not rows:
        return html_section("Differences", "<p>The configurations are equal.</p>")
    head = ["", *(_dot(i) + escape(run.name) for i, run in enumerate(runs))]
    cells = [
        [escape(path), *(text_cell(setting_text(row[run.name]) if run.name in row else "-") for run in runs)]
        for path, row in rows.items()
    ]
    return html_section(
        "Differences", html_table(head, cells), "Settings in which the runs differ; all others are equal."
    )


def _grids(runs: Sequence[ComparedRun], subjects: Mapping[str, TrainedGenerator]) -> str:
    figures = "".join(
        f'<figure><img src="{sample_sheet(subjects[run.name])}" alt="samples of {escape(run.name)}"><figcaption>'
        f"{_dot(i)}{escape(run.name)}, after {subjects[run.name].images:,} images</figcaption></figure>"
        for i, run in enumerate(runs)
        if run.name in subjects
    )
    return html_section("Samples", f'<div class="grids">{figures}</div>' if figures else "", "Of equal seeds.")


def _curves(runs: Sequence[ComparedRun]) -> str:
    by_name: dict[str, dict[int, Curve]] = {}
    for number, run in enumerate(runs):
        for curve in collect_curves(run.folder.read_metrics()):
            by_name.setdefault(curve.name, {})[number] = curve
    ordered = sorted(by_name, key=lambda name: (name == "images_per_second", not name.startswith("eval/")))
    figures = "".join(
        f"<figure><figcaption>{escape(name.replace('_', ' '))}</figcaption>{overlay(name, by_name[name])}</figure>"
        for name in ordered
    )
    return html_section("Curves", f'<div class="curves">{figures}</div>' if figures else "", "Over images seen.")


def _dot(number: int) -> str:
    return f'<span class="dot run{number % COLOURS}{" again" if number >= COLOURS else ""}"></span>'
