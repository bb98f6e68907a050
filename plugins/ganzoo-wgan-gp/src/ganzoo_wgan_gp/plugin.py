"""The components and recipes that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo import Component, Recipe, Record, hookimpl

ARJOVSKY = "Arjovsky, Chintala & Bottou 2017, arXiv 1701.07875"
GULRAJANI = "Gulrajani et al. 2017, arXiv 1704.00028"


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the loss with and without gradient penalty, the penalty, weight clipping and two recipes."""
    yield Component(
        kind="loss",
        name="wasserstein",
        path="ganzoo_wgan_gp.losses:Wasserstein",
        summary="difference of mean logits; needs a term or constraint to bound the gradient",
        reference=ARJOVSKY,
    )
    yield Component(
        kind="loss",
        name="wgan-gp",
        path="ganzoo_wgan_gp.losses:Wasserstein",
        summary="the Wasserstein loss with gradient penalty and five discriminator steps",
        reference=GULRAJANI,
        recommends={
            "term": ("gradient-penalty",),
            "trainer.discriminator_steps": 5,
            "optimizer.generator.beta1": 0.0,
            "optimizer.generator.beta2": 0.9,
            "optimizer.discriminator.beta1": 0.0,
            "optimizer.discriminator.beta2": 0.9,
        },
    )
    yield Component(
        kind="term",
        name="gradient-penalty",
        path="ganzoo_wgan_gp.terms:GradientPenalty",
        summary="pulls the norm of the gradient to 1 between reals and fakes",
        reference=GULRAJANI,
        needs=("per-sample",),
        recommends={"discriminator.norm": "none", "discriminator.minibatch_group": 1},
    )
    yield Component(
        kind="constraint",
        name="weight-clipping",
        path="ganzoo_wgan_gp.constraints:WeightClipping",
        summary="clips every weight of the discriminator after each step",
        reference=ARJOVSKY,
        recommends={"discriminator.norm": "none"},
    )
    yield _make_wgan()
    yield Recipe(
        name="wgan-gp",
        summary="WGAN-GP with the DCGAN networks: Adam 1e-4 with betas 0 and 0.9, as published",
        components={"generator": "ganzoo-dcgan:dcgan", "discriminator": "ganzoo-dcgan:dcgan", "loss": "wgan-gp"},
        settings={"optimizer.generator.lr": 1e-4, "optimizer.discriminator.lr": 1e-4},
        reference=GULRAJANI,
    )


def _make_wgan() -> Recipe:
    return Recipe(
        name="wgan",
        summary="the first Wasserstein GAN: weight clipping, RMSprop, five discriminator steps",
        components={
            "generator": "ganzoo-dcgan:dcgan",
            "discriminator": "ganzoo-dcgan:dcgan",
            "loss": "wasserstein",
            "constraint": ("weight-clipping",),
        },
        settings={
            "trainer.discriminator_steps": 5,
            "optimizer.generator.name": "rmsprop",
            "optimizer.generator.lr": 5e-5,
            "optimizer.generator.beta2": 0.99,
            "optimizer.discriminator.name": "rmsprop",
            "optimizer.discriminator.lr": 5e-5,
            "optimizer.discriminator.beta2": 0.99,
        },
        reference=ARJOVSKY,
    )
