"""A probability that follows the discriminator's overfitting (Karras et al. 2020, arXiv 2006.06676, section 3)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class AdaptiveProbability(nn.Module):
    """Measures the discriminator's overfitting and adapts a probability to it.

    A discriminator that has memorised the training images gives all of them positive logits: ``r_t = E[sign D(real)]``
    approaches 1. Above the target p rises, below it p falls. The state stays on the device and is saved with the run.

    Args:
        probability: p at the start, in [0, 1].
        adaptive: adapt p; otherwise only ``r_t`` is measured.
        target: the ``r_t`` to hold, in [-1, 1].
        interval: discriminator phases over which ``r_t`` is averaged, and after which p changes.
        speed: images over which p can rise from 0 to 1.
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
        """Probability of each transform; reading it waits for the device, and setting it ends the adaptation."""
        return float(self.p)

    @probability.setter
    def probability(self, value: float) -> None:
        """Set the probability and stop adapting it, as a schedule does."""
        self.adaptive = False
        self.p.fill_(value)

    @torch.no_grad()
    def adapt(self, real_logits: Tensor) -> None:
        """Update ``r_t`` and p by the logits of a batch of reals, ``(B, ...)``; packed logits are fewer."""
        self.signs += real_logits.sign().sum()
        self.logits += real_logits.numel()
        self.images += max(len(real_logits), self._batch)
        self.phases += 1
        due = self.phases >= self.interval
        self.overfit.copy_(torch.where(due, self.signs / self.logits, self.overfit))
        if self.adaptive:
            change = (self.overfit - self.target).sign() * self.images / self.speed
            self.p.add_(torch.where(due, change, 0)).clamp_(0, 1)
        for sums in (self.signs, self.logits, self.images, self.phases):
            sums.mul_(~due)

    def logged(self) -> Mapping[str, Tensor]:
        """Return p and the latest ``r_t``, which is 0 before the first interval ends."""
        return {"p": self.p, "overfit": self.overfit}

    def _remember_batch_size(self, images: Tensor) -> None:
        """Store the number of images in a batch; packed logits are fewer."""
        self._batch = len(images)
