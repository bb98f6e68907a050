"""Settings that follow the images seen: what a schedule turns, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from ganzoo.interfaces.training import Schedule


@dataclass(frozen=True)
class ScheduledSetting:
    """One setting under a schedule.

    Args:
        path: the setting's dotted path, such as ``optimizer.generator.lr`` or ``term.r1.weight``.
        base: what the configuration says.
        schedule: gives its value.
        part: the part whose attribute it is; None for a setting of the run or of an optimiser, which the engine keeps.
    """

    path: str
    base: float
    schedule: Schedule
    part: object | None = None

    @property
    def name(self) -> str:
        """The setting's own name."""
        return self.path.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """What comes before the name: ``run``, ``optimizer.generator``, ``term.r1``."""
        return self.path.rpartition(".")[0]

    def value(self, seen: int) -> float:
        """Give the setting's value after ``seen`` images."""
        return self.schedule.value(seen, self.base)
