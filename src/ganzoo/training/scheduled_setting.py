"""A setting that a schedule changes with the images seen."""

from __future__ import annotations

from dataclasses import dataclass

from ganzoo.interfaces.training import Schedule


@dataclass(frozen=True)
class ScheduledSetting:
    """One setting under a schedule.

    Args:
        path: the setting's dotted path, such as ``optimizer.generator.lr`` or ``term.r1.weight``.
        base: the configured value.
        schedule: computes its value.
        component: the component whose attribute it is; None for a setting of the run or of an optimiser, which the
            engine keeps.
    """

    path: str
    base: float
    schedule: Schedule
    component: object | None = None

    @property
    def name(self) -> str:
        """The last part of the path, such as ``lr``."""
        return self.path.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """The path without the name: ``run``, ``optimizer.generator``, ``term.r1``."""
        return self.path.rpartition(".")[0]

    def value(self, seen: int) -> float:
        """Return the setting's value after ``seen`` images."""
        return self.schedule.value(seen, self.base)
