# ruff: noqa: RUF012
"""Metrics that break one law each; ``breaks`` names the checks that must say so, and how."""

import torch

from ganzoo import Component, hookimpl
from ganzoo.interfaces.measurement import MetricValue


class Honest:
    """Keeps every law; the others below break one."""

    breaks = {}
    uses_features = False

    def __call__(self, inputs):
        return {"gap": MetricValue(float(inputs.fake.images([0, 1]).mean() - inputs.real.images([0, 1]).mean()))}


class Blind(Honest):
    breaks = {"readings": "it reads nothing"}

    def __call__(self, inputs):
        return {}


class Shouting(Honest):
    breaks = {"readings": "not lower_snake_case"}

    def __call__(self, inputs):
        return {"FID": MetricValue(1.0)}


class Broken(Honest):
    breaks = {"readings": "reading gap is nan"}

    def __call__(self, inputs):
        return {"gap": MetricValue(float("nan"))}


class Unsure(Honest):
    breaks = {"readings": "the error of gap is inf"}

    def __call__(self, inputs):
        return {"gap": MetricValue(1.0, float("inf"))}


class Negative(Honest):
    breaks = dict.fromkeys(("readings", "repeats", "touches-nothing"), "a standard error is not negative")

    def __call__(self, inputs):
        return {"gap": MetricValue(1.0, -1.0)}


class Undecided(Honest):
    breaks = dict.fromkeys(("readings", "repeats", "touches-nothing"), "better 'more'")

    def __call__(self, inputs):
        return {"gap": MetricValue(1.0, better="more")}


class Moody(Honest):
    breaks = {"repeats": "draw from inputs.make_rng"}

    def __call__(self, inputs):
        return {"gap": MetricValue(float(torch.rand(())))}


class Heavy(Honest):
    breaks = {"touches-nothing": "changed the generator"}

    def __call__(self, inputs):
        with torch.no_grad():
            next(inputs.generator.parameters()).add_(1.0)
        return super().__call__(inputs)


class Peeping(Honest):
    breaks = {"looks-at-features-alone": "a metric that provides 'features-only' looks at images"}


class Secretive(Honest):
    breaks = {
        "readings": "looks at features, but says uses_features = False",
        "repeats": "looks at features",
        "touches-nothing": "looks at features",
    }

    def __call__(self, inputs):
        return {"gap": MetricValue(float(inputs.fake.moments.mean.mean()))}


class Meddling(Honest):
    breaks = {"looks-at-samples-alone": "a metric that provides 'samples-only' looks at the generator"}

    def __call__(self, inputs):
        inputs.generator.eval()
        return super().__call__(inputs)


DECLARED = {Peeping: ("features-only",), Meddling: ("samples-only",)}


@hookimpl
def ganzoo_components():
    for number, each in enumerate(
        (Honest, Blind, Shouting, Broken, Unsure, Negative, Undecided, Moody, Heavy, Secretive, *DECLARED)
    ):
        provides = DECLARED.get(each, ())
        target = f"broken_metrics:{each.__name__}"
        yield Component("metric", f"m{number}", target, each.__name__, provides=provides)
