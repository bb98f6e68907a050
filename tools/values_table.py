"""Print values of runs as a Markdown table, from the files of their evaluations or their logged metrics.

    python tools/values_table.py RUN... --values fd,kid,modes
    python tools/values_table.py RUN... --values health/overfit --last 4 [--until 112000]

A row is an evaluation: run, images seen, and each value with the half-width of its 95 % interval. With ``--last`` a row
is a run: the images at the last logged step with such values, and each value's mean over the last steps that have it.
Used for docs/gallery/results.md, so that no number there is typed by hand.
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
    """Print the table, and below it how the values were measured."""
    options = parse_options()
    names = options.values.split(",")
    print(format_row(["run", "images", *names]))
    print("|" + " --- |" * (2 + len(names)))
    if options.last:
        for run in options.runs:
            logged = RunFolder(run).read_metrics()
            print(format_row([f"`{run.name}`", *average(logged, names, options.last, options.until)]))
        return
    found = [evaluation for run in options.runs for evaluation in read_evaluations(RunFolder(run))]
    for evaluation in found:
        print(format_row([f"`{evaluation.run}`", format_count(evaluation.images), *format_cells(evaluation, names)]))
    for protocol in dict.fromkeys(describe_measurement(evaluation) for evaluation in found):
        print(f"\n- {protocol}")


def average(logged: Sequence[Mapping[str, float]], names: Sequence[str], last: int, until: float) -> list[str]:
    """Return the images of the newest step with such values, and each value's mean over the last steps."""
    within = [event for event in logged if event["images"] <= until and any(name in event for name in names)]
    if not within:
        return ["-"] * (1 + len(names))
    found = [[event[name] for event in within if name in event][-last:] for name in names]
    return [format_count(within[-1]["images"]), *(f"{fmean(values):.3f}" if values else "-" for values in found)]


def format_cells(evaluation: Evaluation, names: list[str]) -> list[str]:
    """Format the values of an evaluation, with a dash for a missing one."""
    values = label_values(evaluation.values)
    return [format_value(values[name]) if name in values else "-" for name in names]


def format_value(value: MetricValue) -> str:
    """Format a value with the half-width of its interval."""
    half = half_interval(value)
    return format_number(value.value) + ("" if half is None else f" ± {half_interval_text(half)}")


def describe_measurement(evaluation: Evaluation) -> str:
    """Describe how the values of an evaluation were measured."""
    torch = (evaluation.versions or {}).get("torch", "")
    return (
        f"{describe_protocol(evaluation.protocol, next(iter(evaluation.values)))}, {evaluation.device}, torch {torch}"
    )


def format_row(texts: list[str]) -> str:
    """Format a row."""
    return "| " + " | ".join(texts) + " |"


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--values", default="fd,kid")
    parser.add_argument("--last", type=int, default=0, help="logged steps to average; 0 prints a row per evaluation")
    parser.add_argument("--until", type=float, default=math.inf, help="images; later steps are left out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
