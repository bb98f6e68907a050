# ruff: noqa: RUF012
"""Generators that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import threading

import torch
from torch import nn

from ganzoo import Component, hookimpl


class Correct(nn.Module):
    """Passes every check; the others below fail one."""

    breaks = {}

    def __init__(self, shape, num_classes):
        super().__init__()
        self.shape, self.num_classes, self.latent_dim = shape, num_classes, 8
        self.linear = nn.Linear(8 + num_classes, shape[0] * shape[1] * shape[2])

    def forward(self, latents, labels):
        classes = [torch.eye(self.num_classes)[labels]] if self.num_classes else []
        return self.linear(torch.cat([latents, *classes], 1)).unflatten(1, self.shape).tanh()


class WrongShape(Correct):
    breaks = {"shape": r"shape \(4, 3, 17, 16\), expected \(4, 3, 16, 16\)"}

    def forward(self, latents, labels):
        return nn.functional.pad(super().forward(latents, labels), (0, 0, 0, 1))


class OneSize(Correct):
    breaks = {"every-size": "only 16 pixels"}

    def __init__(self, shape, num_classes):
        if shape[1] != 16:
            raise ValueError("only 16 pixels")
        super().__init__(shape, num_classes)


class Unbounded(Correct):
    breaks = {"range": "end in a tanh"}

    def forward(self, latents, labels):
        return 2 * super().forward(latents, labels)


class DeadWeight(Correct):
    breaks = {"gradients": "parameter idle.weight does not influence the output"}

    def __init__(self, shape, num_classes):
        super().__init__(shape, num_classes)
        self.idle = nn.Linear(1, 1)


class LatentBlind(Correct):
    breaks = {"latents-matter": "the latent is not used"}

    def forward(self, latents, labels):
        return super().forward(0 * latents, labels)


class Noisy(Correct):
    breaks = {"repeats": "equal latents in evaluation mode"}

    def forward(self, latents, labels):
        samples = super().forward(latents, labels)
        return 0.5 * (samples + torch.rand_like(samples))


class Herd(Correct):
    breaks = {"batch-independence": "one by one in evaluation mode"}

    def forward(self, latents, labels):
        return super().forward(latents - latents.mean(0), labels)


class Locked(Correct):
    breaks = {"copies": "cannot be deep-copied"}

    def __init__(self, shape, num_classes):
        super().__init__(shape, num_classes)
        self.lock = threading.Lock()


class Forgetful(Correct):
    breaks = {"state": "a new one with its state_dict"}

    def __init__(self, shape, num_classes):
        super().__init__(shape, num_classes)
        self.offset = torch.rand(8)

    def forward(self, latents, labels):
        return super().forward(latents + self.offset, labels)


class LabelBlind(Correct):
    breaks = {"labels-matter": "the class has no influence"}

    def forward(self, latents, labels):
        return super().forward(latents, torch.zeros_like(labels))


class OneByOne(Correct):
    breaks = {"exports": "batch"}

    def forward(self, latents, labels):
        return torch.cat(
            [super(OneByOne, self).forward(z, y) for z, y in zip(latents[:, None], labels[:, None], strict=True)]
        )


class Waiting(Correct):
    breaks = {"trains": r"phase 'discriminator' waits for the device: item\(\)"}

    def forward(self, latents, labels):
        return super().forward(latents, labels) * (1.0 if latents.mean().item() < 9 else 0.5)


class Boaster(Correct):
    breaks = {"styles": "it provides 'styles', but has no mapping and no synthesis"}


@hookimpl
def ganzoo_components():
    """Register them all."""
    for number, each in enumerate([Correct, *Correct.__subclasses__()]):
        target = f"broken_generators:{each.__name__}"
        provides = ("class-conditional", "styles") if each is Boaster else ("class-conditional",)
        yield Component("generator", f"g{number}", target, each.__name__, needs=("image",), provides=provides)
