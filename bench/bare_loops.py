"""Training loops written by hand for one GAN each, without settings, components or plugins.

The networks are copies of the engine's, and optimisers and arithmetic are the same.
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from ganzoo.training.step import Engine


class BareLoop(ABC):
    """Players, optimisers, a moving average and batches of images, shared by all loops."""

    def __init__(self, engine: Engine, images: Tensor) -> None:
        players = {name: copy.deepcopy(player.module) for name, player in engine.players.items()}
        self.g, self.d = players["generator"], players["discriminator"]
        self.ema = copy.deepcopy(self.g).eval()
        self.opt_g, self.opt_d = (
            torch.optim.Adam(players[name].parameters(), s.lr, (s.beta1, s.beta2), fused=True)
            for name, s in ((name, engine.players[name].settings) for name in ("generator", "discriminator"))
        )
        self.images, self.batch, self.device = images, engine.run.batch_size, engine.device
        self.labels = torch.zeros(self.batch, dtype=torch.int64, device=self.device)
        pairs = zip(
            [*self.ema.parameters(), *self.ema.buffers()], [*self.g.parameters(), *self.g.buffers()], strict=True
        )
        self.averaged, self.original = zip(*[(a, b) for a, b in pairs if a.is_floating_point()], strict=True)
        self.steps = 0

    def step(self) -> None:
        self.d.requires_grad_(True)
        self.g.requires_grad_(False)
        self.move(self.opt_d, self.discriminator_loss())
        self.d.requires_grad_(False)
        self.g.requires_grad_(True)
        self.move(self.opt_g, self.generator_loss())
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged), [x.detach() for x in self.original], 0.01)
        self.steps += 1

    @abstractmethod
    def discriminator_loss(self) -> Tensor: ...

    def generator_loss(self) -> Tensor:
        return softplus(-self.score(self.fakes())).mean()

    def move(self, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def score(self, images: Tensor) -> Tensor:
        return self.d(images, self.labels).logits

    def fakes(self) -> Tensor:
        return self.g(torch.randn(self.batch, self.g.latent_dim, device=self.device), self.labels)

    def reals(self) -> Tensor:
        index = torch.from_numpy(np.random.randint(0, len(self.images), self.batch))
        self.real = self.images[index].to(self.device).float().div_(127.5).sub_(1)
        self.real = self.real.contiguous(memory_format=torch.channels_last)
        return self.real


class Plain(BareLoop):
    """The non-saturating GAN."""

    def discriminator_loss(self) -> Tensor:
        return softplus(-self.score(self.reals())).mean() + softplus(self.score(self.fakes())).mean()


class WGANGP(BareLoop):
    """Five discriminator steps with the gradient penalty."""

    def step(self) -> None:
        self.d.requires_grad_(True)
        self.g.requires_grad_(False)
        for _ in range(4):
            self.move(self.opt_d, self.discriminator_loss())
        super().step()

    def discriminator_loss(self) -> Tensor:
        real, fake = self.reals(), self.fakes()
        mixed = torch.lerp(fake, real, torch.rand(self.batch, 1, 1, 1, device=self.device)).requires_grad_()
        (gradient,) = torch.autograd.grad(self.score(mixed).sum(), mixed, create_graph=True)
        term = 10.0 * (gradient.flatten(1).norm(dim=1) - 1).square().mean()
        return self.score(fake).mean() - self.score(real).mean() + term

    def generator_loss(self) -> Tensor:
        return -self.score(self.fakes()).mean()


class StyleGAN2(Plain):
    """R1 after every 16th step, path length after every 4th."""

    def __init__(self, engine: Engine, images: Tensor) -> None:
        super().__init__(engine, images)
        self.length = torch.zeros((), device=self.device)
        self.noises = [noise.shape[1:] for noise in self.g.make_noise(0)]

    def step(self) -> None:
        super().step()
        if (self.steps - 1) % 16 == 0:
            self.d.requires_grad_(True)
            self.g.requires_grad_(False)
            real = self.real.detach().requires_grad_()
            (gradient,) = torch.autograd.grad(self.score(real).sum(), real, create_graph=True)
            self.move(self.opt_d, 16 * 5.0 * gradient.square().sum((1, 2, 3)).mean())
        if (self.steps - 1) % 4 == 0:
            self.d.requires_grad_(False)
            self.g.requires_grad_(True)
            self.move(self.opt_g, 4 * self.path_length(self.batch // 2))

    def path_length(self, count: int) -> Tensor:
        latents = torch.randn(count, self.g.latent_dim, device=self.device)
        styles = self.g.mapping(latents, self.labels[:count])
        noise = [torch.randn(count, *shape, device=self.device) for shape in self.noises]
        images = self.g.synthesis(styles, noise)
        y = torch.randn_like(images) / math.sqrt(images[0, 0].numel())
        (gradient,) = torch.autograd.grad((images * y).sum(), styles, create_graph=True)
        lengths = gradient.square().sum(2).mean(1).sqrt()
        self.length.lerp_(lengths.detach().mean(), 0.01)
        return 2 * (lengths - self.length.clone()).square().mean()


class R3GAN(BareLoop):
    """Relativistic pairing, R1 and R2 in every step, on the logits of the step."""

    def discriminator_loss(self) -> Tensor:
        real, fake = self.reals().requires_grad_(), self.fakes().detach().requires_grad_()
        real_logits, fake_logits = self.score(real), self.score(fake)
        loss = softplus(fake_logits - real_logits).mean()
        for images, logits in ((real, real_logits), (fake, fake_logits)):
            (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
            loss = loss + 0.25 * gradient.square().sum((1, 2, 3)).mean()
        return loss

    def move(self, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        optimizer.zero_grad()
        loss.backward(inputs=[p for group in optimizer.param_groups for p in group["params"]])
        optimizer.step()

    def generator_loss(self) -> Tensor:
        with torch.no_grad():
            real_logits = self.score(self.real.detach())
        return softplus(real_logits - self.score(self.fakes())).mean()
