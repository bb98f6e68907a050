"""``ganzoo check``: check components and recipes against the rules of their kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from ganzoo.cli import completion
from ganzoo.cli.context import load_context_registry, plugin_files
from ganzoo.cli.options import AsJson
from ganzoo.cli.records import RECORD_KINDS, Json, broken_as_json, broken_line, count_words, print_json
from ganzoo.errors import UnknownName

if TYPE_CHECKING:
    from ganzoo.checks import Result
    from ganzoo.checks.selection import Selection
    from ganzoo.registry.registry import Entry, Registry

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME",
        help="Components, recipes or distributions to check.",
        autocompletion=completion.names(*RECORD_KINDS),
    ),
]
All = Annotated[bool, typer.Option("--all", help="Check everything that is installed.")]


def check(names: Names = None, everything: All = False, machine: AsJson = False) -> None:
    """Check that components and recipes obey the rules of their kind; the exit code is 1 if one does not.

    Examples: `ganzoo check dcgan`, `ganzoo check ganzoo-wgan-gp`, `ganzoo --plugin mine.py check`.
    """
    from ganzoo.checks.selection import select_records

    files = plugin_files()
    if not (names or everything or files):
        raise UnknownName("name what to check: ganzoo check NAME, or ganzoo check --all.")
    if names and everything:
        raise UnknownName(f"--all checks everything: drop it, or drop {' '.join(names)}.")
    registry = load_context_registry()
    chosen = select_records(registry, [] if everything else names or [], () if everything or names else files)
    failed = _print_as_json(registry, chosen) if machine else _print_as_text(registry, chosen)
    raise typer.Exit(int(failed or bool(chosen.broken)))


def run_checks(registry: Registry, entry: Entry) -> list[Result]:
    """Run every check of one record."""
    from ganzoo.checks import checks_for, run_check

    return [run_check(each) for each in checks_for(entry, registry)]


def summary(entry: Entry, results: Sequence[Result]) -> Text:
    """Summarise one record in a line: its name, and how many checks passed, failed and were skipped."""
    counts = Counter(result.status for result in results)
    text = ", ".join(f"{counts[status]} {status}" for status in ("passed", "failed", "skipped") if counts[status])
    mark, style = ("FAILED", "bold red") if counts["failed"] else ("ok", "green")
    return Text.assemble((f"{mark:<7}", style), f"{entry.kind} ", (entry.record.name, "cyan"), (f"  {text}", "dim"))


def reasons(results: Sequence[Result], status: str) -> Iterator[str]:
    """Write why checks have a status, those with the same reason in one line."""
    grouped: dict[str, list[str]] = {}
    for result in results:
        if result.status == status:
            grouped.setdefault(result.reason, []).append(result.check.name)
    for reason, names in grouped.items():
        yield f"  {status} {', '.join(names)}: {reason}"


def _print_as_text(registry: Registry, chosen: Selection) -> bool:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    counts: Counter[str] = Counter()
    for entry in chosen.entries:
        results = run_checks(registry, entry)
        counts.update(result.status for result in results)
        console.print(summary(entry, results))
        for line in reasons(results, "failed"):
            console.print(line, style="red")
        for line in reasons(results, "skipped"):
            console.print(line, style="dim")
    for broken in chosen.broken:
        console.print(broken_line(broken), style="red")
    total = f"{count_words(len(chosen.entries), 'record')}, {count_words(counts.total(), 'check')}"
    console.print(f"{total}: {', '.join(f'{number} {status}' for status, number in counts.items())}", style="bold")
    return bool(counts["failed"])


def _print_as_json(registry: Registry, chosen: Selection) -> bool:
    rows: list[Json] = []
    failed = False
    for entry in chosen.entries:
        for result in run_checks(registry, entry):
            failed |= result.status == "failed"
            rows.append(_as_json(entry, result))
    print_json({"results": rows, "broken": [broken_as_json(broken) for broken in chosen.broken]})
    return failed


def _as_json(entry: Entry, result: Result) -> dict[str, Json]:
    return {
        "kind": entry.kind, "name": entry.record.name, "distribution": entry.plugin.distribution,
        "check": result.check.name, "law": result.check.law, "status": result.status, "reason": result.reason,
    }  # fmt: skip
