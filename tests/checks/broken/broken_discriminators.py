# ruff: noqa: RUF012
"""Discriminators that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import threading

import torch
from torch import nn

from ganzoo import Component, hookimpl


class Correct(nn.Module):
    """Passes every check; the others below fail one."""

    breaks = {}

    def __init__(self, shape):
        super().__init__()
        self.feature_dim = 8
        self.linear = nn.Linear(shape[0] * shape[1] * shape[2], 8)

    def forward(self, images):
        return self.linear(images.flatten(1)).tanh()


class Miscounted(Correct):
    breaks = {"features": "F being feature_dim"}

    def __init__(self, shape):
        super().__init__(shape)
        self.feature_dim = 9


class OneSize(Correct):
    breaks = {"every-size": "only 16 pixels"}

    def __init__(self, shape):
        if shape[1] != 16:
            raise ValueError("only 16 pixels")
        super().__init__(shape)


class DeadWeight(Correct):
    breaks = {"gradients": "parameter idle.weight does not influence the output"}

    def __init__(self, shape):
        super().__init__(shape)
        self.idle = nn.Linear(1, 1)


class Blind(Correct):
    breaks = {"images-matter": "the features ignore it"}

    def forward(self, images):
        return super().forward(0 * images)


class Locked(Correct):
    breaks = {"copies": "cannot be deep-copied"}

    def __init__(self, shape):
        super().__init__(shape)
        self.lock = threading.Lock()


class Forgetful(Correct):
    breaks = {"state": "a new one with its state_dict"}

    def __init__(self, shape):
        super().__init__(shape)
        self.offset = torch.rand(8)

    def forward(self, images):
        return super().forward(images) + self.offset


class Herd(Correct):
    breaks = {"per-sample": "features in another batch: they differ by"}

    def __init__(self, shape):
        super().__init__(shape)
        self.norm = nn.BatchNorm1d(8)

    def forward(self, images):
        return self.norm(super().forward(images))


class Kinked(Correct):
    breaks = {"double-backward": "the gradient of a gradient penalty is not finite"}

    def forward(self, images):
        features = super().forward(images)
        return features + features.sub(features).square().sum(1, keepdim=True).sqrt()


class Waiting(Correct):
    breaks = {"trains": r"phase 'discriminator' waits for the device: item\(\)"}

    def forward(self, images):
        return super().forward(images) * (1.0 if images.mean() < 9 else 0.5)


@hookimpl
def ganzoo_components():
    """Register them all."""
    for number, each in enumerate([Correct, *Correct.__subclasses__()]):
        target = f"broken_discriminators:{each.__name__}"
        yield Component(
            "discriminator", f"d{number}", target, each.__name__, needs=("image",), provides=("per-sample",)
        )
