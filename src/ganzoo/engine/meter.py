"""Readings of a run, gathered on the device and read on the host once a tick."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


class Meter:
    """Sums and counts of named scalars since the last reading."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, values: Mapping[str, Tensor]) -> None:
        """Add detached scalars; nothing is read from the device."""
        for name, value in values.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value.clone()
            self._counts[name] = self._counts.get(name, 0) + 1

    def read(self) -> dict[str, float]:
        """Give the mean of each scalar since the last reading, and start anew. One host synchronisation."""
        if not self._sums:
            return {}
        means = torch.stack([self._sums[n].float() / c for n, c in self._counts.items()]).tolist()
        names = list(self._counts)
        self._sums, self._counts = {}, {}
        return dict(zip(names, means, strict=True))
