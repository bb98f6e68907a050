"""The page of the protocols: what each kind must have, as the code says it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType

from ganzoo.assembly.build import DEPENDENCIES
from ganzoo.interfaces import capabilities as abilities
from ganzoo.interfaces import measurement, protocols

MODULES: tuple[tuple[ModuleType, str], ...] = (
    (protocols, "The kinds that train, and what passes between them."),
    (measurement, "The kinds that classifier: features and metrics."),
    (abilities, "What a part may be able to do beyond its kind. It is recognised by its methods; nothing is declared."),
)


def blocks() -> Iterator[str]:
    """Write the page, block by block."""
    yield (
        "A part is any class that has what the protocol of its kind asks for; it inherits from nothing of ganzoo. "
        "This is the code itself. How it is used: [write a plugin](../how-to/write-a-plugin.md)."
    )
    yield "## What a constructor may ask for"
    yield "Positional parameters are supplied by these names. Parts are built from top to bottom of the table."
    lines = [
        "| name | what it is |",
        "| --- | --- |",
        *(f"| `{name}` | {text} |" for name, text in DEPENDENCIES.items()),
    ]
    yield "\n".join(lines)
    for module, summary in MODULES:
        yield f"## `{module.__name__}`"
        yield summary
        for name, found in _classes(module):
            yield f"### `{name}`"
            yield f"```python\n{inspect.getsource(found).rstrip()}\n```"


def _classes(module: ModuleType) -> list[tuple[str, type]]:
    """Public classes of a module, in the order in which they stand there."""
    own = [(name, found) for name, found in inspect.getmembers(module, inspect.isclass)
           if found.__module__ == module.__name__ and not name.startswith("_")]  # fmt: skip
    return sorted(own, key=lambda item: inspect.getsourcelines(item[1])[1])
