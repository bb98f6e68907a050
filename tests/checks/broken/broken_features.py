# ruff: noqa: RUF012
"""Extractors that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import torch
from torch import nn

from ganzoo import Component, hookimpl


class Correct(nn.Module):
    """Passes every check; the others below fail one."""

    breaks = {}
    dim, resizer = 4, "none"

    def __init__(self, shape):
        super().__init__()
        self.shape, self.name = shape, type(self).__name__.lower()
        weights = torch.linspace(-1, 1, 4 * torch.Size(shape).numel()).view(4, -1)
        self.register_buffer("weights", weights)

    def forward(self, images):
        return images.flatten(1) @ self.weights.T

    def fingerprint(self):
        return "four"

    def probabilities(self, images):
        return self(images).softmax(1)

    def maps(self, images):
        return [images]


class Short(Correct):
    breaks = {"rows": r"features: shape \(4, 3\)"}

    def forward(self, images):
        return super().forward(images)[:, :3]


class Blind(Correct):
    breaks = {"rows": "the same features"}

    def forward(self, images):
        return 0 * super().forward(images)


class Social(Correct):
    breaks = {"alone": "one by one and together"}

    def forward(self, images):
        rows = super().forward(images)
        return rows - rows.mean(0)


class Moody(Correct):
    breaks = {"repeats": "called twice"}

    def forward(self, images):
        return super().forward(images) + torch.rand(4)


class Reborn(Correct):
    breaks = {"repeats": "built twice"}

    def __init__(self, shape):
        super().__init__(shape)
        self.weights = torch.randn_like(self.weights)


class Nameless(Correct):
    breaks = {"fingerprint": "the fingerprint is empty"}

    def fingerprint(self):
        return ""


class Liar(Correct):
    breaks = {"name": "does not begin with 'liar'"}

    def __init__(self, shape):
        super().__init__(shape)
        self.name = "inception"


class Vandal(Correct):
    breaks = {"input": "changed the samples in place"}

    def forward(self, images):
        rows = super().forward(images).clone()
        images.zero_()
        return rows


class Certain(Correct):
    breaks = {"probabilities": "sums of the probabilities and 1"}

    def probabilities(self, images):
        return torch.ones(len(images), 4)


class Flat(Correct):
    breaks = {"maps": "not \\(N, C, H, W\\)"}

    def maps(self, images):
        return [images.flatten(1)]


class Stepped(Correct):
    breaks = {"maps-are-smooth": "must not round the images"}

    def maps(self, images):
        return [((images + 1) * 127.5).round()]


@hookimpl
def ganzoo_components():
    for each in (Correct, *Correct.__subclasses__()):
        name, gives = each.__name__.lower(), ("probabilities", "maps")
        yield Component("features", name, f"broken_features:{each.__name__}", each.__name__, provides=gives)
