"""The report of a run with its evaluations: newest metrics, their protocols, sample sheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from ganzoo.errors import BadRun
from ganzoo.evaluation.comparison import newest_by_metric
from ganzoo.evaluation.protocol import describe_protocol
from ganzoo.evaluation.record import Evaluation, label_values, read_evaluations
from ganzoo.report.html import html_section, html_table, text_cell, value_cell
from ganzoo.report.images import inline
from ganzoo.report.run_page import write_report
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import format_count


def write_run_report(folder: RunFolder) -> None:
    """Write a run's ``report.html`` with its evaluations.

    Raises:
        BadRun: the folder cannot be read or written.
    """
    write_report(folder, evaluations_section(folder))


def evaluations_section(folder: RunFolder) -> str:
    """Write the newest values of each metric as HTML; nothing for a run without evaluations."""
    try:
        newest = newest_by_metric(read_evaluations(folder))
    except BadRun as error:
        return html_section("Evaluations", f'<p class="note">{escape(str(error))}</p>')
    rows = _rows(newest)
    inside = (
        html_table(["", "value", "after"], rows) + _notes(newest) + _pictures(folder, newest.values()) if rows else ""
    )
    return html_section("Evaluations", inside, "The newest values of each metric, with 95 % intervals where known.")


def _rows(newest: Mapping[str, Evaluation]) -> list[Sequence[str]]:
    """Write a row per value, named as in the table of one evaluation."""
    values = label_values({metric: evaluation.values[metric] for metric, evaluation in newest.items()})
    after = [format_count(found.images) for metric, found in newest.items() for _ in found.values[metric]]
    return [
        (escape(name.replace("_", " ")), value_cell(value), text_cell(f"{images} images"))
        for (name, value), images in zip(values.items(), after, strict=True)
    ]


def _notes(newest: Mapping[str, Evaluation]) -> str:
    alike: dict[str, list[str]] = {}
    for metric, evaluation in newest.items():
        alike.setdefault(describe_protocol(evaluation.protocol, metric), []).append(metric)
    lines = (f"{', '.join(names)}: {words}" for words, names in alike.items())
    return "".join(f'<p class="note">{escape(line)}</p>' for line in lines)


def _pictures(folder: RunFolder, found: Iterable[Evaluation]) -> str:
    stems = dict.fromkeys(evaluation.file_name.removesuffix(".json") for evaluation in found)
    files = [(stem, file) for stem in stems for file in sorted(folder.evaluations.glob(f"{stem}-*.png"))]
    figures = "".join(
        f'<figure><img src="{inline(file)}" alt="{escape(name)}"><figcaption>{escape(name)}</figcaption></figure>'
        for stem, file in files
        for name in [file.stem.removeprefix(f"{stem}-").replace("-", " ")]
    )
    return f'<div class="stage">{figures}</div>' if figures else ""
