"""Print the readings of runs as a Markdown table, off the files their evaluations wrote.

    python tools/values_table.py RUN... --readings fd,kid,modes
    python tools/values_table.py RUN... --readings health/overfit --last 4 [--until 112000]

A row is an evaluation: run, images seen, each reading with half its 95 % interval. With ``--last`` a row is a run: the
images of the last tick that has the readings, and the mean of each over the last so many ticks that have it. Used for
docs/gallery/results.md, so that no number there is typed by hand.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from ganzoo.evaluation.protocol import describe_protocol
from ganzoo.evaluation.record import Evaluation, half_interval, half_interval_text, label_values, read_evaluations
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import format_count, format_number


def main() -> None:
    """Print the table, and below it how the readings were taken."""
    options = parse()
    names = options.readings.split(",")
    print(row(["run", "images", *names]))
    print("|" + " --- |" * (2 + len(names)))
    if options.last:
        for run in options.runs:
            print(row([f"`{run.name}`", *means(RunFolder(run).read_metrics(), names, options.last, options.until)]))
        return
    found = [evaluation for run in options.runs for evaluation in read_evaluations(RunFolder(run))]
    for evaluation in found:
        print(row([f"`{evaluation.run}`", format_count(evaluation.images), *cells(evaluation, names)]))
    for terms in dict.fromkeys(terms_of(evaluation) for evaluation in found):
        print(f"\n- {terms}")


def means(ticks: Sequence[Mapping[str, float]], names: Sequence[str], last: int, until: float) -> list[str]:
    """Write the images of the newest tick with such readings, and each reading's mean over the last ones."""
    within = [event for event in ticks if event["images"] <= until and any(name in event for name in names)]
    if not within:
        return ["-"] * (1 + len(names))
    found = [[event[name] for event in within if name in event][-last:] for name in names]
    return [format_count(within[-1]["images"]), *(f"{fmean(values):.3f}" if values else "-" for values in found)]


def cells(evaluation: Evaluation, names: list[str]) -> list[str]:
    """Write the wanted readings, a dash for one that is not there."""
    readings = label_values(evaluation.values)
    return [shown(readings[name]) if name in readings else "-" for name in names]


def shown(reading: MetricValue) -> str:
    """Write a reading with half its interval."""
    half = half_interval(reading)
    return format_number(reading.value) + ("" if half is None else f" ± {half_interval_text(half)}")


def terms_of(evaluation: Evaluation) -> str:
    """Say how readings were taken."""
    torch = (evaluation.versions or {}).get("torch", "")
    return (
        f"{describe_protocol(evaluation.protocol, next(iter(evaluation.values)))}, {evaluation.device}, torch {torch}"
    )


def row(texts: list[str]) -> str:
    """Write a row."""
    return "| " + " | ".join(texts) + " |"


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--readings", default="fd,kid")
    parser.add_argument("--last", type=int, default=0, help="ticks to average; else a row an evaluation")
    parser.add_argument("--until", type=float, default=math.inf, help="images; later ticks are left out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
