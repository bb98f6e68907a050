"""The components and recipes that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo import Component, Kind, Recipe, Record, When, hookimpl

RADFORD = "Radford, Metz & Chintala 2015, arXiv 1511.06434"
GOODFELLOW = "Goodfellow et al. 2014, arXiv 1406.2661"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the DCGAN pair, the minimax loss and the recipes."""
    yield Component(
        kind="generator",
        name="dcgan",
        path="ganzoo_dcgan.networks:DCGANGenerator",
        summary="transposed convolutions, batch norm, ReLU, tanh",
        reference=RADFORD,
        needs=("image",),
        provides=("class-conditional",),
    )
    yield Component(
        kind="discriminator",
        name="dcgan",
        path="ganzoo_dcgan.networks:DCGANDiscriminator",
        summary="strided convolutions, leaky ReLU, by default batch norm",
        reference=RADFORD,
        needs=("image",),
        provides=(When("per-sample", "norm", ("none", "layer", "instance")),),
    )
    yield Component(
        kind="loss",
        name="minimax",
        path="ganzoo_dcgan.losses:Minimax",
        summary="the loss of the first GAN, with a non-saturating or saturating generator",
        reference=GOODFELLOW,
    )
    yield from _yield_recipes()


def _yield_recipes() -> Iterator[Recipe]:
    pair: dict[Kind, str | tuple[str, ...]] = {"generator": "dcgan", "discriminator": "dcgan", "loss": "non-saturating"}
    yield Recipe(
        name="dcgan",
        summary="the GAN to start with: DCGAN at half the width and five times the learning rate",
        components=pair,
        settings={
            "generator.width": 32,
            "discriminator.width": 32,
            "run.batch_size": 32,
            "optimizer.generator.lr": 1e-3,
            "optimizer.discriminator.lr": 1e-3,
        },
        reference=RADFORD,
    )
    yield Recipe(
        name="dcgan-paper",
        summary="DCGAN as published: width 64, Adam 2e-4 with betas 0.5 and 0.999, batches of 128",
        components=pair,
        settings={"run.batch_size": 128},
        reference=RADFORD,
    )
