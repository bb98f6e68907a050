"""Print the readings of runs as a Markdown table, off the files their evaluations wrote.

    python tools/readings_table.py RUN... --readings fd,kid,modes

A row is an evaluation: run, images seen, each reading with half its 95 % interval. Used for docs/gallery/results.md, so
that no number there is typed by hand.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ganzoo.evaluation.protocol import in_words
from ganzoo.evaluation.record import Evaluation, evaluations, half_text, interval, labelled
from ganzoo.measurement import Reading
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import count, number


def main() -> None:
    """Print the table, and below it how the readings were taken."""
    options = parse()
    names = options.readings.split(",")
    print(row(["run", "images", *names]))
    print("|" + " --- |" * (2 + len(names)))
    found = [evaluation for run in options.runs for evaluation in evaluations(RunFolder(run))]
    for evaluation in found:
        print(row([f"`{evaluation.run}`", count(evaluation.images), *cells(evaluation, names)]))
    for terms in dict.fromkeys(terms_of(evaluation) for evaluation in found):
        print(f"\n- {terms}")


def cells(evaluation: Evaluation, names: list[str]) -> list[str]:
    """Write the wanted readings, a dash for one that is not there."""
    readings = labelled(evaluation.readings)
    return [shown(readings[name]) if name in readings else "-" for name in names]


def shown(reading: Reading) -> str:
    """Write a reading with half its interval."""
    half = interval(reading)
    return number(reading.value) + ("" if half is None else f" ± {half_text(half)}")


def terms_of(evaluation: Evaluation) -> str:
    """Say how readings were taken."""
    torch = (evaluation.versions or {}).get("torch", "")
    return f"{in_words(evaluation.stamp, next(iter(evaluation.readings)))}, {evaluation.device}, torch {torch}"


def row(texts: list[str]) -> str:
    """Write a row."""
    return "| " + " | ".join(texts) + " |"


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--readings", default="fd,kid")
    return parser.parse_args()


if __name__ == "__main__":
    main()
