"""Print the top-level files and folders of the given distributions and of all they require."""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path


def closure(names: list[str]) -> set[str]:
    """Follow requirements that are installed here."""
    seen: set[str] = set()
    while names:
        name = names.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        try:
            required = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        if key not in seen:
            seen.add(key)
            names += [re.split(r"[\s;<>=!~\[(]", text, maxsplit=1)[0] for text in required if "extra ==" not in text]
    return seen


def tops(name: str) -> set[Path]:
    """First path component of every file of a distribution."""
    found = distribution(name)
    parts = {file.parts[0] for file in found.files or [] if file.parts[0] not in ("..", "__pycache__")}
    return {Path(str(found.locate_file(part))) for part in parts}


if __name__ == "__main__":
    print("\n".join(sorted({str(path) for name in closure(sys.argv[1:]) for path in tops(name)})))
