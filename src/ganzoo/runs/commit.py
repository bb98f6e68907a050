"""The commit a checkout of the code is at, so that a number can be measured again."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path


@cache
def find_commit(package: Path) -> str:
    """Name the commit the code is at, with a plus if it was changed since; nothing outside a repository of its own.

    Args:
        package: folder of a package; it is looked at only if git keeps it, as a checkout does and an installation not.
    """
    tracked = _git(package, "ls-files", "--error-unmatch", "__init__.py")
    head = _git(package, "rev-parse", "HEAD") if tracked else ""
    return head + ("+" if head and _git(package, "status", "--porcelain", "--", "..") else "")


def _git(package: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(package), *words], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
