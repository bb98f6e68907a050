"""The components and recipes that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzoo import Component, Recipe, Record, Value, hookimpl

MIYATO = "Miyato, Kataoka, Koyama & Yoshida 2018, arXiv 1802.05957"
LIM = "Lim & Ye 2017, arXiv 1705.02894"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the constraint, the hinge loss, the residual networks and the recipe."""
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
        summary="margin loss: logits beyond 1 on the right side cost nothing",
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
        recommends=_make_adam("generator"),
    )
    yield Component(
        kind="discriminator",
        name="sngan",
        path="ganzoo_spectral_norm.networks:SNGANDiscriminator",
        summary="residual blocks without normalisation, average pooling, sum over all positions",
        reference=MIYATO,
        needs=("image",),
        provides=("per-sample",),
        recommends=_make_adam("discriminator"),
    )
    yield _make_sngan()


def _make_sngan() -> Recipe:
    return Recipe(
        name="sngan",
        summary="residual networks, hinge loss, spectral norm: a strong baseline up to 128 pixels",
        components={
            "generator": "sngan",
            "discriminator": "sngan",
            "loss": "hinge",
            "constraint": ("spectral-norm",),
        },
        settings={
            "trainer.discriminator_steps": 5,
            **_make_adam("generator"),
            "optimizer.generator.schedule": "linear",
            **_make_adam("discriminator"),
            "optimizer.discriminator.schedule": "linear",
        },
        reference=MIYATO,
    )


def _make_adam(player: str) -> Mapping[str, Value]:
    """Return a player's Adam: 2e-4 with betas 0 and 0.9."""
    return {f"optimizer.{player}.{name}": value for name, value in (("lr", 2e-4), ("beta1", 0.0), ("beta2", 0.9))}
