"""How long training waits for an evaluation, and what a worker process would cost instead.

    python bench/evaluation_stall.py [--samples 5000] [--metrics fd,kid,pr,dc] [--features random] [--recipe dcgan]
                                     [--data sprites] [--device cpu] [--threads 1] [--rounds 3] [--set PATH=VALUE ...]

Prints, for one run: the seconds training waits for an evaluation, also in units of the bare forward passes (making the
fakes, their features and moments); and the seconds of a process that evaluates the run's published checkpoint, with the
part of it that only starts Python, torch and the run. The features of the reals are cached before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

import ganzoo
from ganzoo.assembly.build import open_dataset
from ganzoo.evaluation.evaluator import EvaluationConfig, Evaluator
from ganzoo.evaluation.generator import find_checkpoint, load_generator
from ganzoo.evaluation.metric_suite import build_suite
from ganzoo.runs.folder import RunFolder
from ganzoo.workflows.prepare import open_saved_run


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    place = Path(tempfile.mkdtemp()) / "run"
    settings = {"dataset.count": options.samples, **dict(text.split("=") for text in options.set)}
    run = ganzoo.train(
        options.recipe, data=options.data, images=64, device=options.device, settings=settings, out=place
    )
    evaluator, generator = prepare(run.folder, options)
    evaluator.evaluate(generator, conditional=False)
    forward = [
        timed(lambda: evaluator._inputs(generator, False).fake.moments.covariance) for _ in range(options.rounds)
    ]
    stall = [timed(lambda: evaluator.evaluate(generator, conditional=False)) for _ in range(options.rounds)]
    command = [str(Path(sys.executable).with_name("ganzoo")), "evaluate", str(place), "--metrics", options.metrics,
               "--features", options.features, "--samples", str(options.samples), "--device", options.device]  # fmt: skip
    worker = [timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(options.rounds)]
    start = [timed(lambda: subprocess.run([*command[:-4], "--samples", "2", "--metrics", "fd"], capture_output=True))
             for _ in range(options.rounds)]  # fmt: skip
    forward_s, stall_s, worker_s, start_s = map(statistics.median, (forward, stall, worker, start))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(json.dumps({
        "what": f"{options.metrics} of {options.samples} samples, features {options.features}, {options.recipe} on {options.data}",
        "seconds": {"training waits": stall_s, "forward passes": forward_s, "worker process": worker_s, "its start": start_s},
        "training waits / forward passes": round(stall_s / forward_s, 2),
        "worker process / training waits": round(worker_s / stall_s, 2),
        "device": options.device, "threads": options.threads, "torch": torch.__version__, "commit": commit.stdout.strip(),
    }, indent=1))  # fmt: skip


def prepare(folder: RunFolder, options: argparse.Namespace) -> tuple[Evaluator, torch.nn.Module]:
    registry, config = open_saved_run(folder)
    dataset = open_dataset(registry, config)
    device = torch.device(options.device)
    suite = build_suite(registry, options.metrics.split(","), options.features)
    evaluator = Evaluator(suite, dataset, EvaluationConfig(options.samples), device=device)
    return evaluator, load_generator(registry, config, dataset, find_checkpoint(folder), options.device).generator


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return round(time.perf_counter() - start, 3)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=5_000)
    parser.add_argument("--set", nargs="*", default=())
    parser.add_argument("--metrics", default="fd,kid,pr,dc")
    parser.add_argument("--features", default="random")
    parser.add_argument("--recipe", default="dcgan")
    parser.add_argument("--data", default="sprites")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
