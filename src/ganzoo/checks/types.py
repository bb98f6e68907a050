"""The type of a check."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ganzoo.checks.subject import Subject

CheckFunction: TypeAlias = Callable[[Subject], None]
"""``check_*(subject)``: returns when the law holds, raises ``AssertionError`` with the reason when it does not."""
