"""The engine's cost over a bare loop: the same networks, batches and arithmetic, in turn, in one process.

    python bench/overhead.py [--steps 20] [--rounds 9] [--loss non-saturating|wgan-gp] [--device cpu] [--threads 1]

Prints the ratio of the engine's time to the bare loop's, the median over pairs of rounds with its spread.
On one CPU thread process time is counted, so that other load on the machine hardly matters; with more threads the
wall clock is, because threads that wait for work spin.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import subprocess
import time
from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import softplus

from ganzoo.assembly.build import assemble, engine_of
from ganzoo.assembly.plan import Request, resolve
from ganzoo.config import split_layer
from ganzoo.engine.step import Engine
from ganzoo.registry import registry


class BareLoop:
    """What a careful person writes by hand for one GAN: no settings, no parts, no plugins."""

    def __init__(self, engine: Engine, images: torch.Tensor, *, penalised: bool, critic_steps: int) -> None:
        players = {name: copy.deepcopy(player.module) for name, player in engine.players.items()}
        self.g, self.d = players["generator"], players["discriminator"]
        self.ema = copy.deepcopy(self.g).eval()
        moments = engine.players["generator"].settings
        betas = (moments.beta1, moments.beta2)
        self.opt_g = torch.optim.Adam(self.g.parameters(), moments.lr, betas, fused=True)
        self.opt_d = torch.optim.Adam(self.d.parameters(), moments.lr, betas, fused=True)
        self.images, self.batch, self.device = images, engine.run.batch_size, engine.device
        self.penalised, self.critic_steps = penalised, critic_steps
        self.labels = torch.zeros(self.batch, dtype=torch.int64, device=self.device)
        pairs = zip(
            [*self.ema.parameters(), *self.ema.buffers()], [*self.g.parameters(), *self.g.buffers()], strict=True
        )
        self.averaged, self.original = zip(*[(a, b) for a, b in pairs if a.is_floating_point()], strict=True)

    def step(self) -> None:
        for _ in range(self.critic_steps):
            self.critic_step()
        self.generator_step()
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged), [x.detach() for x in self.original], 0.01)

    def critic_step(self) -> None:
        self.d.requires_grad_(True)
        index = torch.from_numpy(np.random.randint(0, len(self.images), self.batch))
        real = self.images[index].to(self.device).float().div_(127.5).sub_(1)
        real = real.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            fake = self.g(self.noise(), self.labels)
        score_real, score_fake = self.d(real, self.labels).logits, self.d(fake, self.labels).logits
        if self.penalised:
            loss = score_fake.mean() - score_real.mean() + self.penalty(real, fake)
        else:
            loss = softplus(-score_real).mean() + softplus(score_fake).mean()
        self.opt_d.zero_grad()
        loss.backward()
        self.opt_d.step()

    def penalty(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        mixed = torch.lerp(fake, real, torch.rand(self.batch, 1, 1, 1, device=self.device)).requires_grad_()
        (slope,) = torch.autograd.grad(self.d(mixed, self.labels).logits.sum(), mixed, create_graph=True)
        return 10.0 * (slope.flatten(1).norm(dim=1) - 1).square().mean()

    def generator_step(self) -> None:
        self.d.requires_grad_(False)
        score = self.d(self.g(self.noise(), self.labels), self.labels).logits
        loss = -score.mean() if self.penalised else softplus(-score).mean()
        self.opt_g.zero_grad()
        loss.backward()
        self.opt_g.step()

    def noise(self) -> torch.Tensor:
        return torch.randn(self.batch, self.g.latent_dim, device=self.device)


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    parts = {
        "loss": options.loss,
        "run.device": options.device,
        "run.workers": 0,
        "dataset.count": 2048,
        "run.images": 10**9,
    }
    catalogue = registry()
    config = resolve(catalogue, Request("dcgan", (split_layer("bench", parts),)))
    engine = engine_of(assemble(catalogue, config), catalogue)
    images = torch.from_numpy(assemble(catalogue, config).dataset.read(np.arange(2048))["images"])
    for _ in range(2048 // engine.run.batch_size + 1):  # draw every picture before anything is timed
        engine._next_batch()
    bare = BareLoop(
        engine, images, penalised=options.loss == "wgan-gp", critic_steps=int(config["trainer.critic_steps"])
    )
    timed(engine.step, 5, engine.device), timed(bare.step, 5, engine.device)
    pairs = [(timed(engine.step, options.steps, engine.device), timed(bare.step, options.steps, engine.device))
             for _ in range(options.rounds)]  # fmt: skip
    print(json.dumps(result(options, engine, pairs), indent=1))


def timed(step: Callable[[], None], steps: int, device: torch.device) -> float:
    clock = time.process_time if device.type == "cpu" and torch.get_num_threads() == 1 else time.perf_counter
    if device.type == "cuda":
        torch.cuda.synchronize()
    start = clock()
    for _ in range(steps):
        step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return (clock() - start) / steps


def result(options: argparse.Namespace, engine: Engine, pairs: list[tuple[float, float]]) -> dict[str, object]:
    ratios = sorted(ours / bare for ours, bare in pairs)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "what": f"dcgan 32x32, {options.loss}, batch {engine.run.batch_size}: engine / bare loop, time of a step",
        "ratio": {"min": ratios[0], "median": statistics.median(ratios), "max": ratios[-1]},
        "milliseconds": {"engine": 1e3 * statistics.median(a for a, _ in pairs),
                         "bare": 1e3 * statistics.median(b for _, b in pairs)},
        "device": str(engine.device), "threads": torch.get_num_threads(), "torch": torch.__version__,
        "commit": commit.stdout.strip(),
    }  # fmt: skip


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--loss", choices=["non-saturating", "wgan-gp"], default="non-saturating")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
