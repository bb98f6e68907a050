# ruff: noqa: RUF012
"""Schedules that break one law each; ``breaks`` names the checks that must say so, and how."""

import itertools

from ganzoo import Component, hookimpl


class Honest:
    """Keeps every law; the others below break one."""

    breaks = {}
    patterns = ("optimizer.*.lr",)

    def value(self, seen, base):
        return base * max(1 - seen / 1e6, 0.1)


class Bare(Honest):
    breaks = {"patterns": "no dotted path"}
    patterns = ("lr",)


class Idle(Honest):
    breaks = {"patterns": "name at least one"}
    patterns = ()


class Endless(Honest):
    breaks = {"values": "never becomes constant"}

    def value(self, seen, base):
        return base / (1 + seen)


class Explosive(Honest):
    breaks = {"values": "not finite"}

    def value(self, seen, base):
        return base if seen < 10**9 else float("inf")


class Counting(Honest):
    breaks = {"values": "called again"}
    calls = itertools.count()

    def value(self, seen, base):
        return base + next(self.calls)


@hookimpl
def ganzoo_components():
    for number, each in enumerate((Honest, Bare, Idle, Endless, Explosive, Counting)):
        yield Component("schedule", f"s{number}", f"broken_schedules:{each.__name__}", each.__name__)
