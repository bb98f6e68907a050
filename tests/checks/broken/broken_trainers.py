# ruff: noqa: RUF012
"""Trainers that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

from dataclasses import replace

import torch

from ganzoo import Component, Recipe, hookimpl
from ganzoo.components.trainers.adversarial import Adversarial


class Correct(Adversarial):
    """Passes every check; the others below fail one."""

    breaks = {}

    def __init__(self, generator, discriminator, loss, terms, augmentations):
        super().__init__(generator, discriminator, loss, terms, augmentations)


class Undeclared(Correct):
    breaks = {"players": "averaged names mapper, which is no player"}
    averaged = ("generator", "mapper")


class Unaveraged(Correct):
    breaks = {"players": "must have a player 'generator' and average it.*averaged: none"}
    averaged = ()


class Remembering(Correct):
    breaks = {"has-no-state": "it holds the tensor 'mean'"}

    def __init__(self, generator, discriminator, loss, terms, augmentations):
        super().__init__(generator, discriminator, loss, terms, augmentations)
        self.mean = torch.zeros(())


class Forgetful(Correct):
    breaks = {"carries-terms": "is not among its losses, loss"}

    def discriminator_losses(self, batch):
        return {"loss": super().discriminator_losses(batch)["loss"]}


class Hiding(Correct):
    breaks = {"passes-reals": "no reals"}

    def generator_losses(self, batch):
        assert not self._loss.relativistic, "no reals"
        return super().generator_losses(batch)


class Stale(Correct):
    breaks = {"phases": "the first phase, 'generator', must take a new batch"}

    def phases(self):
        return tuple(reversed(super().phases()))


class Gambler(Correct):
    breaks = {"losses-pure": "loss 'loss' of phase 'discriminator' differs the second time"}

    def discriminator_losses(self, batch):
        losses = super().discriminator_losses(batch)
        return {"loss": losses["loss"] * (1 + torch.rand(()))}


class Meddler(Correct):
    breaks = {"phases-move-their-player": "phase 'discriminator' of the discriminator moved the generator"}

    def discriminator_losses(self, batch):
        with torch.no_grad():
            for parameter in self.players["generator"].parameters():
                parameter.mul_(0.9)
        return super().discriminator_losses(batch)


class Idle(Correct):
    breaks = {"phases-move-their-player": "phase 'generator' did not move its player"}

    def phases(self):
        discriminator, generator = super().phases()
        return discriminator, replace(generator, losses=self.nothing)

    def nothing(self, batch):
        return {name: 0 * term for name, term in self.generator_losses(batch).items()}


class Counting(Correct):
    """Keeps a count outside of every tensor, which a resumed run loses."""

    breaks = {}
    count = 0

    def discriminator_losses(self, batch):
        self.count += 1
        return {name: term * (1 + self.count) for name, term in super().discriminator_losses(batch).items()}


class Diverging(Correct):
    breaks = {}

    def discriminator_losses(self, batch):
        return {name: term / 0.0 for name, term in super().discriminator_losses(batch).items()}


RECIPES = {
    "unknown-part": {"resolves": "no loss 'hinje'"},
    "misspelt": {"settings": "sets generator.widht, a setting its generator .* Did you mean 'generator.width'"},
    "boasting": {"score": "score 'state of the art': write 'unverified'"},
    "diverging": {"trains": "loss 'loss' of phase 'discriminator' is"},
    "counting": {"resumes": "resumed training differs from training in one go in"},
}


@hookimpl
def ganzoo_components():
    """Register them all, and recipes that break one rule each."""
    every = [Correct, *Correct.__subclasses__()]
    for number, each in enumerate(every):
        yield Component("trainer", f"t{number}", f"broken_trainers:{each.__name__}", each.__name__)
    toy = {"generator": "mlp", "discriminator": "mlp", "dataset": "ring-8"}
    yield Recipe("unknown-part", "names a loss nobody has", {**toy, "loss": "hinje"})
    yield Recipe("misspelt", "sets what is not there", toy, {"generator.widht": 4})
    yield Recipe("boasting", "claims a score without a number", toy, score="state of the art")
    for name, trainer in (("diverging", Diverging), ("counting", Counting)):
        yield Recipe(name, trainer.__name__, {**toy, "trainer": f"t{every.index(trainer)}"})
