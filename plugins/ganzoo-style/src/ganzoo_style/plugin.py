"""The components and recipes that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzoo import Component, Recipe, Record, Value, When, hookimpl

KARRAS = "Karras et al. 2020, arXiv 1912.04958"
KARRAS_ADA = "Karras et al. 2020, arXiv 2006.06676"

RATE, PAPER_RATE, BETA2 = 2.5e-3, 2e-3, 0.99
"""Adam's learning rates below 1024 pixels (ADA's paper) and in StyleGAN2's paper; beta2, with beta1 = 0."""

CLIP = 1.0
"""Limit for weight clipping: equalised weights come from N(0, 1), so the default of 0.01 would clip nearly all."""


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the pair, the term and two recipes."""
    yield Component(
        kind="generator",
        name="stylegan2",
        path="ganzoo_style.generator:StyleGAN2Generator",
        summary="mapping network, modulated convolutions, noise, skip connections to the image",
        reference=KARRAS,
        needs=("image",),
        provides=("class-conditional", "styles"),
        recommends=_make_adam("generator"),
    )
    yield Component(
        kind="discriminator",
        name="stylegan2",
        path="ganzoo_style.discriminator:StyleGAN2Discriminator",
        summary="residual blocks, low-pass downsampling, minibatch standard deviation",
        reference=KARRAS,
        needs=("image",),
        provides=(When("per-sample", "minibatch_group", (1,)),),
        recommends={**_make_adam("discriminator"), "constraint.weight-clipping.limit": CLIP},
    )
    yield Component(
        kind="term",
        name="path-length",
        path="ganzoo_style.path_length:PathLength",
        summary="path-length regularisation: equal steps in W change images by equal amounts",
        reference=KARRAS,
        needs=("styles",),
    )
    yield _make_stylegan2()
    yield _make_stylegan2_small()


def _make_stylegan2() -> Recipe:
    return Recipe(
        name="stylegan2",
        summary="StyleGAN2, configuration F: R1 every 16 steps, path length every 4",
        components={
            "generator": "stylegan2",
            "discriminator": "stylegan2",
            "loss": "non-saturating",
            "term": ("ganzoo-losses:r1", "path-length"),
        },
        settings={
            "run.batch_size": 32,
            "run.mirror": True,
            "run.ema_half_life": 10_000,
            "term.r1.weight": 10.0,
            "term.r1.every": 16,
            **_make_adam("generator", every=4, rate=PAPER_RATE),
            **_make_adam("discriminator", every=16, rate=PAPER_RATE),
        },
        reference=KARRAS,
    )


def _make_stylegan2_small() -> Recipe:
    return Recipe(
        name="stylegan2-small",
        summary="StyleGAN2 for small images on a CPU: narrow, short mapping, plain blocks",
        components={
            "generator": "stylegan2",
            "discriminator": "stylegan2",
            "loss": "non-saturating",
            "term": ("ganzoo-losses:r1",),
        },
        settings={
            "generator.latent_dim": 64,
            "generator.style_dim": 64,
            "generator.depth": 2,
            "generator.channel_base": 2048,
            "generator.max_channels": 64,
            "generator.style_mixing": 0.0,
            "generator.bound": "tanh",  # better than clamp after 8,000 images on both seeds tried, in narrower runs
            "discriminator.architecture": "orig",
            "discriminator.channel_base": 2048,
            "discriminator.max_channels": 64,
            "run.batch_size": 32,
            "term.r1.weight": 0.01,
            "term.r1.every": 16,
            **_make_adam("generator"),
            **_make_adam("discriminator", every=16),
        },
        reference=KARRAS_ADA,
    )


def _make_adam(player: str, *, every: int | None = None, rate: float = RATE) -> Mapping[str, Value]:
    """Return a player's Adam, corrected for the additional step of a lazy term after every N (appendix B)."""
    share = every / (every + 1) if every else 1.0
    return {
        f"optimizer.{player}.lr": rate * share,
        f"optimizer.{player}.beta1": 0.0,
        f"optimizer.{player}.beta2": BETA2**share,
    }
