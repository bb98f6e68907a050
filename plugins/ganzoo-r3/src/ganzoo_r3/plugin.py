"""The components and recipes that this distribution registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzoo import Component, Kind, Recipe, Record, Value, hookimpl

HUANG = "Huang et al. 2024 (R3GAN), arXiv 2501.05441"

_COMPONENTS: Mapping[Kind, str | tuple[str, ...]] = {
    "generator": "r3gan",
    "discriminator": "r3gan",
    "loss": "ganzoo-losses:relativistic-pairing",
    "term": ("ganzoo-losses:r1", "ganzoo-losses:r2"),
    "schedule": ("learning-rate", "beta2", "term-weight", "ema-half-life"),
}

_WITH_AUGMENTATION: Mapping[Kind, str | tuple[str, ...]] = {
    **_COMPONENTS,
    "augmentation": "ganzoo-adaptive:ada",
    "schedule": (*_COMPONENTS["schedule"], "augmentation-probability"),
}


@hookimpl
def ganzoo_components() -> Iterator[Record]:
    """Register the pair and three recipes."""
    yield Component(
        kind="generator",
        name="r3gan",
        path="ganzoo_r3.networks:R3GANGenerator",
        summary="residual bottleneck blocks from a learned basis, no normalisation",
        reference=HUANG,
        needs=("image",),
        provides=("class-conditional",),
        recommends=_make_adam("generator"),
    )
    yield Component(
        kind="discriminator",
        name="r3gan",
        path="ganzoo_r3.networks:R3GANDiscriminator",
        summary="residual bottleneck blocks to a learned basis, no normalisation",
        reference=HUANG,
        needs=("image",),
        provides=("per-sample",),
        recommends=_make_adam("discriminator"),
    )
    yield from (_make_r3gan(), _make_r3gan_64(), _make_r3gan_small())


def _make_r3gan() -> Recipe:
    return Recipe(
        name="r3gan",
        summary="R3GAN as published for CIFAR-10, at 32 pixels",
        components=_WITH_AUGMENTATION,
        settings={
            "dataset.resolution": 32,
            "run.images": 250_000_000,
            "run.batch_size": 512,
            "run.micro_batch_size": 64,
            "run.mirror": True,
            **_make_schedule_settings(lr=(2e-4, 5e-5), gamma=(0.05, 0.005), half_life=5_000_000, over=20_000_000),
            **_make_augmentation_settings(0.55, over=20_000_000),
        },
        reference=HUANG,
    )


def _make_r3gan_64() -> Recipe:
    return Recipe(
        name="r3gan-64",
        summary="R3GAN as published for faces, at 64 pixels",
        components=_WITH_AUGMENTATION,
        settings={
            "dataset.resolution": 64,
            "run.images": 100_000_000,
            "run.batch_size": 256,
            "run.micro_batch_size": 32,
            "run.mirror": True,
            **_make_schedule_settings(lr=(2e-4, 5e-5), gamma=(2.0, 0.2), half_life=500_000, over=20_000_000),
            **_make_augmentation_settings(0.3, over=20_000_000),
        },
        reference=HUANG,
    )


def _make_r3gan_small() -> Recipe:
    return Recipe(
        name="r3gan-small",
        summary="R3GAN at 32 pixels, narrow enough for a CPU to train in minutes",
        components=_COMPONENTS,
        settings={
            "dataset.resolution": 32,
            "run.images": 40_000,
            "run.batch_size": 32,
            **_repeat_for_both("", {"width": 64, "blocks": 1, "flat": 8}),
            **_make_schedule_settings(lr=(1e-3, 2.5e-4), gamma=(0.5, 0.05), half_life=2_000, over=40_000),
        },
        reference=HUANG,
    )


def _make_schedule_settings(
    *, lr: tuple[float, float], gamma: tuple[float, float], half_life: int, over: int
) -> dict[str, Value]:
    """Return the start, end and length in images of the four schedules, and Adam's other settings."""
    return {
        **_repeat_for_both("optimizer.", {"lr": lr[0], "beta1": 0.0, "beta2": 0.9}),
        "term.r1.weight": gamma[0],
        "term.r2.weight": gamma[0],
        "run.ema_half_life": 0,
        "run.ema_rampup": 1.0,  # the schedule alone limits the half-life at first
        "schedule.learning-rate.end": lr[1],
        "schedule.beta2.end": 0.99,
        "schedule.term-weight.end": gamma[1],
        "schedule.ema-half-life.end": half_life,
        **{f"schedule.{name}.over": over for name in _COMPONENTS["schedule"]},
    }


def _make_adam(player: str) -> dict[str, Value]:
    """Return Adam's settings at the start of the published runs, for use in other recipes."""
    return {f"optimizer.{player}.{name}": value for name, value in (("lr", 2e-4), ("beta1", 0.0), ("beta2", 0.9))}


def _make_augmentation_settings(end: float, *, over: int) -> dict[str, Value]:
    """Return the settings of ADA and of the schedule that raises its probability from 0."""
    schedule = "schedule.augmentation-probability"
    return {
        "augmentation.ada.groups": ("blit", "geometry", "colour", "cutout"),
        "augmentation.ada.colour_share": 0.5,
        "augmentation.ada.adaptive": False,
        f"{schedule}.end": end,
        f"{schedule}.over": over,
    }


def _repeat_for_both(section: str, settings: Mapping[str, Value]) -> dict[str, Value]:
    """Return settings that are equal for generator and discriminator."""
    players = ("generator", "discriminator")
    return {f"{section}{player}.{name}": value for player in players for name, value in settings.items()}
