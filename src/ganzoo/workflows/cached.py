"""A value that is made again when what it depends on changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cached(Generic[T]):
    """A value with the key it was made for: a run on disk may be training while it is read."""

    def __init__(self) -> None:
        self._entry: tuple[object, T] | None = None

    def get(self, key: object, make: Callable[[], T]) -> T:
        """Return the value, made again unless ``key`` equals that of the last call."""
        if self._entry is None or self._entry[0] != key:
            self._entry = key, make()
        return self._entry[1]
