"""Tiny real runs: every test trains the real parts, at the smallest size they have."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from hypothesis import HealthCheck, settings

import ganzoo
from ganzoo.assembly.build import Assembly, assemble, build_engine
from ganzoo.config.layers import Config, split_layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.registry.registry import Registry, load_registry
from ganzoo.training.device import pick_device
from ganzoo.training.step import Engine
from ganzoo.workflows.prepare import open_saved_run

torch.set_num_threads(1)

# without a clock: on two shared cores a draw may take a second and mean nothing by it
settings.register_profile("patient", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

SHARED = Path(__file__).parents[2] / "shared" / "data"
TINY = {
    "run.batch_size": 4,
    "run.images": 64,
    "run.device": "cpu",
    "generator.width": 4,
    "generator.latent_dim": 4,
    "discriminator.width": 4,
}


@pytest.fixture(scope="session")
def catalogue() -> Registry:
    """Everything installed."""
    return load_registry()


@pytest.fixture(scope="session")
def configure(catalogue: Registry) -> Callable[..., Config]:
    """Resolve a tiny run: ``configure("dcgan", loss="wgan-gp", **{"run.seed": 3})``."""

    def make(recipe: str = "dcgan", **values: object) -> Config:
        small = TINY | (
            {"dataset.resolution": 8, "dataset.count": 64}
            if values.get("dataset", "sprites") == "sprites" and recipe != "toy"
            else {"dataset.count": 64}
        )
        return resolve(catalogue, Request(recipe, (split_layer("command line", {**small, **values}),)))

    return make


@pytest.fixture(scope="session")
def build(catalogue: Registry, configure: Callable[..., Config]) -> Callable[..., Assembly]:
    """Build a tiny run's parts."""
    return lambda recipe="dcgan", **values: assemble(catalogue, configure(recipe, **values))


@pytest.fixture(scope="session")
def engine(catalogue: Registry, build: Callable[..., Assembly]) -> Callable[..., Engine]:
    """Build a tiny run's engine."""
    return lambda recipe="dcgan", **values: build_engine(build(recipe, **values), catalogue)


@pytest.fixture(autouse=True)
def _private_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep caches and runs of tests out of the user's."""
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; tests that need it are skipped where it is missing."""
    if not SHARED.is_dir():
        pytest.skip(f"real data sets are not at {SHARED}")
    return SHARED


SMALL = {"generator.width": 4, "discriminator.width": 4, "dataset.resolution": 8, "dataset.count": 48}

CLOSED_FORM = '''
"""Features and metrics in closed form."""
import time
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge
from ganzoo import Component, hookimpl
from ganzoo.interfaces.measurement import MetricValue


class Averages(torch.nn.Module):
    """The average of each channel.

    Args:
        scale: of the averages.
        note: nothing but a text.
    """

    argument = "note"
    name, resizer = "averages", "none"

    def __init__(self, shape, *, scale: float = 1.0, note: str = ""):
        super().__init__()
        self.dim, self.scale = shape[0], scale

    def forward(self, images):
        return self.scale * (images.flatten(2).mean(2) if images.ndim == 4 else images)

    def fingerprint(self):
        return f"averages-{self.scale}"


class Broken(Averages):
    """Features that are no numbers."""

    argument = ""

    def __init__(self, shape, *, scale: float = 1.0):
        super().__init__(shape, scale=scale)

    def forward(self, images):
        return super().forward(images) * torch.nan


class Gap:
    """How far the mean features lie apart.

    Args:
        power: of the distance.
    """

    uses_features: ClassVar[bool] = True

    def __init__(self, *, power: Annotated[int, Ge(1)] = 1):
        self.power = power

    def __call__(self, inputs):
        gap = (inputs.real.moments.mean - inputs.fake.moments.mean).norm() ** self.power
        inputs.save_sheet("first", inputs.fake.images(range(4)), 2)
        return {"gap": MetricValue(float(gap), 0.01)}


class Spread:
    """How far fakes differ.

    Args:
        better: which way is better.
    """

    uses_features: ClassVar[bool] = False

    def __init__(self, *, better: Literal["higher", "neither"] = "higher"):
        self.better = better

    def __call__(self, inputs):
        torch.randn(3)  # careless of the engine's randomness
        fakes = torch.cat([images for images, _ in inputs.fake.batches()])
        return {"spread": MetricValue(float(fakes.std(0).mean()), None, self.better)}


@hookimpl
def ganzoo_components():
    yield Component("features", "averages", "closed_form:Averages", "averages of channels")
    yield Component("features", "broken", "closed_form:Broken", "no numbers")
    yield Component("metric", "gap", "closed_form:Gap", "how far the means lie apart")
    yield Component("metric", "spread", "closed_form:Spread", "how far fakes differ")
    yield Component("metric", "styled", "closed_form:Spread", "asks for styles", needs=("weather",))
    yield Component("metric", "labelled", "closed_form:Spread", "asks for labels", needs=("labels",))
'''


@pytest.fixture(scope="session")
def plugin(tmp_path_factory) -> Path:
    """The plugin file."""
    file = tmp_path_factory.mktemp("plugin") / "closed_form.py"
    file.write_text(CLOSED_FORM, encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def suites(plugin):
    """Everything installed, and the plugin file."""
    return load_registry([plugin])


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A tiny run of 80 images."""
    return ganzoo.train("dcgan", images=80, batch_size=4, device="cpu", settings=SMALL,
                        out=tmp_path_factory.mktemp("runs") / "first").folder  # fmt: skip


@pytest.fixture(scope="session")
def conditional(tmp_path_factory):
    """A tiny run of a conditional generator."""
    return ganzoo.train("dcgan", conditioning="projection", images=8, batch_size=4, device="cpu", settings=SMALL,
                        out=tmp_path_factory.mktemp("runs") / "classes").folder  # fmt: skip


@pytest.fixture(scope="session")
def opened(plugin):
    """Read a run's configuration, and load everything it may be measured with."""
    return lambda folder: open_saved_run(folder, [str(plugin)])


@pytest.fixture(scope="session")
def cpu():
    return pick_device("cpu")
