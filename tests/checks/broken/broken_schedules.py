# ruff: noqa: RUF012
"""Schedules that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import itertools

from ganzoo import Component, hookimpl


class Correct:
    """Passes every check; the others below fail one."""

    breaks = {}
    patterns = ("optimizer.*.lr",)

    def value(self, seen, base):
        return base * max(1 - seen / 1e6, 0.1)


class Bare(Correct):
    breaks = {"patterns": "no dotted path"}
    patterns = ("lr",)


class Idle(Correct):
    breaks = {"patterns": "name at least one"}
    patterns = ()


class Endless(Correct):
    breaks = {"values": "never becomes constant"}

    def value(self, seen, base):
        return base / (1 + seen)


class Explosive(Correct):
    breaks = {"values": "not finite"}

    def value(self, seen, base):
        return base if seen < 10**9 else float("inf")


class Counting(Correct):
    breaks = {"values": "called again"}
    calls = itertools.count()

    def value(self, seen, base):
        return base + next(self.calls)


@hookimpl
def ganzoo_components():
    for number, each in enumerate((Correct, Bare, Idle, Endless, Explosive, Counting)):
        yield Component("schedule", f"s{number}", f"broken_schedules:{each.__name__}", each.__name__)
