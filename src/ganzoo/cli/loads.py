"""Which parts cannot be loaded: ``ganzoo doctor`` runs this in a child, since their imports bring torch."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator

from ganzoo.registry import Registry, registry
from ganzoo.specs import Component


def unloadable(catalogue: Registry) -> Iterator[str]:
    """Say of each component whose class or settings cannot be read whose it is, why, and what tells more."""
    from ganzoo.checks.companions import fault

    for entry in catalogue.entries:
        why = fault(entry.record) if isinstance(entry.record, Component) else None
        if why is not None:
            short = why.partition(": ")[2].partition(" See: ")[0].strip().rstrip(".")
            yield f"{entry.plugin.distribution}: {short}. To mend: ganzoo check {entry.record.name}"


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):  # what foreign modules print is no part of the answer
        found = [*unloadable(registry(sys.argv[1:]))]
    print(json.dumps(found))
