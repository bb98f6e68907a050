"""Frozen records: a plugin describes components and recipes without importing them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ganzoo.registry.kinds import KINDS, Kind

Shape: TypeAlias = tuple[int, ...]
"""The shape of one sample: ``(channels, height, width)`` of an image, ``(dimensions,)`` of a point."""

Value: TypeAlias = bool | int | float | str | tuple[bool | int | float | str, ...] | None
"""What a setting may hold."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*\Z")


@dataclass(frozen=True)
class When:
    """A capability a component has only for some values of one of its settings.

    Args:
        capability: the capability's name.
        setting: the setting of the same component that decides.
        values: the values for which the capability holds.
    """

    capability: str
    setting: str
    values: tuple[Value, ...]

    def __str__(self) -> str:
        """Return the condition as text, for tables."""
        return f"{self.capability} when {self.setting} is {' or '.join(map(str, self.values))}"


@dataclass(frozen=True)
class Component:
    """A named component of a GAN, described without being imported.

    Args:
        kind: one of ``KINDS``.
        name: lower-kebab name, unique within kind and distribution.
        path: ``"package.module:Class"``, imported only when the component is used.
        summary: one line for ``ganzoo list``.
        reference: paper and year of the idea.
        provides: capabilities this component provides to the others.
        needs: capabilities another component of the run must provide.
        recommends: settings (``"trainer.discriminator_steps"``) and components (``"term"``) to use with it; a setting
            that the chosen components do not have is left out.

    Raises:
        ValueError: the record breaks a rule above.
    """

    kind: Kind
    name: str
    path: str
    summary: str
    reference: str = ""
    provides: tuple[str | When, ...] = ()
    needs: tuple[str, ...] = ()
    recommends: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a record that could not be listed or loaded."""
        if self.kind not in KINDS:
            raise ValueError(f"component kind {self.kind!r} is none of {', '.join(KINDS)}")
        if not _NAME.match(self.name):
            raise ValueError(f"component name {self.name!r} is not lower-kebab-case")
        if not _PATH.match(self.path):
            raise ValueError(f"path {self.path!r} of {self.name} is not 'package.module:Name'")
        _assert_lines(self.name, self.summary, self.reference)
        for listed in (self.provides, self.needs):
            if not isinstance(listed, tuple) or not all(isinstance(item, str | When) for item in listed):
                raise ValueError(f"provides and needs of {self.name} must be tuples of names")
        if not isinstance(self.recommends, Mapping):
            raise ValueError(f"recommends of {self.name} must map settings to values")


@dataclass(frozen=True)
class Recipe:
    """A full assembly under one name.

    Args:
        name: lower-kebab name, what ``ganzoo train`` takes.
        summary: one line for ``ganzoo list``.
        components: the component of each kind, or several for the kinds in ``MANY``.
        settings: values that replace the components' defaults, by dotted path.
        reference: paper and year.
        score: the measured score with its protocol, or ``"unverified"``.

    Raises:
        ValueError: the record breaks a rule above.
    """

    name: str
    summary: str
    components: Mapping[Kind, str | tuple[str, ...]]
    settings: Mapping[str, Value] = field(default_factory=dict)
    reference: str = ""
    score: str = "unverified"

    def __post_init__(self) -> None:
        """Refuse a recipe that could not be listed or resolved."""
        if not _NAME.match(self.name):
            raise ValueError(f"recipe name {self.name!r} is not lower-kebab-case")
        for kind in self.components:
            if kind not in KINDS:
                raise ValueError(f"recipe {self.name} names the kind {kind!r}: none of {', '.join(KINDS)}")
        _assert_lines(self.name, self.summary, self.reference, self.score)


Record: TypeAlias = Component | Recipe


def _assert_lines(name: str, *texts: object) -> None:
    """Refuse text that does not fit in a line of a table."""
    for text in texts:
        if not isinstance(text, str) or "\n" in text:
            raise ValueError(f"{name} must describe itself in texts of one line, not {text!r}")
