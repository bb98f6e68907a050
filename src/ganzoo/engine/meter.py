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
        sound: ``(N,)``: how many values each had before its first that is not finite.
        count: how often they came.
    """

    sums: Tensor
    sound: Tensor
    count: int


class Meter:
    """Means of named scalars since the last reading, and which of them broke first."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, ...], _Group] = {}

    def add(self, names: tuple[str, ...], values: Tensor) -> None:
        """Add detached scalars ``(N,)`` that come together; nothing is read from the device."""
        group = self._groups.get(names)
        if group is None:
            self._groups[names] = _Group(values.clone(), torch.isfinite(values).long(), 1)
        else:
            group.sums += values
            group.sound += torch.isfinite(group.sums)  # a sum stays broken once it is
            group.count += 1

    def read(self) -> dict[str, float]:
        """Give the mean of each scalar since the last reading, and start anew. One host synchronisation."""
        if not self._groups:
            return {}
        names = [name for group in self._groups for name in group]
        means = torch.cat([group.sums.float() / group.count for group in self._groups.values()]).tolist()
        self._groups = {}
        return dict(zip(names, means, strict=True))

    def first_broken(self) -> tuple[str, int] | None:
        """Name the scalar that was not finite first, and how many values it had before; None if all are finite.

        Reads from the device; what was gathered stays.
        """
        found = [
            (sound / group.count, name, sound)
            for names, group in self._groups.items()
            for name, sound in zip(names, group.sound.tolist(), strict=True)
            if sound < group.count
        ]
        return min(found)[1:] if found else None
