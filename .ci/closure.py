"""Print the top-level files and folders of the given distributions and of all they require, extras included.

One line a file: the distribution, a tab, the path.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def closure(names: list[str]) -> set[str]:
    """Follow the requirements that hold on this machine."""
    seen: set[tuple[str, frozenset[str]]] = set()
    queue = [Requirement(name) for name in names]
    while queue:
        wanted = queue.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key not in seen and installed(wanted.name):
            seen.add(key)
            queue += [r for r in map(Requirement, distribution(wanted.name).requires or []) if holds(r, wanted.extras)]
    return {name for name, _ in seen}


def holds(requirement: Requirement, extras: set[str]) -> bool:
    """Whether a requirement applies here, given the extras asked for."""
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in [*extras, ""])


def installed(name: str) -> bool:
    """Whether a distribution is here."""
    try:
        return bool(distribution(name))
    except PackageNotFoundError:
        return False


def tops(name: str) -> set[Path]:
    """First path component of every file of a distribution."""
    found = distribution(name)
    parts = {file.parts[0] for file in found.files or [] if file.parts[0] not in ("..", "__pycache__")}
    return {Path(str(found.locate_file(part))) for part in parts}


if __name__ == "__main__":
    print("\n".join(sorted(f"{name}\t{path}" for name in closure(sys.argv[1:]) for path in tops(name))))
