"""Readings of a run, gathered on the device and read on the host once a tick."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class _Group:
    """Scalars that come together.

    Args:
        sums: ``(N,)`` of their values.
        broken: ``(N,)``: the call of the meter at which each sum was not finite first; ``_NEVER`` until then.
        begun: the call at which they came first.
        weight: of all that came.
    """

    sums: Tensor
    broken: Tensor
    begun: int
    weight: float = 0.0


_NEVER = 2**62


class Meter:
    """Means of named scalars since the last reading, and which of them broke first."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, ...], _Group] = {}
        self._calls = 0

    def add(self, names: tuple[str, ...], values: Tensor, weight: float = 1.0) -> None:
        """Add detached scalars ``(N,)`` that come together, with their weight; nothing is read from the device."""
        group = self._groups.get(names)
        if group is None:
            never = torch.full_like(values, _NEVER, dtype=torch.int64)
            group = self._groups[names] = _Group(torch.zeros_like(values), never, self._calls)
        group.sums.add_(values, alpha=weight)
        earliest = group.broken.clamp_max(self._calls)  # a sum stays broken once it is
        group.broken = torch.where(torch.isfinite(group.sums), group.broken, earliest)
        group.weight += weight
        self._calls += 1

    def read(self) -> dict[str, float]:
        """Give the mean of each scalar since the last reading, and start anew. One host synchronisation."""
        if not self._groups:
            return {}
        names = [name for group in self._groups for name in group]
        weights = [group.weight for names, group in self._groups.items() for _ in names]
        totals = torch.cat([group.sums.float() for group in self._groups.values()]).tolist()
        self._groups, self._calls = {}, 0
        told: dict[str, tuple[float, float]] = {}
        for name, total, weight in zip(names, totals, weights, strict=True):
            before, already = told.get(name, (0.0, 0.0))
            told[name] = before + total, already + weight
        return {name: total / weight for name, (total, weight) in told.items()}

    def first_broken(self) -> tuple[str, bool] | None:
        """Name the scalar that was not finite first, and say whether it never was; None if all are finite.

        Reads from the device; what was gathered stays.
        """
        found = [
            (call, name, call == group.begun)
            for names, group in self._groups.items()
            for name, call in zip(names, group.broken.tolist(), strict=True)
            if call != _NEVER
        ]
        first = min(found, key=lambda item: item[0], default=None)
        return first and first[1:]
