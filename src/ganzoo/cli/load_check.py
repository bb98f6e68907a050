"""List the components that cannot be loaded; ``ganzoo doctor`` runs this in a child, since they import torch."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator

from ganzoo.registry.registry import Registry, load_registry
from ganzoo.registry.specs import Component


def find_unloadable(registry: Registry) -> Iterator[str]:
    """Describe each component whose class or settings cannot be read, and name the command that shows more."""
    from ganzoo.checks.runs import signature_error

    for entry in registry.entries:
        error = signature_error(entry.record) if isinstance(entry.record, Component) else None
        if error is not None:
            short = error.partition(": ")[2].strip().rstrip(".")
            yield f"{entry.plugin.distribution}: {short}. Fix: {entry.command('check')}"


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):  # plugins may print while they are imported
        lines = [*find_unloadable(load_registry(sys.argv[1:]))]
    print(json.dumps(lines))
