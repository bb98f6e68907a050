"""Shell completion: names come from the records alone, so the shell never waits for torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import typer

from ganzoo.cli.records import RECORD_KINDS
from ganzoo.errors import GanzooError
from ganzoo.registry.registry import load_registry

Offers: TypeAlias = list[tuple[str, str]]
"""Completions, each with its summary."""


def names(*kinds: str) -> Callable[[typer.Context, str], Offers]:
    """Return a completer that offers every recipe and component of some kinds."""

    def offer(ctx: typer.Context, incomplete: str) -> Offers:
        try:
            entries = load_registry(map(str, ctx.find_root().params.get("plugin") or ())).entries
        except GanzooError:  # the path after --plugin may be half typed
            return []
        summaries = {entry.record.name: entry.record.summary for entry in entries if entry.kind in kinds}
        return sorted(offer for offer in summaries.items() if offer[0].startswith(incomplete))

    return offer


def kinds(incomplete: str) -> Offers:
    """Offer the kinds, and ``recipe``."""
    return [(kind, "") for kind in RECORD_KINDS if kind.startswith(incomplete)]
