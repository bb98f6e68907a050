# ruff: noqa: RUF012
"""Metrics that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import torch

from ganzoo import Component, hookimpl
from ganzoo.interfaces.measurement import MetricValue


class Correct:
    """Passes every check; the others below fail one."""

    breaks = {}
    uses_features = False

    def __call__(self, inputs):
        return {"gap": MetricValue(float(inputs.fake.images([0, 1]).mean() - inputs.real.images([0, 1]).mean()))}


class Blind(Correct):
    breaks = {"values": "it returns nothing"}

    def __call__(self, inputs):
        return {}


class Shouting(Correct):
    breaks = {"values": "not lower_snake_case"}

    def __call__(self, inputs):
        return {"FID": MetricValue(1.0)}


class Broken(Correct):
    breaks = {"values": "value gap is nan"}

    def __call__(self, inputs):
        return {"gap": MetricValue(float("nan"))}


class Unsure(Correct):
    breaks = {"values": "the error of gap is inf"}

    def __call__(self, inputs):
        return {"gap": MetricValue(1.0, float("inf"))}


class Negative(Correct):
    breaks = dict.fromkeys(("values", "repeats", "touches-nothing"), "a standard error is not negative")

    def __call__(self, inputs):
        return {"gap": MetricValue(1.0, -1.0)}


class Undecided(Correct):
    breaks = dict.fromkeys(("values", "repeats", "touches-nothing"), "better 'more'")

    def __call__(self, inputs):
        return {"gap": MetricValue(1.0, better="more")}


class Moody(Correct):
    breaks = {"repeats": "take random numbers from inputs.make_rng"}

    def __call__(self, inputs):
        return {"gap": MetricValue(float(torch.rand(())))}


class Heavy(Correct):
    breaks = {"touches-nothing": "changed the generator"}

    def __call__(self, inputs):
        with torch.no_grad():
            next(inputs.generator.parameters()).add_(1.0)
        return super().__call__(inputs)


class Secretive(Correct):
    breaks = {
        "values": "uses features, but says uses_features = False",
        "repeats": "uses features",
        "touches-nothing": "uses features",
    }

    def __call__(self, inputs):
        return {"gap": MetricValue(float(inputs.fake.moments.mean.mean()))}


@hookimpl
def ganzoo_components():
    for number, each in enumerate(
        (Correct, Blind, Shouting, Broken, Unsure, Negative, Undecided, Moody, Heavy, Secretive)
    ):
        target = f"broken_metrics:{each.__name__}"
        yield Component("metric", f"m{number}", target, each.__name__)
