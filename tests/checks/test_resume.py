"""``resume_differences`` names everything that a checkpoint might lose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

from ganzoo.assembly.build import Assembly, assemble, build_engine
from ganzoo.checks.resume import resume_differences
from ganzoo.checks.runs import shrink_config
from ganzoo.config.layers import Layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.registry.registry import Registry, load_registry
from ganzoo.training import checkpoints
from ganzoo.training.step import Engine

FORGETFUL = """
import torch
from torch import nn

from ganzoo import Component, hookimpl


class Remembers(nn.Module):
    player, every = "discriminator", 1

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(()))

    def forward(self, context):
        logits = context.discriminator(context.real, context.labels).mean()
        self.mean.lerp_(logits.detach(), 0.5)
        return (logits - self.mean).square()


class Drops(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.feature_dim = 8
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], 8), nn.Dropout(0.5))

    def forward(self, images):
        return self.layers(images)


@hookimpl
def ganzoo_components():
    yield Component("term", "remembers", "remembering:Remembers", "trails the discriminator's mean")
    yield Component("discriminator", "drops", "remembering:Drops", "uses the global random state", needs=("image",))
"""


@cache
def catalogue(folder: Path) -> Registry:
    (folder / "remembering.py").write_text(FORGETFUL)
    return load_registry([folder / "remembering.py"])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return catalogue(tmp_path_factory.mktemp("plugin"))


@pytest.fixture
def build(found: Registry) -> Callable[..., Engine]:
    """A run with everything that has a state: batch statistics, a term with a buffer, an average."""

    def make(**components: tuple[str, ...]) -> Engine:
        layer = Layer("command line", {"term": ("remembers",), **components})
        return build_engine(assembled(found, layer), found)

    return make


def assembled(catalogue: Registry, layer: Layer) -> Assembly:
    return assemble(catalogue, shrink_config(catalogue, resolve(catalogue, Request("dcgan", (layer,)))))


def test_the_whole_state_is_restored(build: Callable[..., Engine], tmp_path: Path) -> None:
    assert resume_differences(build, tmp_path) == []


def test_random_numbers_inside_layers_are_repeated(build: Callable[..., Engine], tmp_path: Path) -> None:
    assert resume_differences(lambda: build(discriminator=("drops",)), tmp_path) == []


def forget_optimizer(engine: Engine) -> None:
    for player in engine.players.values():
        player.optimizer.state.clear()


def forget_noise(engine: Engine) -> None:
    engine.run = replace(engine.run, seed=engine.run.seed + 1)


def forget_average(engine: Engine) -> None:
    for name, average in engine.averages.items():
        average.module.load_state_dict(engine.players[name].module.state_dict())


def forget_statistics(engine: Engine) -> None:
    for player in engine.players.values():
        for module in player.module.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.reset_running_stats()


def forget_weights(engine: Engine) -> None:
    with torch.no_grad():
        next(engine.players["discriminator"].module.parameters()).zero_()


def forget_buffers(engine: Engine) -> None:
    for part in engine.stateful_modules.values():
        for buffer in part.buffers():
            buffer.zero_()


def forget_place_in_data(engine: Engine) -> None:
    engine.rewind(engine.steps, engine.batches_seen + 1)


def forget_steps(engine: Engine) -> None:
    engine.rewind(engine.steps + 1, engine.batches_seen)


FORGOTTEN = {
    "optimizer.generator": forget_optimizer,
    "generator.": forget_noise,
    "average.generator": forget_average,
    "generator.norms.0.running_mean": forget_statistics,
    "discriminator.": forget_weights,
    "component.term.remembers.mean": forget_buffers,
    "counter.batches_seen": forget_place_in_data,
    "counter.steps": forget_steps,
}


@pytest.mark.parametrize(("name", "forget"), FORGOTTEN.items(), ids=[f.__name__ for f in FORGOTTEN.values()])
def test_what_is_forgotten_is_named(
    name: str, forget: Callable[[Engine], None], build: Callable[..., Engine], tmp_path: Path
) -> None:
    def restore(engine: Engine, checkpoint: Path) -> None:
        checkpoints.restore_engine(engine, checkpoint)
        forget(engine)

    assert [d for d in resume_differences(build, tmp_path, restore=restore) if d.startswith(name)] != []


def test_a_tensor_missing_from_one_side_counts(build: Callable[..., Engine], tmp_path: Path) -> None:
    def restore(engine: Engine, checkpoint: Path) -> None:
        checkpoints.restore_engine(engine, checkpoint)
        engine.averages.clear()

    assert any(name.startswith("average.") for name in resume_differences(build, tmp_path, restore=restore))
