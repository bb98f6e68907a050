"""What this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo.hooks import hookimpl
from ganzoo.specs import Component, Recipe, Record, When

RADFORD = "Radford, Metz & Chintala 2015, arXiv 1511.06434"
GOODFELLOW = "Goodfellow et al. 2014, arXiv 1406.2661"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the DCGAN pair, the minimax loss and the recipe."""
    yield Component(
        kind="generator",
        name="dcgan",
        target="ganzoo_dcgan.networks:DCGANGenerator",
        summary="transposed convolutions from 4x4 up, batch norm, ReLU, tanh",
        reference=RADFORD,
        needs=("image",),
        provides=("class-conditional",),
    )
    yield Component(
        kind="discriminator",
        name="dcgan",
        target="ganzoo_dcgan.networks:DCGANDiscriminator",
        summary="strided convolutions, leaky ReLU, batch norm unless told otherwise",
        reference=RADFORD,
        needs=("image",),
        provides=(When("per-sample", "norm", ("none", "layer", "instance")),),
    )
    yield Component(
        kind="loss",
        name="minimax",
        target="ganzoo_dcgan.losses:Minimax",
        summary="the first GAN's value; the generator's half as trained, or saturating",
        reference=GOODFELLOW,
    )
    yield Recipe(
        name="dcgan",
        summary="the GAN to start with: small, quick, takes any loss",
        parts={"generator": "dcgan", "discriminator": "dcgan", "loss": "non-saturating"},
        settings={"generator.width": 32, "discriminator.width": 32},
        reference=RADFORD,
    )
