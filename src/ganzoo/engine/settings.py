"""Settings of a run that belong to no part: how long, how large, where, how precisely."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """How a run is carried out, whatever it is assembled from.

    Args:
        images: real images the critic sees before the run ends.
        time: seconds after which the run ends even if images are left; none for no limit.
        batch_size: images per batch.
        seed: of weights, order of data, noise and samples.
        device: auto, cpu, cuda, cuda:N or mps.
        precision: fp32, tf32 (matrix products only) or bf16 (autocast; penalties stay in fp32); auto is tf32 on a GPU.
        accumulate: parts a batch is split into to save memory; gradients are summed, batch statistics those of a part.
        part_size: most images of a batch in hand at once, to save memory as accumulate does, packs of them staying
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
        held_out: samples kept from training, on which the health readings see whether the critic overfits.
    """

    images: Annotated[int, Ge(1)] = 200_000
    time: Annotated[float, Gt(0)] | None = None
    batch_size: Annotated[int, Ge(1), Le(2**20)] = 64
    seed: Annotated[int, Ge(0), Lt(2**63)] = 0
    device: str = "auto"
    precision: Literal["auto", "fp32", "tf32", "bf16"] = "auto"
    accumulate: Annotated[int, Ge(1)] = 1
    part_size: Annotated[int, Ge(1)] | None = None
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
            pack: samples that stay together. What it does not divide no critic sees; it comes with the last part.
        """
        packs = max(self.batch_size // pack, 1)
        most = max((self.part_size or self.batch_size) // pack, 1)
        parts = min(max(self.accumulate, math.ceil(packs / most)), packs)
        return [round(i * packs / parts) * pack for i in range(parts)] + [self.batch_size]
