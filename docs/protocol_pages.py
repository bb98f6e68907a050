"""The page of the protocols: what a component of each kind must have, as the source says it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType

from ganzoo.assembly.build import DEPENDENCIES
from ganzoo.interfaces import capabilities, data, losses, measurement, networks, training

MODULES: tuple[tuple[ModuleType, str], ...] = (
    (data, "Data sets, and the batches that phases are computed from."),
    (networks, "Networks, and what acts on their inputs, outputs and weights."),
    (losses, "Losses and terms, and what terms are computed from."),
    (training, "Trainers, phases and schedules."),
    (measurement, "Features and metrics."),
    (capabilities, "What a component can do beyond its kind, recognised by its methods; no record declares it."),
)


def blocks() -> Iterator[str]:
    """Yield the blocks of the page."""
    yield (
        "A component is any class with the members of its kind's protocol; it need not inherit from it. "
        "Below is the source. To use it: [write a plugin](../how-to/write-a-plugin.md). "
        "Every class here is importable from `ganzoo`."
    )
    yield "## Constructor parameters"
    yield "Positional parameters are supplied by name. Components are built in the order of the table."
    lines = [
        "| parameter | value |",
        "| --- | --- |",
        *(f"| `{name}` | {text} |" for name, text in DEPENDENCIES.items()),
    ]
    yield "\n".join(lines)
    for module, summary in MODULES:
        yield f"## `{module.__name__}`"
        yield summary
        for name, found in _find_classes(module):
            yield f"### `{name}`"
            yield f"```python\n{inspect.getsource(found).rstrip()}\n```"


def _find_classes(module: ModuleType) -> list[tuple[str, type]]:
    """Return the public classes of a module, in source order."""
    own = [(name, found) for name, found in inspect.getmembers(module, inspect.isclass)
           if found.__module__ == module.__name__ and not name.startswith("_")]  # fmt: skip
    return sorted(own, key=lambda item: inspect.getsourcelines(item[1])[1])
