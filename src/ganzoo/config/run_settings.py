"""Settings of a run that belong to no part: how long, how large, where, how precisely."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """How a run is carried out, whatever it is assembled from.

    Args:
        images: real images the discriminator sees before the run ends.
        time: seconds after which the run ends even if images are left; none for no limit.
        batch_size: images per batch.
        seed: of weights, order of data, noise and samples.
        device: auto, cpu, cuda, cuda:N or mps.
        precision: fp32, tf32 (matrix products only) or bf16 (autocast; terms stay in fp32); auto is tf32 on a GPU.
        accumulate: parts a batch is split into to save memory; gradients are summed, batch statistics those of a part.
        micro_batch_size: most images of a batch in hand at once, to save memory as accumulate does, packs of them staying
            whole; none for no limit.
        clip: largest gradient norm of a player; none for no clipping.
        ema_half_life: images after which a weight's share in the moving average has halved.
        ema_rampup: the half-life never exceeds this share of the images seen so far.
        channels_last: keep images in the memory layout convolutions like best.
        mirror: flip half of the real images left to right.
        workers: threads that read batches ahead; 0 reads in line. The result does not depend on it.
        log_every: images between two lines of metrics; evaluations add theirs.
        sample_every: images between two sample sheets; none spreads twelve over the run, or over its time.
        checkpoint_every: images between two checkpoints; none spreads four over the run, and saves every ten minutes.
        keep: how many checkpoints stay on disk.
        evaluate_every: images between two evaluations by the run's metrics; none spreads four over the run.
        evaluate_samples: samples an evaluation during training makes.
        health: take health readings every few thousand images; the weights do not depend on it.
        held_out: samples kept from training, on which the health readings see whether the discriminator overfits.
    """

    images: Annotated[int, Ge(1)] = 200_000
    time: Annotated[float, Gt(0)] | None = None
    batch_size: Annotated[int, Ge(1), Le(2**20)] = 64
    seed: Annotated[int, Ge(0), Lt(2**63)] = 0
    device: str = "auto"
    precision: Literal["auto", "fp32", "tf32", "bf16"] = "auto"
    accumulate: Annotated[int, Ge(1)] = 1
    micro_batch_size: Annotated[int, Ge(1)] | None = None
    clip: Annotated[float, Gt(0)] | None = None
    ema_half_life: Annotated[int, Ge(0)] = 10_000
    ema_rampup: Annotated[float, Gt(0)] = 0.05
    channels_last: bool = True
    mirror: bool = False
    workers: Annotated[int, Ge(0)] = 1
    log_every: Annotated[int, Ge(1)] = 2_000
    sample_every: Annotated[int, Ge(1)] | None = None
    checkpoint_every: Annotated[int, Ge(1)] | None = None
    keep: Annotated[int, Ge(1)] = 2
    evaluate_every: Annotated[int, Ge(1)] | None = None
    evaluate_samples: Annotated[int, Ge(2)] = 5_000
    health: bool = True
    held_out: Annotated[int, Ge(0)] = 0

    def edges(self, pack: int = 1) -> list[int]:
        """Tell where a batch is cut into parts, as many as were asked for and as keep each small enough.

        Args:
            pack: samples that stay together. What it does not divide no discriminator sees; it comes with the last part.
        """
        packs = max(self.batch_size // pack, 1)
        most = max((self.micro_batch_size or self.batch_size) // pack, 1)
        components = min(max(self.accumulate, math.ceil(packs / most)), packs)
        return [round(i * packs / components) * pack for i in range(components)] + [self.batch_size]


UNUSED_SETTINGS: Mapping[str, tuple[str, ...]] = {"sgd": ("beta2", "eps"), "rmsprop": ("beta1",)}
"""Settings that an optimiser does not look at."""


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings:
    """How one player learns.

    Args:
        name: adam, adamw (decoupled weight decay), rmsprop or sgd (momentum is beta1).
        lr: learning rate per step.
        beta1: decay of the first moment (Kingma & Ba 2015).
        beta2: decay of the second moment.
        eps: added to the root of the second moment.
        weight_decay: L2 pull towards zero.
        schedule: course of the rate over the run: constant, linear to zero, or cosine to zero.
        warmup: images over which the rate rises from zero.
    """

    name: Literal["adam", "adamw", "rmsprop", "sgd"] = "adam"
    lr: Annotated[float, Gt(0)] = 2e-4
    beta1: Annotated[float, Ge(0), Lt(1)] = 0.5
    beta2: Annotated[float, Ge(0), Lt(1)] = 0.999
    eps: Annotated[float, Gt(0), Le(1)] = 1e-8
    weight_decay: Annotated[float, Ge(0)] = 0.0
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    warmup: Annotated[int, Ge(0)] = 0

    def moment(self, seen: int, total: int) -> dict[str, object]:
        """Tell what the optimiser's groups hold after ``seen`` of ``total`` images."""
        betas: dict[str, object] = {"betas": (self.beta1, self.beta2)}
        others: dict[str, dict[str, object]] = {"rmsprop": {"alpha": self.beta2}, "sgd": {"momentum": self.beta1}}
        return {"lr": self.rate(seen, total), **others.get(self.name, betas)}

    def rate(self, seen: int, total: int) -> float:
        """Give the learning rate after ``seen`` of ``total`` images."""
        done = min(seen / total, 1.0)
        course = {"constant": 1.0, "linear": 1.0 - done, "cosine": 0.5 * (1.0 + math.cos(math.pi * done))}
        rise = min((seen + 1) / self.warmup, 1.0) if self.warmup else 1.0
        return self.lr * course[self.schedule] * rise
