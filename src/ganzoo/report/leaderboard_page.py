"""A leaderboard as Markdown and as a page; every number comes from the runs' own files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ganzoo.evaluation.leaderboard import Leaderboard, Row, find_ranking_value, run_folder
from ganzoo.evaluation.record import Evaluation, half_interval_text
from ganzoo.evaluation.statistics import MeanWithInterval
from ganzoo.interfaces.measurement import Direction
from ganzoo.report.html import html_document, html_section, html_table, text_cell
from ganzoo.report.images import inline
from ganzoo.report.run_page import environment
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import format_count, format_number

_ARROW: dict[Direction, str] = {"lower": " ↓", "higher": " ↑", "neither": ""}


@dataclass(frozen=True)
class LeaderboardFacts:
    """Facts printed with a leaderboard.

    Args:
        place: folder of the leaderboard.
        command: command line that made it.
        seeds: seeds of the runs.
        images: real images each run's discriminator sees.
        commit: commit of the code, printed only if the runs have not recorded theirs.
    """

    place: Path
    command: str
    seeds: tuple[int, ...]
    images: int
    commit: str = ""


def markdown(board: Leaderboard, about: LeaderboardFacts) -> str:
    """Write a board as Markdown."""
    columns = _columns(board)
    head = [
        *_rank_title(board),
        "recipe",
        "loss",
        *(name + _ARROW[better] for name, better in columns.items()),
        "seeds",
    ]
    lines = ["# Leaderboard", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in board.rows:
        cells = [_shown(row, name) for name in columns]
        first = [str(row.rank or "-")] if _rank_title(board) else []
        lines.append("| " + " | ".join([*first, row.recipe, row.loss, *cells, _seeds(row, about)]) + " |")
    lines += ["", *notes(board, about)]
    if board.incompatible:
        lines += ["", "## Does not fit", "", *(f"- {pair}: {why}" for pair, why in board.incompatible)]
    facts = "\n".join(f"- {name}: {text}" for name, text in collect_facts(board, about).items())
    return "\n".join([*lines, "", "## How it was measured", "", facts, ""])


def page(board: Leaderboard, about: LeaderboardFacts) -> str:
    """Write a board as HTML."""
    columns = _columns(board)
    titles = [*(escape(name) + _ARROW[better] for name, better in columns.items()), "seeds"]
    rows = [
        [
            _place(row) + escape(f"{row.recipe}, {row.loss}"),
            *(_cell(row, name) for name in columns),
            text_cell(_seeds(row, about)),
        ]
        for row in board.rows
    ]
    lines = "".join(f'<p class="note">{escape(note)}</p>' for note in notes(board, about))
    incompatible = [[escape(str(pair)), text_cell(why)] for pair, why in board.incompatible]
    facts = [[escape(name), text_cell(text)] for name, text in collect_facts(board, about).items()]
    body = (
        f'<header><p class="state">{len(board.rows)} pairs, {len(about.seeds)} seeds, '
        f"{format_count(about.images)} images</p>"
        f"<h1>Leaderboard</h1></header>",
        html_section(
            "Standing", html_table(["", *titles], rows) + lines, "Means over seeds with their 95 % t-intervals."
        ),
        html_section("Samples", _sheets(board, about), "The last sheet of each pair's first seed."),
        html_section("Does not fit", html_table(["", "why"], incompatible) if incompatible else ""),
        html_section("How it was measured", html_table(["", ""], facts)),
    )
    return html_document("leaderboard", "".join(body))


def notes(board: Leaderboard, about: LeaderboardFacts) -> list[str]:
    """Return the notes below the table: why nothing is ranked, which runs failed, how certain the ranks are."""
    lines = [f"Not ranked: the evaluation protocols differ: {'; '.join(board.obstacles)}."] if board.obstacles else []
    lines += [
        f"{row.recipe} with {row.loss}, seed {seed}: {why}" for row in board.rows for seed, why in row.failures.items()
    ]
    if any(row.rank is None and row.evaluations and row.failures for row in board.rows):
        lines.append("A pair with a seed that diverged is not ranked: the other seeds alone would look too good.")
    return lines + _certainty(board)


def _certainty(board: Leaderboard) -> list[str]:
    """Describe how certain the ranks are: they order means, whatever the intervals."""
    name = find_ranking_value(board.rows)
    means = [row.means()[name or ""][0] for row in board.rows if row.rank is not None]
    if len(means) < 2:
        return []
    if any(mean.half is None for mean in means):
        return ["Ranks order single runs: another seed may change them by an unknown amount."]
    first, *rest = means
    near = sum(abs(mean.mean - first.mean) <= (mean.half or 0) + (first.half or 0) for mean in rest)
    return [f"Ranks order the means. By their intervals {near} of the {len(rest)} others may be as good as the first."]


def collect_facts(board: Leaderboard, about: LeaderboardFacts) -> dict[str, str]:
    """Collect the facts needed to repeat a leaderboard."""
    found = [evaluation for row in board.rows for evaluation in row.evaluations.values()]
    facts = {
        "command": about.command,
        "seeds": ", ".join(map(str, about.seeds)),
        "images seen": _images(found, about),
        **_protocols(found),
        "evaluated on": ", ".join(dict.fromkeys(evaluation.device for evaluation in found)),
        "trained on": _machines(board, about),
        "versions": "; ".join(dict.fromkeys(_versions(evaluation) for evaluation in found)),
        "commit": ", ".join(_commits(board, about)),
        "newest evaluation": max((evaluation.made for evaluation in found), default=""),
    }
    return {name: text for name, text in facts.items() if text}


def _images(found: Sequence[Evaluation], about: LeaderboardFacts) -> str:
    """Describe how many reals the discriminators saw: whole steps, so a few more than were asked for."""
    seen = [evaluation.images for evaluation in found]
    if not seen or set(seen) == {about.images}:
        return f"{about.images:,}"
    most = f" to {max(seen):,}" if max(seen) > min(seen) else ""
    return f"{min(seen):,}{most}; {about.images:,} were asked for"


def _protocols(found: Sequence[Evaluation]) -> dict[str, str]:
    """Describe the evaluation protocol; where rows differ, every one of them."""
    facts = [_protocol(evaluation) for evaluation in found]
    return {name: "; or ".join(dict.fromkeys(one[name] for one in facts)) for name in (facts[0] if facts else ())}


def _protocol(evaluation: Evaluation) -> dict[str, str]:
    protocol = evaluation.protocol
    features, samples = protocol.features, protocol.samples
    return {
        "data": f"{protocol.data['fingerprint'][:16]}, {'x'.join(map(str, protocol.data['shape']))}",
        "samples": f"{samples['fakes']:,} fakes against {samples['reals']:,} reals, seed {samples['seed']}",
        "features": f"{features['name']} ({features['hash'][:16]}), resizer {features['resizer']}",
        "metrics": "; ".join(
            " ".join([name, *(f"{setting}={value}" for setting, value in metric["settings"].items())])
            for name, metric in protocol.metrics.items()
        ),
    }


def _versions(evaluation: Evaluation) -> str:
    return ", ".join(f"{name} {text}" for name, text in (evaluation.versions or {}).items())


def _commits(board: Leaderboard, about: LeaderboardFacts) -> list[str]:
    """Return the commits the runs were trained at; the present one if no run has recorded its own."""
    own = [environment(folder).get("commit", "") for folder in _folders(board, about)]
    return list(dict.fromkeys(str(commit) for commit in own if commit)) or [about.commit]


def _machines(board: Leaderboard, about: LeaderboardFacts) -> str:
    named = [environment(folder).get("machine", {}).get("device", "") for folder in _folders(board, about)]
    return ", ".join(dict.fromkeys(name for name in named if name))


def _folders(board: Leaderboard, about: LeaderboardFacts) -> list[RunFolder]:
    return [run_folder(about.place, row.recipe, row.loss, seed) for row in board.rows for seed in row.evaluations]


def _columns(board: Leaderboard) -> dict[str, Direction]:
    return {name: better for row in board.rows for name, (_, better) in row.means().items()}


def _rank_title(board: Leaderboard) -> list[str]:
    return ["rank"] if any(row.rank for row in board.rows) else []


def _text(found: MeanWithInterval) -> str:
    return format_number(found.mean) + (f" ± {half_interval_text(found.half)}" if found.half is not None else "")


def _shown(row: Row, name: str) -> str:
    found = row.means().get(name)
    return _text(found[0]) if found else "-"


def _cell(row: Row, name: str) -> str:
    text = escape(_shown(row, name))
    return f'<td class="best">{text}</td>' if row.rank == 1 else f"<td>{text}</td>"


def _place(row: Row) -> str:
    return f"<b>{row.rank}.</b> " if row.rank else ""


def _seeds(row: Row, about: LeaderboardFacts) -> str:
    done = f"{len(row.evaluations)} of {len(about.seeds)}"
    return done + (f", {len(row.failures)} diverged" if row.failures else "")


def _sheets(board: Leaderboard, about: LeaderboardFacts) -> str:
    figures = []
    for row in board.rows:
        sheets = _last_sheets(row, about)
        if sheets:
            name = escape(f"{row.recipe}, {row.loss}")
            figures.append(
                f'<figure><img src="{inline(sheets[-1])}" alt="{name}"><figcaption>{name}</figcaption></figure>'
            )
    return f'<div class="grids">{"".join(figures)}</div>' if figures else ""


def _last_sheets(row: Row, about: LeaderboardFacts) -> Sequence[Path]:
    seed = next(iter(row.evaluations), None)
    if seed is None:
        return []
    return sorted(run_folder(about.place, row.recipe, row.loss, seed).samples.glob("[0-9]*.png"))
