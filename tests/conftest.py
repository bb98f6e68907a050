"""Tiny real runs: every test trains the real parts, at the smallest size they have."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from ganzoo.assembly.build import Assembly, assemble, engine_of
from ganzoo.assembly.plan import Request, resolve
from ganzoo.config import Config, split_layer
from ganzoo.engine.step import Engine
from ganzoo.registry import Registry, registry

torch.set_num_threads(1)

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
    return registry()


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
    return lambda recipe="dcgan", **values: engine_of(build(recipe, **values), catalogue)


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
