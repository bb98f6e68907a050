"""Formats numbers for people: images seen, values, durations."""

from __future__ import annotations

import math


def format_count(images: float) -> str:
    """Format a number of images: ``4,032``, ``12.8k``, ``1.2M``."""
    if not math.isfinite(images):
        return "-"
    if abs(images) < 10_000:
        return f"{images:,.0f}"
    number, unit = (images / 1e3, "k") if abs(images) < 999_950 else (images / 1e6, "M")
    return f"{number:,.1f}".removesuffix(".0") + unit


def format_number(value: float) -> str:
    """Format a value with four digits: ``0.0123``, ``-1.235``, ``13,730``, ``1.2e-06``."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"


def format_duration(seconds: float) -> str:
    """Format a duration: ``0:07``, ``12:05``, ``3:02:01``, ``2d 3:02:01``; ``-`` if it is not finite."""
    if not math.isfinite(seconds):
        return "-"
    minutes, second = divmod(round(max(seconds, 0.0)), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    short = f"{hour}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{days}d {short}" if days else short
