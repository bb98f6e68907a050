"""The components and recipes that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo import Component, Recipe, Record, hookimpl

LIN = "Lin et al. 2018 (PacGAN), arXiv 1712.04086"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register packing, PacGAN's networks for points, and three recipes."""
    yield Component(
        kind="augmentation",
        name="packing",
        path="ganzoo_packing.packing:Packing",
        summary="the discriminator scores m samples at once and sees missing modes (PacGAN)",
        reference=LIN,
        needs=("unconditional",),
    )
    yield Component(
        kind="generator",
        name="mlp-norm",
        path="ganzoo_packing.networks:NormedGenerator",
        summary="fully connected layers with batch norm and ReLU, for points",
        reference=f"{LIN}, section 4.1",
        needs=("point",),
    )
    yield Component(
        kind="discriminator",
        name="maxout",
        path="ganzoo_packing.networks:MaxoutDiscriminator",
        summary="fully connected layers of maxout units, for points",
        reference="Goodfellow et al. 2013, arXiv 1302.4389",
        needs=("point",),
        provides=("per-sample",),
    )
    yield _make_pacgan_toy()
    yield _make_toy_modes()
    yield _make_pacdcgan()


def _make_pacgan_toy() -> Recipe:
    return Recipe(
        name="pacgan-toy",
        summary="PacGAN2 on the ring of Gaussians, as published: 400,000 steps",
        components={
            "generator": "mlp-norm",
            "discriminator": "maxout",
            "dataset": "ring-8",
            "augmentation": ("packing",),
        },
        settings={
            "run.batch_size": 200,  # 100 packs
            "run.images": 80_000_000,  # 400 passes of 1,000 steps
            "run.log_every": 200_000,
            "run.ema_half_life": 0,
            "optimizer.generator.lr": 1e-4,
            "optimizer.generator.beta1": 0.8,
            "optimizer.discriminator.lr": 1e-4,
            "optimizer.discriminator.beta1": 0.8,
        },
        reference=f"{LIN}, section 4.1",
    )


def _make_toy_modes() -> Recipe:
    return Recipe(
        name="toy-modes",
        summary="reaches every mode of points: a deep narrow generator, decaying R1 and R2",
        components={
            "generator": "mlp-norm",
            "discriminator": "mlp",
            "loss": "non-saturating",
            "term": ("ganzoo-losses:r1", "ganzoo-losses:r2"),
            "schedule": ("term-weight",),
            "dataset": "grid-25",
        },
        settings={
            "generator.width": 64,
            "generator.depth": 12,  # a sharp fold between modes; at depth 3 most samples lie between modes
            "generator.init": 0.07,
            "term.r1.weight": 3e-3,
            "term.r2.weight": 3e-3,
            "schedule.term-weight.end": 1e-4,
            "schedule.term-weight.over": 5_120_000,
            "schedule.term-weight.shape": "exponential",
            "run.batch_size": 512,  # at 256 the same number of steps reaches 93 % high quality, not 95 %
            "run.images": 5_120_000,  # 10,000 steps
            "run.log_every": 100_000,
            **{
                f"optimizer.{player}.{name}": value
                for player in ("generator", "discriminator")
                for name, value in (("lr", 5e-4), ("beta1", 0.0), ("beta2", 0.99), ("schedule", "cosine"))
            },
        },
        reference="Mescheder, Geiger & Nowozin 2018, arXiv 1801.04406; Huang et al. 2024 (R3GAN), arXiv 2501.05441",
        score="25 of 25 modes, reverse KL 0.0033 (grid-25, 5.12M images, seeds 0-9, CPU, commit 65df7f2)",
    )


def _make_pacdcgan() -> Recipe:
    return Recipe(
        name="pacdcgan",
        summary="PacDCGAN2 on Stacked-MNIST; needs MNIST, --set dataset.path=FOLDER",
        components={
            "generator": "ganzoo-dcgan:dcgan",
            "discriminator": "ganzoo-dcgan:dcgan",
            "loss": "non-saturating",
            "dataset": "stacked-mnist",
            "augmentation": ("packing",),
        },
        settings={
            "run.batch_size": 128,  # 64 packs
            "run.images": 12_800_000,  # 50 passes of 2,000 steps
            "run.ema_half_life": 0,
        },
        reference=f"{LIN}, section 4.2",
    )
