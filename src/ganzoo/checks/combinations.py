"""All pairs: few combinations that together hold every pair of components that can be in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

Row: TypeAlias = dict[str, str]
Cell: TypeAlias = tuple[str, str]


def cover_pairs(axes: Mapping[str, Sequence[str]], fits: Callable[[Row], bool]) -> list[Row]:
    """Choose rows, one value an axis, greedily and always in the same way.

    Every pair of values that occurs in some fitting row occurs in a chosen one (Cohen et al. 1997, "The AETG system").

    Args:
        axes: values by axis.
        fits: whether a row is allowed; for an incomplete row, False means that no completion is.

    Returns:
        Complete rows, all of which fit.
    """
    cells = [(axis, value) for axis, values in axes.items() for value in values]
    todo = {pair: None for pair in combinations(cells, 2) if pair[0][0] != pair[1][0]}
    rows: list[Row] = []
    while todo:
        pair = next(iter(todo))
        row = _complete(dict(pair), axes, todo, fits)
        covered = pairs_of(row, axes) if row else [pair]
        for each in covered:
            todo.pop(each, None)
        rows += [row] if row else []
    return rows


def pairs_of(row: Row, axes: Mapping[str, Sequence[str]]) -> list[tuple[Cell, Cell]]:
    """List the pairs of values in a row, in the order of the axes."""
    return list(combinations([(axis, row[axis]) for axis in axes if axis in row], 2))


def _complete(
    row: Row, axes: Mapping[str, Sequence[str]], todo: Mapping[tuple[Cell, Cell], None], fits: Callable[[Row], bool]
) -> Row | None:
    """Fill the open axes with the values that cover most, stepping back where nothing fits."""
    if not fits(row):
        return None
    open_axis = next((axis for axis in axes if axis not in row), None)
    if open_axis is None:
        return row
    tried = [{**row, open_axis: value} for value in axes[open_axis]]
    for wider in sorted(tried, key=lambda r: -sum(pair in todo for pair in pairs_of(r, axes))):
        found = _complete(wider, axes, todo, fits)
        if found:
            return found
    return None
