"""Means of logged values, accumulated on the device and read on the host at intervals."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class _Group:
    """Scalars that are added together.

    Args:
        sums: ``(N,)`` weighted sums.
        broken: ``(N,)`` call of the meter at which each sum first was not finite; ``_NEVER`` before.
        first: call at which they were first added.
        weight: sum of the weights.
    """

    sums: Tensor
    broken: Tensor
    first: int
    weight: float = 0.0


_NEVER = 2**62


class Meter:
    """Averages named scalars between reads, and records which was the first that is not finite."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, ...], _Group] = {}
        self._calls = 0

    def add(self, names: tuple[str, ...], values: Tensor, weight: float = 1.0) -> None:
        """Add detached scalars ``(N,)`` with a weight, without reading from the device."""
        group = self._groups.get(names)
        if group is None:
            never = torch.full_like(values, _NEVER, dtype=torch.int64)
            group = self._groups[names] = _Group(torch.zeros_like(values), never, self._calls)
        group.sums.add_(values, alpha=weight)
        earliest = group.broken.clamp_max(self._calls)  # once broken, a sum stays broken
        group.broken = torch.where(torch.isfinite(group.sums), group.broken, earliest)
        group.weight += weight
        self._calls += 1

    def read(self) -> dict[str, float]:
        """Return the mean of each scalar since the last read, and start again; synchronises with the device once."""
        if not self._groups:
            return {}
        names = [name for group in self._groups for name in group]
        weights = [group.weight for names, group in self._groups.items() for _ in names]
        totals = torch.cat([group.sums.float() for group in self._groups.values()]).tolist()
        self._groups, self._calls = {}, 0
        sums: dict[str, tuple[float, float]] = {}
        for name, total, weight in zip(names, totals, weights, strict=True):
            before, already = sums.get(name, (0.0, 0.0))
            sums[name] = before + total, already + weight
        return {name: total / weight for name, (total, weight) in sums.items()}

    def first_broken(self) -> tuple[str, bool] | None:
        """Return the first scalar that was not finite and whether it never was finite; None if all are.

        It reads from the device and keeps the sums.
        """
        found = [
            (call, name, call == group.first)
            for names, group in self._groups.items()
            for name, call in zip(names, group.broken.tolist(), strict=True)
            if call != _NEVER
        ]
        first = min(found, key=lambda item: item[0], default=None)
        return first and first[1:]
