"""Print Spearman's rank correlation of the pairs that two leaderboards share.

    python tools/rank_correlation.py ONE/leaderboard.md OTHER/leaderboard.md

Pairs that only one of the two ranks are left out and counted. Used for docs/gallery/results.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import correlation


def main() -> None:
    """Print rho and the number of pairs."""
    options = parse_options()
    one, other = (read_ranks(file.read_text(encoding="utf-8")) for file in (options.one, options.other))
    shared = [pair for pair in one if pair in other]
    rho = correlation(*(rank([board[pair] for pair in shared]) for board in (one, other)))
    left = len(one) + len(other) - 2 * len(shared)
    print(f"rho {rho:.3f} of {len(shared)} pairs{f'; {left} ranked by one of the two alone' if left else ''}")


def read_ranks(board: str) -> dict[tuple[str, str], float]:
    """Read recipe and loss of each row that has a rank."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in board.splitlines() if line[:1] == "|"]
    return {(row[1], row[2]): float(row[0]) for row in rows if row[0].isdigit()}


def rank(values: list[float]) -> list[float]:
    """Rank values from 1; equal values share the mean of their ranks."""
    return [sum(other < one for other in values) + (values.count(one) + 1) / 2 for one in values]


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
