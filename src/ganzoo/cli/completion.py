"""What TAB offers: names from the records alone, so that a shell never waits for torch."""

from __future__ import annotations

from typing import TypeAlias

import typer

from ganzoo.errors import GanzooError
from ganzoo.registry.kinds import KINDS

Offers: TypeAlias = list[tuple[str, str]]
"""What may stand here, each with its summary."""


def recipes(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer recipes."""
    return _names(ctx, incomplete, "recipe")


def generators(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer generators."""
    return _names(ctx, incomplete, "generator")


def discriminators(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer discriminators."""
    return _names(ctx, incomplete, "discriminator")


def losses(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer losses."""
    return _names(ctx, incomplete, "loss")


def terms(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer terms."""
    return _names(ctx, incomplete, "term")


def conditionings(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer conditionings."""
    return _names(ctx, incomplete, "conditioning")


def constraints(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer constraints."""
    return _names(ctx, incomplete, "constraint")


def augmentations(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer augmentations."""
    return _names(ctx, incomplete, "augmentation")


def datasets(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer data sets."""
    return _names(ctx, incomplete, "dataset")


def metrics(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer metrics."""
    return _names(ctx, incomplete, "metric")


def trainers(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer trainers."""
    return _names(ctx, incomplete, "trainer")


def schedules(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer schedules."""
    return _names(ctx, incomplete, "schedule")


def features(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer what metrics may see of an image."""
    return _names(ctx, incomplete, "features")


def everything(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer recipes and components of every kind."""
    return _names(ctx, incomplete, "recipe", *KINDS)


def kinds(incomplete: str) -> Offers:
    """Offer the kinds, and ``recipe``."""
    return [(kind, "") for kind in ("recipe", *KINDS) if kind.startswith(incomplete)]


def _names(ctx: typer.Context, incomplete: str, *wanted: str) -> Offers:
    from ganzoo.registry.registry import load_registry

    try:
        entries = load_registry(map(str, ctx.find_root().params.get("plugin") or ())).entries
    except GanzooError:  # a --plugin that is not there yet: half a command line is no mistake
        return []
    offers = {e.record.name: e.record.summary for e in entries if e.kind in wanted}
    return sorted(offer for offer in offers.items() if offer[0].startswith(incomplete))
