"""The rows of ``cover_pairs`` fit, hold every pair that can be, and are far fewer than all."""

from __future__ import annotations

import random
from itertools import product

import pytest

from ganzoo.checks.combinations import Row, cover_pairs, pairs_of

AXES = {"a": "pqrs", "b": "pq", "c": "pqr", "d": "pqrs", "e": "pq"}


def everything(axes: dict[str, str]) -> list[Row]:
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]


def held(rows: list[Row], axes: dict[str, str]) -> set[object]:
    return {pair for row in rows for pair in pairs_of(row, axes)}


@pytest.mark.parametrize("seed", range(12))
def test_all_fitting_pairs_are_covered_under_any_rule(seed: int) -> None:
    random.seed(seed)
    banned = [dict(random.sample(sorted(row.items()), 2 + seed % 2)) for row in random.sample(everything(AXES), 12)]

    def fits(row: Row) -> bool:
        return not any(ban.items() <= row.items() for ban in banned)

    rows, all_fitting = cover_pairs(AXES, fits), [row for row in everything(AXES) if fits(row)]
    assert all(row in all_fitting for row in rows)
    assert held(rows, AXES) == held(all_fitting, AXES)


def test_without_a_rule_the_rows_are_few_and_always_the_same() -> None:
    rows = cover_pairs(AXES, lambda row: True)
    assert held(rows, AXES) == held(everything(AXES), AXES)
    assert 16 <= len(rows) <= 24 < len(everything(AXES)) == 192
    assert rows == cover_pairs(AXES, lambda row: True)


def test_nothing_fits_nothing_is_chosen() -> None:
    assert cover_pairs(AXES, lambda row: len(row) < 5) == []
