"""The page of ``ganzoo compare``: readings, differences, samples of equal seeds, curves."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from ganzoo.evaluation.compare import Contestant, Standing, differing, protocols, standings
from ganzoo.evaluation.overlay import COLOURS, overlay
from ganzoo.evaluation.pages import document, measured, said, section, table
from ganzoo.evaluation.protocol import in_words
from ganzoo.evaluation.subject import Subject
from ganzoo.runs import sheets
from ganzoo.runs.curves import Curve, curves_of
from ganzoo.runs.pictures import inline
from ganzoo.runs.units import count
from ganzoo.sampling import sample
from ganzoo.specs import Value

SHOWN, SCATTERED = 36, 1024
"""Samples of a run that are drawn: images, and points."""

RANKED = (
    "Taken alike, with 95 % intervals. A rank is one more than there are runs clearly better; "
    "a reading without an interval ranks by its value alone, whatever chance had in it."
)


def page(runs: Sequence[Contestant], subjects: Mapping[str, Subject]) -> str:
    """Write the comparison as HTML.

    Args:
        runs: in the order of their colours.
        subjects: generators by run, of those that have a checkpoint.
    """
    listed = "".join(f"<li>{_dot(i)}{escape(run.name)}</li>" for i, run in enumerate(runs))
    head = (
        f'<header><p class="state">{len(runs)} runs compared</p>'
        f"<h1>{escape(' against '.join(run.name for run in runs[:3]))}{' ...' if len(runs) > 3 else ''}</h1>"
        f'<ul class="parts">{listed}</ul></header>'
    )
    body = (head, _readings(runs), _differences(runs), _grids(runs, subjects), _curves(runs))
    return document("comparison", "".join(body))


def sheet_of(subject: Subject) -> str:
    """Draw a generator's samples of the first seeds as a picture inside the page, classes in turn."""
    shape, classes = subject.dataset.shape, subject.dataset.num_classes if subject.conditional else 0
    seeds = range(SHOWN if len(shape) == 3 else SCATTERED)
    labels = [seed % classes if classes else 0 for seed in seeds]
    device = next(subject.generator.parameters()).device
    made = sheets.to_uint8(sample(subject.generator, seeds, labels, device))
    with tempfile.TemporaryDirectory() as place:
        return inline(sheets.save(sheets.sheet(made, 6), Path(place) / "sheet.png"))


def text_of(value: Value) -> str:
    """Write a setting's value as ``--set`` would take it."""
    if isinstance(value, tuple):
        return ",".join(map(text_of, value)) or "none"
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _readings(runs: Sequence[Contestant]) -> str:
    found = standings(runs)
    names = [run.name for run in runs]
    head = ["", *(_dot(i) + escape(name) for i, name in enumerate(names))]
    rows = table(head, [[escape(one.name.replace("_", " ")), *_cells(one, names)] for one in found])
    notes = {one.metric: one.obstacles for one in found if one.obstacles}
    told = "".join(
        f'<p class="note">{escape(metric)} is not ranked: {escape("; ".join(why))}.</p>'
        for metric, why in notes.items()
    )
    missing = [run for run in runs if not run.newest]
    told += "".join(f'<p class="note">{escape(text)}</p>' for text in protocol_lines(runs))
    told += "".join(
        f'<p class="note">{escape(run.name)} has not been evaluated: <code>ganzoo evaluate '
        f"{escape(str(run.folder.path))}</code></p>"
        for run in missing
    )
    return section(
        "Readings",
        rows + told if found else told,
        RANKED if any(entry.rank for one in found for entry in one.entries.values()) else "With 95 % intervals.",
    )


def protocol_lines(runs: Sequence[Contestant]) -> list[str]:
    """Say how readings were taken, a line for the metrics that were read alike."""
    alike: dict[str, list[str]] = {}
    for metric, stamp in protocols(runs).items():
        alike.setdefault(in_words(stamp, metric), []).append(metric)
    return [f"{', '.join(metrics)}: {words}" for words, metrics in alike.items()]


def _cells(standing: Standing, names: Sequence[str]) -> list[str]:
    cells = []
    for name in names:
        entry = standing.entries.get(name)
        if entry is None:
            cells.append(said("-"))
        else:
            place = f"#{entry.rank} " if entry.rank else ""
            beside = f"{place}at {count(entry.images)}"
            cells.append(measured(entry.reading, best=entry.rank == 1, beside=beside))
    return cells


def _differences(runs: Sequence[Contestant]) -> str:
    rows = differing({run.name: run.config for run in runs})
    if not rows:
        return section("Differences", "<p>The configurations are equal.</p>")
    head = ["", *(_dot(i) + escape(run.name) for i, run in enumerate(runs))]
    cells = [
        [escape(path), *(said(text_of(row[run.name]) if run.name in row else "-") for run in runs)]
        for path, row in rows.items()
    ]
    return section("Differences", table(head, cells), "Settings in which the runs differ; all others are equal.")


def _grids(runs: Sequence[Contestant], subjects: Mapping[str, Subject]) -> str:
    figures = "".join(
        f'<figure><img src="{sheet_of(subjects[run.name])}" alt="samples of {escape(run.name)}"><figcaption>{_dot(i)}'
        f"{escape(run.name)}, after {subjects[run.name].images:,} images</figcaption></figure>"
        for i, run in enumerate(runs)
        if run.name in subjects
    )
    return section("Samples", f'<div class="grids">{figures}</div>' if figures else "", "Of equal seeds.")


def _curves(runs: Sequence[Contestant]) -> str:
    by_name: dict[str, dict[int, Curve]] = {}
    for number, run in enumerate(runs):
        for curve in curves_of(run.folder.readings()):
            by_name.setdefault(curve.name, {})[number] = curve
    ordered = sorted(by_name, key=lambda name: (name == "images_per_second", not name.startswith("eval/")))
    figures = "".join(
        f"<figure><figcaption>{escape(name.replace('_', ' '))}</figcaption>{overlay(name, by_name[name])}</figure>"
        for name in ordered
    )
    return section("Curves", f'<div class="curves">{figures}</div>' if figures else "", "Over images seen.")


def _dot(number: int) -> str:
    return f'<span class="dot run{number % COLOURS}{" again" if number >= COLOURS else ""}"></span>'
