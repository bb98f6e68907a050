"""What this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzoo import Component, Recipe, Record, Value, hookimpl

MIYATO = "Miyato, Kataoka, Koyama & Yoshida 2018, arXiv 1802.05957"
LIM = "Lim & Ye 2017, arXiv 1705.02894"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the constraint, the hinge loss, the ResNet pair and the recipe."""
    yield Component(
        kind="constraint",
        name="spectral-norm",
        path="ganzoo_spectral_norm.constraints:SpectralNorm",
        summary="divides every weight matrix by its largest singular value",
        reference=MIYATO,
        recommends={"discriminator.norm": "none"},
    )
    yield Component(
        kind="loss",
        name="hinge",
        path="ganzoo_spectral_norm.losses:Hinge",
        summary="the discriminator pushes until a sample is judged right by a margin of 1",
        reference=LIM,
    )
    yield Component(
        kind="generator",
        name="sngan",
        path="ganzoo_spectral_norm.networks:SNGANGenerator",
        summary="residual blocks with nearest-neighbour upsampling, batch norm, ReLU, tanh",
        reference=MIYATO,
        needs=("image",),
        provides=("class-conditional",),
        recommends=_adam("generator"),
    )
    yield Component(
        kind="discriminator",
        name="sngan",
        path="ganzoo_spectral_norm.networks:SNGANDiscriminator",
        summary="residual blocks without normalisation, average pooling, sum over all positions",
        reference=MIYATO,
        needs=("image",),
        provides=("per-sample",),
        recommends=_adam("discriminator"),
    )
    yield _sngan()


def _sngan() -> Recipe:
    return Recipe(
        name="sngan",
        summary="ResNet pair, hinge loss, spectral norm: the strong baseline at 32 to 128 pixels",
        components={
            "generator": "sngan",
            "discriminator": "sngan",
            "loss": "hinge",
            "constraint": ("spectral-norm",),
        },
        settings={
            "trainer.discriminator_steps": 5,
            **_adam("generator"),
            "optimizer.generator.schedule": "linear",
            **_adam("discriminator"),
            "optimizer.discriminator.schedule": "linear",
        },
        reference=MIYATO,
    )


def _adam(player: str) -> Mapping[str, Value]:
    """Give a player's Adam."""
    return {f"optimizer.{player}.{name}": value for name, value in (("lr", 2e-4), ("beta1", 0.0), ("beta2", 0.9))}
