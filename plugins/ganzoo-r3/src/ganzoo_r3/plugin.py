"""What this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzoo.registry.hooks import hookimpl
from ganzoo.registry.kinds import Kind
from ganzoo.registry.specs import Component, Recipe, Record, Value

HUANG = "Huang et al. 2024 (R3GAN), arXiv 2501.05441"

_PARTS: Mapping[Kind, str | tuple[str, ...]] = {
    "generator": "r3gan",
    "discriminator": "r3gan",
    "loss": "ganzoo-losses:relativistic-pairing",
    "term": ("ganzoo-losses:r1", "ganzoo-losses:r2"),
    "schedule": ("learning-rate", "beta2", "term-weight", "ema-half-life"),
}


_AUGMENTED: Mapping[Kind, str | tuple[str, ...]] = {
    **_PARTS,
    "augmentation": "ganzoo-adaptive:ada",
    "schedule": (*_PARTS["schedule"], "augmentation-probability"),
}


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the pair and three recipes."""
    yield Component(
        kind="generator",
        name="r3gan",
        path="ganzoo_r3.networks:R3GANGenerator",
        summary="grouped bottlenecks on a learned basis, bilinear upsampling, no normalisation",
        reference=HUANG,
        needs=("image",),
        provides=("class-conditional",),
        recommends=_adam("generator"),
    )
    yield Component(
        kind="discriminator",
        name="r3gan",
        path="ganzoo_r3.networks:R3GANDiscriminator",
        summary="grouped bottlenecks, bilinear downsampling, a learned basis; no normalisation",
        reference=HUANG,
        needs=("image",),
        provides=("per-sample",),
        recommends=_adam("discriminator"),
    )
    yield from (_r3gan(), _r3gan_64(), _r3gan_small())


def _r3gan() -> Recipe:
    return Recipe(
        name="r3gan",
        summary="relativistic pairing, R1 and R2 on plain residual networks; at 32 pixels",
        components=_AUGMENTED,
        settings={
            "dataset.resolution": 32,
            "run.images": 250_000_000,
            "run.batch_size": 512,
            "run.micro_batch_size": 64,
            "run.mirror": True,
            **_courses(lr=(2e-4, 5e-5), gamma=(0.05, 0.005), half_life=5_000_000, over=20_000_000),
            **_augmented(0.55, over=20_000_000),
        },
        reference=HUANG,
    )


def _r3gan_64() -> Recipe:
    return Recipe(
        name="r3gan-64",
        summary="R3GAN as published for faces at 64 pixels",
        components=_AUGMENTED,
        settings={
            "dataset.resolution": 64,
            "run.images": 100_000_000,
            "run.batch_size": 256,
            "run.micro_batch_size": 32,
            "run.mirror": True,
            **_courses(lr=(2e-4, 5e-5), gamma=(2.0, 0.2), half_life=500_000, over=20_000_000),
            **_augmented(0.3, over=20_000_000),
        },
        reference=HUANG,
    )


def _r3gan_small() -> Recipe:
    return Recipe(
        name="r3gan-small",
        summary="R3GAN narrowed until a CPU trains it in minutes; at 32 pixels",
        components=_PARTS,
        settings={
            "dataset.resolution": 32,
            "run.images": 40_000,
            "run.batch_size": 32,
            **_both("", {"width": 64, "blocks": 1, "flat": 8}),
            **_courses(lr=(1e-3, 2.5e-4), gamma=(0.5, 0.05), half_life=2_000, over=40_000),
        },
        reference=HUANG,
    )


def _courses(*, lr: tuple[float, float], gamma: tuple[float, float], half_life: int, over: int) -> dict[str, Value]:
    """Where the four settings that move begin and end, and over how many images they do; Adam's others beside them."""
    return {
        **_both("optimizer.", {"lr": lr[0], "beta1": 0.0, "beta2": 0.9}),
        "term.r1.weight": gamma[0],
        "term.r2.weight": gamma[0],
        "run.ema_half_life": 0,
        "run.ema_rampup": 1.0,  # its course alone holds the half-life down at first
        "schedule.learning-rate.end": lr[1],
        "schedule.beta2.end": 0.99,
        "schedule.term-weight.end": gamma[1],
        "schedule.ema-half-life.end": half_life,
        **{f"schedule.{name}.over": over for name in _PARTS["schedule"]},
    }


def _adam(player: str) -> dict[str, Value]:
    """Adam as the published runs begin with it, for a player in somebody else's recipe."""
    return {f"optimizer.{player}.{name}": value for name, value in (("lr", 2e-4), ("beta1", 0.0), ("beta2", 0.9))}


def _augmented(end: float, *, over: int) -> dict[str, Value]:
    """Which transforms there are, and how likely, from never on; nothing else steers it."""
    course = "schedule.augmentation-probability"
    return {
        "augmentation.ada.groups": ("blit", "geometry", "colour", "cutout"),
        "augmentation.ada.colour_share": 0.5,
        "augmentation.ada.adaptive": False,
        f"{course}.end": end,
        f"{course}.over": over,
    }


def _both(section: str, settings: Mapping[str, Value]) -> dict[str, Value]:
    """The same for generator and discriminator."""
    players = ("generator", "discriminator")
    return {f"{section}{player}.{name}": value for player in players for name, value in settings.items()}
