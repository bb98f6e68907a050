# ruff: noqa: RUF012
"""Losses that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import torch
from torch.nn.functional import softplus

from ganzoo import Component, hookimpl


class Correct:
    """Passes every check; the others below fail one."""

    breaks = {}
    relativistic = False

    def discriminator(self, real, fake):
        return softplus(-real).mean() + softplus(fake).mean()

    def generator(self, fake, real):
        return softplus(-fake).mean()


class PerSample(Correct):
    breaks = {"any-shape": r"shape \(8,\), expected \(\)"}

    def discriminator(self, real, fake):
        return softplus(-real) + softplus(fake)


class Summed(Correct):
    breaks = {"mean": "take the mean"}

    def discriminator(self, real, fake):
        return softplus(-real).sum() + softplus(fake).sum()


class Forgetful(Correct):
    breaks = {"resumes": "a component keeps its state in buffers of an nn.Module"}

    def __init__(self):
        self.mean = 0.0

    def discriminator(self, real, fake):
        self.mean = 0.9 * self.mean + 0.1 * real.detach().mean()
        return softplus(-real).mean() + (1 + self.mean.square()) * softplus(fake).mean()


class Overflowing(Correct):
    breaks = {"finite": "the discriminator's loss at real logits 10000 and fake logits 10000 is not finite"}

    def discriminator(self, real, fake):
        return (1 + (-real).exp()).log().mean() + (1 + fake.exp()).log().mean()


class Smoothed(Correct):
    breaks = {"pure": "differs between two calls"}

    def discriminator(self, real, fake):
        return super().discriminator(real, fake) * (1 + 0.1 * torch.rand(()))


class IgnoresFakes(Correct):
    breaks = {"discriminator-direction": "does not lower the logits of fakes"}

    def discriminator(self, real, fake):
        return softplus(-real).mean()


class Backwards(Correct):
    breaks = {"generator-direction": "does not raise the logits of fakes"}

    def generator(self, fake, real):
        return softplus(fake).mean()


class OnlySaysRelativistic(Correct):
    breaks = {"relativistic": "relativistic is True, but"}
    relativistic = True


class OffCentre(Correct):
    breaks = {"midpoint": "logits at its midpoint, 1, do not cost it least"}
    midpoint = 1.0


class Flat(Correct):
    breaks = {"midpoint": "no logit costs more"}
    midpoint = 0.0

    def discriminator(self, real, fake):
        return softplus(fake - real).mean()


class Waiting(Correct):
    breaks = {"trains": r"phase 'discriminator' waits for the device: item\(\)"}

    def discriminator(self, real, fake):
        value = super().discriminator(real, fake)
        return value if value > -1 else 2 * value


class Learning(Correct, torch.nn.Module):
    breaks = {"builds": "loss has weights to learn .margin., but only players are trained"}

    def __init__(self):
        super().__init__()
        self.margin = torch.nn.Parameter(torch.zeros(()))


class Excused(Correct):
    breaks = {"known-failures": "known_failures names 'meen', which is no check of it. Did you mean 'mean'"}
    known_failures = {"meen": "an old note"}


@hookimpl
def ganzoo_components():
    """Register them all."""
    for number, each in enumerate([Correct, *Correct.__subclasses__()]):
        yield Component("loss", f"l{number}", f"broken_losses:{each.__name__}", each.__name__)
