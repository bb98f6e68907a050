"""Measure the cost of the engine over a bare loop with the same networks, batches and arithmetic.

    python bench/overhead.py [--recipe dcgan|wgan-gp|stylegan2|r3gan] [--rounds 9] [--device cpu] [--threads 1]

Both run in turn in one process. Prints the ratio of their times (minimum, median and maximum over pairs of rounds),
images per second, and the operations and convolutions that a step dispatches, averaged over a cycle of lazy terms.
On one CPU thread it measures process time, so that other load on the machine hardly matters; with more threads wall
clock time, because waiting threads spin.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from bare_loops import R3GAN, WGANGP, BareLoop, Plain, StyleGAN2
from torch.utils._python_dispatch import TorchDispatchMode

from ganzoo.assembly.build import assemble, build_engine
from ganzoo.config.layers import split_layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.registry.registry import load_registry
from ganzoo.training.step import Engine


@dataclass(frozen=True)
class Case:
    """A recipe and the loop it is compared with.

    Args:
        recipe: name of the recipe.
        loop: the loop written by hand.
        settings: settings on top of the recipe's.
    """

    recipe: str
    loop: type[BareLoop]
    settings: Mapping[str, object]


NARROW = {"generator.channel_base": 2048, "generator.max_channels": 64, "generator.latent_dim": 64,
          "generator.style_dim": 64, "generator.depth": 2, "generator.style_mixing": 0.0, "run.mirror": False,
          "discriminator.channel_base": 2048, "discriminator.max_channels": 64}  # fmt: skip
CASES = {
    "dcgan": Case("dcgan", Plain, {}),
    "wgan-gp": Case("dcgan", WGANGP, {"loss": "wgan-gp"}),
    "stylegan2": Case("stylegan2", StyleGAN2, NARROW),
    "r3gan": Case("r3gan-small", R3GAN, {}),
}


class DispatchCounter(TorchDispatchMode):
    """Counts dispatched operations and convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = self.convolutions = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None) -> object:  # noqa: ANN001
        self.operations += 1
        self.convolutions += "convolution" in func.__name__
        return func(*args, **(kwargs or {}))


def main() -> None:
    options = parse_options()
    torch.set_num_threads(options.threads)
    case = CASES[options.recipe]
    settings = {
        "run.device": options.device,
        "run.workers": 0,
        "dataset.count": 2048,
        "run.images": 10**9,
        **case.settings,
    }
    catalogue = load_registry()
    config = resolve(catalogue, Request(case.recipe, (split_layer("bench", settings),)))
    engine = build_engine(assemble(catalogue, config), catalogue)
    images = torch.from_numpy(assemble(catalogue, config).dataset.read(np.arange(2048))["images"])
    for _ in range(2048 // engine.run.batch_size + 1):  # read every image before timing
        engine._next_batch()
    bare = case.loop(engine, images)
    counts = {name: count_dispatched(step) for name, step in (("engine", engine.step), ("bare", bare.step))}
    pairs = [tuple(measure_seconds(step, options.steps, engine.device) for step in (engine.step, bare.step))
             for _ in range(options.rounds)]  # fmt: skip
    print(json.dumps(summarise(options.recipe, engine, pairs) | {"dispatched": counts}, indent=1))


def count_dispatched(step: Callable[[], None], steps: int = 16) -> dict[str, float]:
    with DispatchCounter() as counted:
        for _ in range(steps):
            step()
    return {"operations": counted.operations / steps, "convolutions": counted.convolutions / steps}


def measure_seconds(step: Callable[[], None], steps: int, device: torch.device) -> float:
    clock = time.process_time if device.type == "cpu" and torch.get_num_threads() == 1 else time.perf_counter
    if device.type == "cuda":
        torch.cuda.synchronize()
    start = clock()
    for _ in range(steps):
        step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return (clock() - start) / steps


def summarise(case: str, engine: Engine, pairs: list[tuple[float, float]]) -> dict[str, object]:
    ratios = sorted(ours / bare for ours, bare in pairs)
    seconds = {
        name: statistics.median(side) for name, side in zip(("engine", "bare"), zip(*pairs, strict=True), strict=True)
    }
    images = engine.run.batch_size * sum(phase.repeat for phase in engine.phases if phase.new_batch)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "what": f"{case} 32x32, batch {engine.run.batch_size}: engine / bare loop, time of a step",
        "ratio": {"min": ratios[0], "median": statistics.median(ratios), "max": ratios[-1]},
        "milliseconds": {name: 1e3 * taken for name, taken in seconds.items()},
        "images per second": {name: images / taken for name, taken in seconds.items()},
        "device": str(engine.device), "threads": torch.get_num_threads(), "torch": torch.__version__,
        "commit": commit.stdout.strip(),
    }  # fmt: skip


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", choices=CASES, default="dcgan")
    parser.add_argument("--steps", type=int, default=16, help="a multiple of 16 holds whole cycles of lazy terms")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
