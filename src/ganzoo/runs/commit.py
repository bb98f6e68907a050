"""The git commit of the code, so that a measurement can be repeated."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path


@cache
def find_commit(package: Path) -> str:
    """Return the commit of a checkout, with a plus if files changed since; empty for an installed package.

    Args:
        package: folder of the package.
    """
    tracked = _run_git(package, "ls-files", "--error-unmatch", "__init__.py")
    head = _run_git(package, "rev-parse", "HEAD") if tracked else ""
    return head + ("+" if head and _run_git(package, "status", "--porcelain", "--", "..") else "")


def _run_git(package: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(package), *words], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
