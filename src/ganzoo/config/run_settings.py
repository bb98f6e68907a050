"""Settings of a run and of its optimizers, which belong to no component."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

Precision = Literal["auto", "fp32", "tf32", "bf16"]


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """How a run is carried out, whatever its components are.

    Args:
        images: real images the discriminator sees before the run ends.
        time: seconds after which the run ends even if images are left; none for no limit.
        batch_size: images per batch.
        seed: of weights, order of data, noise and samples.
        device: auto, cpu, cuda, cuda:N or mps.
        precision: fp32, tf32 (matrix products only) or bf16 (autocast; terms stay in fp32); auto is tf32 on a GPU.
        accumulate: parts a batch is split into to save memory; gradients are summed, batch statistics those of a part.
        micro_batch_size: most images of a batch in memory at once, as accumulate saves it; packs stay whole; none for
            no limit.
        clip: largest gradient norm of a player; none for no clipping.
        ema_half_life: images after which a weight's share in the moving average has halved.
        ema_rampup: the half-life never exceeds this share of the images seen so far.
        channels_last: keep images in the memory layout in which convolutions are fastest.
        mirror: flip half of the real images left to right.
        workers: threads that read batches ahead; 0 reads in line. The result does not depend on it.
        log_every: images between two lines of metrics; evaluations add theirs.
        sample_every: images between two sample sheets; none spreads twelve over the run, or over its time.
        checkpoint_every: images between two checkpoints; none spreads four over the run, and saves every ten minutes.
        keep: how many checkpoints stay on disk.
        evaluate_every: images between two evaluations by the run's metrics; none spreads four over the run.
        evaluate_samples: samples an evaluation during training makes.
        health: log health metrics every few thousand images; the weights do not depend on it.
        held_out: samples kept from training, on which health metrics show whether the discriminator overfits.
    """

    images: Annotated[int, Ge(1)] = 200_000
    time: Annotated[float, Gt(0)] | None = None
    batch_size: Annotated[int, Ge(1), Le(2**20)] = 64
    seed: Annotated[int, Ge(0), Lt(2**63)] = 0
    device: str = "auto"
    precision: Precision = "auto"
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
        """Return where a batch is split into parts, enough of them for ``accumulate`` and ``micro_batch_size``.

        Args:
            pack: samples that stay together. A remainder comes with the last part; no discriminator sees it.
        """
        packs = max(self.batch_size // pack, 1)
        most = max((self.micro_batch_size or self.batch_size) // pack, 1)
        parts = min(max(self.accumulate, math.ceil(packs / most)), packs)
        return [round(i * packs / parts) * pack for i in range(parts)] + [self.batch_size]


UNUSED_SETTINGS: Mapping[str, tuple[str, ...]] = {"sgd": ("beta2", "eps"), "rmsprop": ("beta1",)}
"""Settings that an optimizer does not use."""


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings:
    """How one player is optimized.

    Args:
        name: adam, adamw (decoupled weight decay), rmsprop or sgd (momentum is beta1).
        lr: learning rate per step.
        beta1: decay of the first moment (Kingma & Ba 2015).
        beta2: decay of the second moment.
        eps: added to the root of the second moment.
        weight_decay: L2 pull towards zero.
        schedule: of the rate over the run: constant, linear to zero, or cosine to zero.
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
        """Return the settings of the optimizer's parameter groups after ``seen`` of ``total`` images."""
        betas: dict[str, object] = {"betas": (self.beta1, self.beta2)}
        others: dict[str, dict[str, object]] = {"rmsprop": {"alpha": self.beta2}, "sgd": {"momentum": self.beta1}}
        return {"lr": self.rate(seen, total), **others.get(self.name, betas)}

    def rate(self, seen: int, total: int) -> float:
        """Return the learning rate after ``seen`` of ``total`` images."""
        done = min(seen / total, 1.0)
        course = {"constant": 1.0, "linear": 1.0 - done, "cosine": 0.5 * (1.0 + math.cos(math.pi * done))}
        rise = min((seen + 1) / self.warmup, 1.0) if self.warmup else 1.0
        return self.lr * course[self.schedule] * rise
