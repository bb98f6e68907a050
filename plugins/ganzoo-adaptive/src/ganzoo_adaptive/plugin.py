"""The components and recipes that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzoo import Component, Recipe, Record, Value, hookimpl

KARRAS = "Karras et al. 2020, arXiv 2006.06676"
ZHAO = "Zhao et al. 2020, arXiv 2006.10738"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register two augmentations and two recipes."""
    yield Component(
        kind="augmentation",
        name="ada",
        path="ganzoo_adaptive.ada:Ada",
        summary="random transforms, as often as needed to keep the discriminator from overfitting",
        reference=KARRAS,
        needs=("image",),
    )
    yield Component(
        kind="augmentation",
        name="diff-augment",
        path="ganzoo_adaptive.diff_augment:DiffAugment",
        summary="recolours, translates and cuts out every image the discriminator sees",
        reference=ZHAO,
        needs=("image",),
    )
    yield _make_stylegan2_ada()
    yield _make_stylegan2_cifar()


def _make_stylegan2_ada() -> Recipe:
    return Recipe(
        name="stylegan2-ada",
        summary="StyleGAN2 with ADA, for a few hundred to a few thousand images",
        components={
            "generator": "ganzoo-style:stylegan2",
            "discriminator": "ganzoo-style:stylegan2",
            "loss": "non-saturating",
            "term": ("ganzoo-losses:r1", "ganzoo-style:path-length"),
            "augmentation": "ada",
        },
        settings={
            "generator.channel_base": 16384,  # below 512 pixels the paper halves the capacity
            "discriminator.channel_base": 16384,
            "term.r1.weight": 2e-4 * 64**2 / 32,  # the authors' rule for batches of 32
            "term.r1.at_side": 64,
            "term.r1.every": 16,
            "run.batch_size": 32,
            "run.mirror": True,
            "run.ema_half_life": 10_000,
            **_make_adam("generator", every=4),
            **_make_adam("discriminator", every=16),
        },
        reference=KARRAS,
    )


def _make_stylegan2_cifar() -> Recipe:
    return Recipe(
        name="stylegan2-cifar",
        summary="StyleGAN2 as tuned for CIFAR-10: short mapping, plain blocks, long average",
        components={
            "generator": "ganzoo-style:stylegan2",
            "discriminator": "ganzoo-style:stylegan2",
            "loss": "non-saturating",
            "term": ("ganzoo-losses:r1",),
            "augmentation": "ada",
        },
        settings={
            "generator.depth": 2,
            "generator.style_mixing": 0.0,
            "discriminator.architecture": "orig",
            "discriminator.minibatch_group": 32,
            "term.r1.weight": 0.01,
            "term.r1.every": 16,
            "run.batch_size": 64,
            "run.ema_half_life": 500_000,
            **_make_adam("generator", every=4),  # as published, though there is no path-length term
            **_make_adam("discriminator", every=16),
        },
        reference=KARRAS,
    )


def _make_adam(player: str, *, every: int) -> Mapping[str, Value]:
    """Return a player's Adam, 2.5e-3 with betas 0 and 0.99, corrected for a lazy term after every N steps."""
    share = every / (every + 1)  # Karras et al. 2020, arXiv 1912.04958, appendix B
    return {
        f"optimizer.{player}.lr": 2.5e-3 * share,
        f"optimizer.{player}.beta1": 0.0,
        f"optimizer.{player}.beta2": 0.99**share,
    }
