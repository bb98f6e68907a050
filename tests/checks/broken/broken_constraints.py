# ruff: noqa: RUF012
"""Constraints that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import threading

import torch
from torch import nn

from ganzoo import Component, hookimpl


class Correct:
    """Passes every check; the others below fail one."""

    breaks = {}
    players = ("discriminator",)

    def prepare(self, module):
        self.project(module)

    @torch.no_grad()
    def project(self, module):
        for parameter in module.parameters():
            parameter.clamp_(-0.1, 0.1)


class Dividing(Correct):
    breaks = {"finite": "is not finite"}

    @torch.no_grad()
    def project(self, module):
        for parameter in module.parameters():
            parameter.div_(parameter.sub(parameter).norm())


class Frozen(Correct):
    breaks = {"learns": "the discriminator no longer learns", "trains": "phase 'discriminator' did not move its player"}

    def prepare(self, module):
        self.first = [p.detach().clone() for p in module.parameters()]

    @torch.no_grad()
    def project(self, module):
        for parameter, first in zip(module.parameters(), self.first, strict=True):
            parameter.copy_(first)


class Replacing(Correct):
    breaks = {"in-place": "project replaced parameters of the discriminator"}

    def project(self, module):
        for layer in module.modules():
            if isinstance(layer, nn.Linear):
                layer.weight = nn.Parameter(layer.weight.detach().clamp(-0.1, 0.1))


class Halving(Correct):
    breaks = {"idempotent": "after one projection and after two"}

    @torch.no_grad()
    def project(self, module):
        for parameter in module.parameters():
            parameter.mul_(0.5)


class Locking(Correct):
    breaks = {"copies": "cannot be deep-copied"}

    def prepare(self, module):
        module.lock = threading.Lock()


class Hooking(Correct):
    breaks = {"state": "a new one with its state_dict"}

    def prepare(self, module):
        for layer in module.modules():
            if isinstance(layer, nn.Linear):
                scale = torch.rand(())
                layer.register_forward_hook(lambda _, __, output, scale=scale: output * scale)


@hookimpl
def ganzoo_components():
    """Register them all."""
    for number, each in enumerate([Correct, *Correct.__subclasses__()]):
        yield Component("constraint", f"k{number}", f"broken_constraints:{each.__name__}", each.__name__)
