"""Training learns: real scores improve, by a stated factor, in minutes on a CPU."""

import numpy as np
import pytest
import torch

import ganzoo
from ganzoo.components.datasets.points import Ring
from ganzoo.runs.folder import RunFolder
from ganzoo.training.health.rules import HealthMonitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def sliced_wasserstein(one, other):
    """Mean over 256 random directions of the 1-D Wasserstein-1 distance; equal numbers of samples."""
    directions = np.random.default_rng(0).standard_normal((one[0].size, 256))
    directions /= np.linalg.norm(directions, axis=0)
    projected = [np.sort(x.reshape(len(x), -1) @ directions, axis=0) for x in (one, other)]
    return float(np.abs(projected[0] - projected[1]).mean())


def alarms(folder):
    """The alarms that the logged health values of a run raise."""
    watch = HealthMonitor()
    return [line for event in RunFolder(folder).read_metrics() for line in watch.update(int(event["step"]), event)]


def test_a_ring_is_covered(tmp_path):
    run = ganzoo.train("toy", seed=0, device="cpu", out=tmp_path / "run")
    counts = Ring().count_modes(run.sample(range(2500)).numpy())
    assert counts["modes"] >= 7
    assert counts["high_quality"] >= 0.5
    assert not alarms(tmp_path / "run")


SMALL = {"dataset.resolution": 16, "generator.width": 16, "discriminator.width": 16}


@pytest.mark.parametrize("loss", ["non-saturating", "wgan-gp", "hinge"])
def test_fakes_approach_sprites(tmp_path, loss):
    from ganzoo.components.datasets.sprites.dataset import Sprites

    run, untrained = (
        ganzoo.train("dcgan", loss=loss, images=images, device="cpu", out=tmp_path / str(images), settings=SMALL)
        for images in (40_000, 1)
    )
    reals, others = (Sprites(resolution=16, seed=s).read(np.arange(1024))["images"] / 127.5 - 1 for s in (0, 1))
    before, after = (sliced_wasserstein(r.sample(range(1024)).numpy(), reals) for r in (untrained, run))
    floor = sliced_wasserstein(others, reals)
    assert after - floor < (before - floor) / 3
    assert not alarms(tmp_path / "40000")


def test_a_requested_class_is_generated(tmp_path):
    """Palettes are the classes: the mean colour of a sample shows its class."""
    settings = {**SMALL, "dataset.label": "palette"}
    run = ganzoo.train(
        "dcgan", conditioning="projection", images=60_000, device="cpu", settings=settings, out=tmp_path / "run"
    )
    from ganzoo.components.datasets.sprites.dataset import Sprites

    batch = Sprites(resolution=16, label="palette").read(np.arange(4000))
    border = torch.from_numpy(batch["images"]).float().div(127.5).sub(1)[:, :, 0].mean(-1)
    centres = torch.stack([border[torch.from_numpy(batch["labels"]) == k].mean(0) for k in range(8)])
    labels = torch.arange(8).repeat(16)
    fakes = run.sample(range(128), labels.tolist())[:, :, 0].mean(-1)
    right = (torch.cdist(fakes, centres).argmin(1) == labels).float().mean().item()
    assert right > 0.8
    assert not alarms(tmp_path / "run")


STYLEGAN2 = {
    f"{player}.{name}": value for player in ("generator", "discriminator")
    for name, value in (("channel_base", 1024), ("max_channels", 32))
}  # fmt: skip
MAPPING = {"generator.depth": 2, "generator.style_dim": 128, "generator.latent_dim": 128}
R3GAN = {f"{player}.width": 32 for player in ("generator", "discriminator")}
FLAT = {f"{player}.{name}": value for player in ("generator", "discriminator")
        for name, value in (("flat", 8), ("blocks", 1))}  # fmt: skip
NARROW = {
    "stylegan2-small": STYLEGAN2,
    "stylegan2": STYLEGAN2 | MAPPING,
    "stylegan2-ada": STYLEGAN2 | MAPPING,
    "stylegan2-cifar": STYLEGAN2 | MAPPING | {"run.ema_half_life": 10_000},
    "r3gan-small": R3GAN,
    "r3gan": R3GAN | FLAT | {"run.batch_size": 32},
    "r3gan-64": R3GAN | FLAT | {"run.batch_size": 32},
}
"""Recipes narrowed for a CPU."""

PIXELS = dict.fromkeys(NARROW, (24_000, {"kid": 0.95, "coverage": 1.25})) | {
    "stylegan2-small": (12_000, {"kid": 0.97, "coverage": 1.25}),
    "r3gan-small": (12_000, {"kid": 0.7, "coverage": 1.5}),
}
"""Images to train on; the factor by which KID falls and coverage rises at least."""


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("recipe", NARROW)
def test_every_modern_recipe_gains_in_fidelity_and_diversity_on_pixel_art(tmp_path, shared_data, recipe):
    """From 1,000 images on, at 32 pixels, in features of an ImageNet-trained network: see docs/gallery/results.md."""
    images, factors = PIXELS[recipe]
    tiles = {"dataset.channels": 3, "run.log_every": 1000, "dataset.resolution": 32, **NARROW[recipe]}
    data, out = str(shared_data / "dcss-tiles" / "dcss_tiles32.zip"), tmp_path / "run"
    (weights,) = (shared_data / "mobilenet-v2").glob("*.safetensors")
    scored = {"features": "timm:mobilenetv2_100", "samples": 1000,
              "settings": {"features.weights": str(weights), "features.resize": 64}}  # fmt: skip
    found = []
    for count in (1_000, images):
        resumed = {"resume": out} if found else {"out": out, "data": data, "settings": tiles}
        run = ganzoo.train(*([] if found else [recipe]), images=count, device="cpu", **resumed)  # the second goes on
        metrics = run.evaluate(["kid", "dc"], **scored).values
        found.append({name: value.value for values in metrics.values() for name, value in values.items()})
    first, last = found
    print(recipe, first, last)
    assert last["kid"] < factors["kid"] * first["kid"]
    assert last["coverage"] > factors["coverage"] * first["coverage"]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("recipe", NARROW)
def test_every_modern_recipe_gains_in_fidelity_and_modes_on_sprites(tmp_path, recipe):
    """From 1,000 images to 60,000, at 32 pixels; docs/gallery/results.md has the values. Seven minutes per recipe."""
    settings, out = {"run.log_every": 1000, **NARROW[recipe]}, tmp_path / "run"
    found = []
    for images in (1_000, 60_000):
        resumed = {"resume": out} if found else {"out": out, "data": "sprites", "resolution": 32, "settings": settings}
        run = ganzoo.train(*([] if found else [recipe]), images=images, device="cpu", **resumed)
        metrics = run.evaluate(["fd", "modes"], features="classifier", samples=4000).values
        found.append((metrics["fd"]["fd"].value, metrics["modes"]["modes"].value))
    (distance, modes), (last_distance, last_modes) = found
    print(recipe, found)
    assert last_distance < 0.75 * distance
    assert last_modes > 1.25 * modes
    assert not alarms(out)
