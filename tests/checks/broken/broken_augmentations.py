# ruff: noqa: RUF012
"""Augmentations that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import torch
from torch import nn

from ganzoo import Component, hookimpl


class Correct(nn.Module):
    """Passes every check; the others below fail one."""

    breaks = {}

    def __init__(self):
        super().__init__()

    def forward(self, images, rng):
        return images * (0.5 + rng.uniform(1).view(-1, *[1] * (images.ndim - 1)))


class Cropping(Correct):
    breaks = {"shape": r"augmented images: shape \(4, 3, 16, 8\)"}

    def forward(self, images, rng):
        return images[..., :8]


class Forgetful(Correct):
    breaks = {"resumes": "a component keeps its state in buffers of an nn.Module"}

    def __init__(self):
        super().__init__()
        self.mean = torch.zeros(())

    def forward(self, images, rng):
        if self.training and images.requires_grad is False:
            self.mean = 0.9 * self.mean + 0.1 * images.detach().mean()
        return super().forward(images, rng) + self.mean


class Rounding(Correct):
    breaks = {"differentiable": "no gradient passes through"}

    def forward(self, images, rng):
        return super().forward(images, rng).round()


class Gambler(Correct):
    breaks = {"rng": "equal rng gave different images"}

    def forward(self, images, rng):
        return images * torch.rand(len(images), *[1] * (images.ndim - 1))


class Herd(Correct):
    breaks = {"split": "a batch in two halves and whole"}

    def forward(self, images, rng):
        return images - images.mean(0)


class InPlace(Correct):
    breaks = {"input": "it changed the images in place"}

    def forward(self, images, rng):
        with torch.no_grad():
            images.mul_(0.5)
        return images


class Waiting(Correct):
    breaks = {"trains": r"phase 'discriminator' waits for the device: item\(\)"}

    def forward(self, images, rng):
        return super().forward(images if float(images.sum()) < 1e9 else 2 * images, rng)


@hookimpl
def ganzoo_components():
    """Register them all."""
    for number, each in enumerate([Correct, *Correct.__subclasses__()]):
        yield Component("augmentation", f"a{number}", f"broken_augmentations:{each.__name__}", each.__name__)
