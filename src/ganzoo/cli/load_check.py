"""Which parts cannot be loaded: ``ganzoo doctor`` runs this in a child, since their imports bring torch."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator

from ganzoo.registry.registry import Registry, load_registry
from ganzoo.registry.specs import Component


def find_unloadable(catalogue: Registry) -> Iterator[str]:
    """Say of each component whose class or settings cannot be read whose it is, why, and what tells more."""
    from ganzoo.checks.runs import signature_error

    for entry in catalogue.entries:
        why = signature_error(entry.record) if isinstance(entry.record, Component) else None
        if why is not None:
            short = why.partition(": ")[2].strip().rstrip(".")
            yield f"{entry.plugin.distribution}: {short}. To fix: {entry.command('check')}"


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):  # what foreign modules print is no part of the answer
        found = [*find_unloadable(load_registry(sys.argv[1:]))]
    print(json.dumps(found))
