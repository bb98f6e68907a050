"""On a real GPU: no host synchronisation in a step, and the CPU's first weights."""

import pytest
import torch

from ganzoo.assembly.build import assemble, build_engine
from ganzoo.checks.runs import shrink_config
from ganzoo.config.layers import split_layer
from ganzoo.config.resolution import Request, change, resolve
from ganzoo.training import checkpoints

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")]

COMBINATIONS = [
    {},
    {"loss": "wgan-gp"},
    {"loss": "hinge", "constraint": ("spectral-norm",), "conditioning": "projection"},
    {"run.precision": "bf16", "loss": "wgan-gp"},
    {"run.mirror": True, "run.accumulate": 2, "run.clip": 1.0},
]


@pytest.mark.parametrize("settings", COMBINATIONS)
def test_a_step_never_waits_for_the_device(engine, settings):
    assert_never_waits(engine(**{**settings, "run.device": "cuda", "run.workers": 0}))


@pytest.mark.parametrize("recipe", ["sngan", "stylegan2", "stylegan2-ada", "r3gan", "pacdcgan"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_no_step_of_a_recipe_waits_either(catalogue, recipe, precision):
    config = shrink_config(
        catalogue, resolve(catalogue, Request(recipe, (split_layer("test", {"dataset": "sprites"}),)))
    )
    config = change(catalogue, config, {"run.device": "cuda", "run.precision": precision}, "test")
    assert_never_waits(build_engine(assemble(catalogue, config), catalogue))


def assert_never_waits(run):
    run.step()
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        run.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("settings", COMBINATIONS[:3])
def test_a_run_starts_from_the_cpus_weights(engine, settings):
    """Noise comes from the device, so later states differ, but not the first."""
    gpu, cpu = (engine(**{**settings, "run.device": name, "run.precision": "fp32"}) for name in ("cuda", "cpu"))
    ours, theirs = checkpoints.model_tensors(gpu), checkpoints.model_tensors(cpu)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_memory_is_level(engine):
    run = engine(**{"run.device": "cuda", "loss": "wgan-gp"})
    levels = []
    for _ in range(2):
        for _ in range(100):
            run.step()
        run.meter.read()
        torch.cuda.synchronize()
        levels.append(torch.cuda.memory_allocated())
    assert levels[0] == levels[1]
