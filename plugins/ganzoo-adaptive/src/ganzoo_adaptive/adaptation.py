"""A strength that the discriminator's confidence on reals steers (Karras et al. 2020, arXiv 2006.06676, section 3)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class AdaptiveProbability(nn.Module):
    """Measures how far the discriminator overfits, and moves a probability against it.

    A discriminator that knows the training images by heart says "real" to all of them: ``r_t = E[sign D(real)]`` nears 1.
    Above the target the probability rises, below it falls. All of it happens on the device and is saved with the run.

    Args:
        probability: p at the start, in [0, 1].
        adaptive: move p; otherwise only ``r_t`` is measured.
        target: the ``r_t`` to hold.
        interval: discriminator's phases over which ``r_t`` is taken, and after which p moves.
        speed: images over which p could go from 0 to 1.
    """

    p: Tensor
    overfit: Tensor
    signs: Tensor
    logits: Tensor
    images: Tensor
    phases: Tensor

    def __init__(self, *, probability: float, adaptive: bool, target: float, interval: int, speed: int) -> None:
        super().__init__()
        self.adaptive, self.target, self.interval, self.speed = adaptive, target, interval, speed
        self._batch = 0
        self.register_buffer("p", torch.tensor(float(probability)))
        for name in ("overfit", "signs", "logits", "images", "phases"):
            self.register_buffer(name, torch.zeros(()))

    @property
    def probability(self) -> float:
        """Chance of each transform; reading it waits for the device.

        Whoever sets it, such as a schedule, has the wheel from then on: it is steered no more.
        """
        return float(self.p)

    @probability.setter
    def probability(self, value: float) -> None:
        """Hold the chance of each transform at a value."""
        self.adaptive = False
        self.p.fill_(value)

    @torch.no_grad()
    def adapt(self, real_logits: Tensor) -> None:
        """Take the discriminator's logits of a batch of reals, ``(B, ...)``; a packed discriminator gives fewer than images."""
        self.signs += real_logits.sign().sum()
        self.logits += real_logits.numel()
        self.images += max(len(real_logits), self._batch)
        self.phases += 1
        due = self.phases >= self.interval
        self.overfit.copy_(torch.where(due, self.signs / self.logits, self.overfit))
        if self.adaptive:
            move = (self.overfit - self.target).sign() * self.images / self.speed
            self.p.add_(torch.where(due, move, 0)).clamp_(0, 1)
        for sums in (self.signs, self.logits, self.images, self.phases):
            sums.mul_(~due)

    def logged(self) -> Mapping[str, Tensor]:
        """Give p and the latest ``r_t``, which is 0 until there is one."""
        return {"p": self.p, "overfit": self.overfit}

    def _saw(self, images: Tensor) -> None:
        """Remember how many images a batch has: the discriminator's logits may not tell."""
        self._batch = len(images)
