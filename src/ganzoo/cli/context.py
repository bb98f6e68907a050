"""Options before the command, for every command to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganzoo.registry.registry import Registry

_FILES: ContextVar[tuple[str, ...]] = ContextVar("plugin_files", default=())


class Stopped(Exception):
    """A signal ended a command, which has printed a message already.

    Args:
        code: exit code of the process.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def set_plugin_files(plugins: Iterable[object]) -> None:
    """Store the files that ``--plugin`` names for the command that follows."""
    _FILES.set(tuple(map(str, plugins)))


def plugin_files() -> tuple[str, ...]:
    """Return the unpackaged plugin files of this command line."""
    return _FILES.get()


def load_context_registry() -> Registry:
    """Load the installed plugins and the files of this command line."""
    from ganzoo.registry.registry import load_registry

    return load_registry(plugin_files())


def hoist_plugin_options(arguments: Sequence[str]) -> list[str]:
    """Move ``--plugin FILE`` before the command, where it is declared, so that it may stand anywhere."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*front, *rest, word, *words]
        if word == "--plugin":
            front += [word, *([file] if (file := next(words, None)) is not None else [])]
        else:
            (front if word.startswith("--plugin=") else rest).append(word)
    return front + rest
