# ruff: noqa: RUF012
"""Terms that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import torch

from ganzoo import Component, hookimpl


class Correct:
    """Passes every check; the others below fail one.

    Args:
        weight: factor.
        every: due at every N-th step.
    """

    breaks = {}
    player = "discriminator"

    def __init__(self, *, weight: float = 1.0, every: int = 1):
        self.weight, self.every = weight, every

    def __call__(self, context):
        return self.weight * context.discriminator(context.real, context.labels).square().mean()


class Nobodys(Correct):
    breaks = {"declares": "term of the player 'critic', which trainer .* not have. It has generator, discriminator"}
    player = "critic"


class PerSample(Correct):
    breaks = {"scalar": r"shape \(4,\), expected \(\)"}

    def __call__(self, context):
        return self.weight * context.discriminator(context.real, context.labels).square()


class Detached(Correct):
    breaks = {"moves-its-player": "does not reach the parameters of its player 'discriminator'"}

    def __call__(self, context):
        return super().__call__(context).detach().requires_grad_()


class Meddler(Correct):
    breaks = {"touches-nothing": r"use torch.autograd.grad, not backward\(\)"}

    def __call__(self, context):
        super().__call__(context).backward()
        return super().__call__(context)


class Editor(Correct):
    breaks = {"input": "it changed the reals in place"}

    def __call__(self, context):
        context.real.mul_(0.5)
        return super().__call__(context)


class Forgetful(Correct):
    breaks = {"resumes": "a component keeps its state in buffers of an nn.Module"}

    def __init__(self, *, weight: float = 1.0, every: int = 1):
        super().__init__(weight=weight, every=every)
        self.mean = torch.zeros(())

    def __call__(self, context):
        logits = context.discriminator(context.real, context.labels).mean()
        self.mean = 0.9 * self.mean + 0.1 * logits.detach()
        return self.weight * (logits - self.mean).square()


class Gambler(Correct):
    breaks = {"pure": "take random numbers from context.rng"}

    def __call__(self, context):
        return self.weight * context.discriminator(torch.randn_like(context.real), context.labels).square().mean()


class Weightless(Correct):
    breaks = {"weight": "values at weight 2 and twice those at weight 1"}

    def __call__(self, context):
        return super().__call__(context) / self.weight


class Scaler(Correct):
    breaks = {"every": "the trainer multiplies"}

    def __call__(self, context):
        return self.every * super().__call__(context)


class Waiting(Correct):
    breaks = {"trains": r"phase 'discriminator' waits for the device: item\(\)"}

    def __call__(self, context):
        value = super().__call__(context)
        return value if value.item() > -1 else 2 * value


@hookimpl
def ganzoo_components():
    """Register them all."""
    for number, each in enumerate([Correct, *Correct.__subclasses__()]):
        yield Component("term", f"p{number}", f"broken_terms:{each.__name__}", each.__name__)
