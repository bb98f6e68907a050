# ruff: noqa: RUF012
"""Conditionings that break one rule each; ``breaks`` holds the checks that fail, and what their messages match."""

import threading

import torch
from torch import nn

from ganzoo import Component, hookimpl
from ganzoo.interfaces.networks import DiscriminatorOutput


class Norm(nn.BatchNorm2d):
    """Ignores labels."""

    def forward(self, x, labels):
        return super().forward(x)


class Correct(nn.Module):
    """Passes every check; the others below fail one."""

    breaks = {}

    def __init__(self, feature_dim, num_classes):
        super().__init__()
        self.logit, self.classes = nn.Linear(feature_dim, 1), nn.Linear(feature_dim, num_classes)

    def forward(self, features, labels):
        last = features.movedim(1, -1)
        pooled = features.flatten(2).mean(2) if features.ndim > 2 else features
        return DiscriminatorOutput(self.logit(last).squeeze(-1), {"classes": self.classes(pooled)})

    def discriminator_losses(self, real, fake, labels):
        return {"classes": nn.functional.cross_entropy(real.extras["classes"], labels)}

    def generator_losses(self, fake, labels):
        return {"classes": nn.functional.cross_entropy(fake.extras["classes"], labels)}

    @staticmethod
    def norm(num_features, num_classes):
        return Norm(num_features)


class Bare(Correct):
    breaks = {"output": "it returns a Tensor, not a DiscriminatorOutput"}

    def forward(self, features, labels):
        return super().forward(features, labels).logits


class Usurper(Correct):
    breaks = {"losses": "a discriminator's loss is called 'loss'"}

    def discriminator_losses(self, real, fake, labels):
        return {"loss": super().discriminator_losses(real, fake, labels)["classes"]}


class Herd(Correct):
    breaks = {"per-sample": "logits in another batch"}

    def forward(self, features, labels):
        return super().forward(features - features.mean(0), labels)


class DeadWeight(Correct):
    breaks = {"gradients": "parameter idle.weight does not influence the output"}

    def __init__(self, feature_dim, num_classes):
        super().__init__(feature_dim, num_classes)
        self.idle = nn.Linear(1, 1)


class Shrinking(Correct):
    breaks = {"norm": r"what the norm returns: shape \(4, 6, 1, 1\), expected \(4, 6, 4, 4\)"}

    @staticmethod
    def norm(num_features, num_classes):
        class Pool(nn.AdaptiveAvgPool2d):
            def forward(self, x, labels):
                return super().forward(x)

        return Pool(1)


class Locked(Correct):
    breaks = {"copies": "cannot be deep-copied"}

    def __init__(self, feature_dim, num_classes):
        super().__init__(feature_dim, num_classes)
        self.lock = threading.Lock()


class Forgetful(Correct):
    breaks = {"state": "a new one with its state_dict"}

    def __init__(self, feature_dim, num_classes):
        super().__init__(feature_dim, num_classes)
        self.offset = torch.rand(feature_dim)

    def forward(self, features, labels):
        return super().forward((features.movedim(1, -1) + self.offset).movedim(-1, 1), labels)


class LabelBlind(Correct):
    breaks = {"labels-matter": "it needs labels, but nothing depends on them"}

    def discriminator_losses(self, real, fake, labels):
        return super().discriminator_losses(real, fake, 0 * labels)

    def generator_losses(self, fake, labels):
        return super().generator_losses(fake, 0 * labels)


class Secret(nn.Module):
    """Uses labels without needing them."""

    breaks = {"labels-ignored": r"declare needs=\('labels',\)"}
    norm = staticmethod(Correct.norm)

    def __init__(self, feature_dim):
        super().__init__()
        self.logit, self.bias = nn.Linear(feature_dim, 1), nn.Embedding(10, 1)

    def forward(self, features, labels):
        return DiscriminatorOutput(self.logit(features).squeeze(-1) + self.bias(labels).squeeze(-1))

    def discriminator_losses(self, real, fake, labels):
        return {}

    def generator_losses(self, fake, labels):
        return {}


class Waiting(Correct):
    breaks = {"trains": r"phase 'discriminator' waits for the device: item\(\)"}

    def forward(self, features, labels):
        return super().forward(features if float(features.sum()) < 1e9 else 2 * features, labels)


@hookimpl
def ganzoo_components():
    """Register them all."""
    for number, each in enumerate([Correct, *Correct.__subclasses__()]):
        target = f"broken_conditionings:{each.__name__}"
        yield Component("conditioning", f"c{number}", target, each.__name__, needs=("labels",))
    yield Component("conditioning", "secret", "broken_conditionings:Secret", "Secret")
