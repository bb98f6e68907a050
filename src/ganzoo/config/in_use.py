"""Which parts were in play when something went wrong: whoever explains the error holds these against the laws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType

from ganzoo.config.layers import Config
from ganzoo.errors import GanzooError
from ganzoo.registry.kinds import KINDS
from ganzoo.registry.registry import Entry, Registry

_MARK = "ganzoo_in_play"


@dataclass(frozen=True)
class InPlay:
    """A context: an error that leaves it knows the parts, and keeps those an inner context told it.

    Args:
        registry: where the parts come from.
        names: their kinds and names.
    """

    registry: Registry
    names: tuple[tuple[str, str], ...]

    def __enter__(self) -> InPlay:
        """Begin."""
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        """Mark the error, if there is one; it goes on its way."""
        if error is not None:
            vars(error).setdefault(_MARK, self)

    def entries(self) -> Iterator[Entry]:
        """Find the parts in the registry, without those that are gone."""
        for kind, name in self.names:
            try:
                yield self.registry.find(kind, name)
            except GanzooError:
                continue


def parts_in_play(registry: Registry, config: Config, beside: Iterable[tuple[str, str]] = ()) -> InPlay:
    """Open the context of a run's parts.

    Args:
        registry: where they come from.
        config: names them.
        beside: kinds and names of further parts.
    """
    return InPlay(registry, (*beside, *((kind, name) for kind in KINDS for name in config.names(kind))))


def in_play_of(error: BaseException | None) -> InPlay | None:
    """Give the parts an error, or one that led to it, was marked with."""
    while error is not None:
        found = vars(error).get(_MARK)
        if isinstance(found, InPlay):
            return found
        error = error.__cause__
    return None
