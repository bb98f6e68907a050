"""Measure how long training waits for an evaluation, and what a worker process would cost instead.

    python bench/evaluation_stall.py [--samples 5000] [--metrics fd,kid,pr,dc] [--features random] [--recipe dcgan]
                                     [--data sprites] [--device cpu] [--threads 1] [--rounds 3] [--images 200000]
                                     [--set PATH=VALUE ...]

In turn: training steps, an evaluation as ``train --evaluate`` computes it, and a process that evaluates the checkpoint.
Prints the median seconds of each and the share of a run's training that its evaluations add. On one CPU thread it
measures processor time, so that other load on the machine hardly matters; else wall clock time. The features of the
reals are cached before.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

import ganzoo
from ganzoo.assembly.build import assemble, build_engine
from ganzoo.evaluation.evaluator import EvaluationConfig, Evaluator
from ganzoo.evaluation.metric_suite import build_suite
from ganzoo.workflows.prepare import open_saved_run

EVALUATIONS = 4
"""Evaluations of a run that sets no interval."""

STEPS = 30
"""Training steps of a round."""


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    place = Path(tempfile.mkdtemp()) / "run"
    settings = dict(text.split("=") for text in options.set)
    run = ganzoo.train(
        options.recipe, data=options.data, images=64, device=options.device, settings=settings, out=place
    )
    registry, config = open_saved_run(run.folder)
    assembly = assemble(registry, config)
    engine = build_engine(assembly, registry)
    suite = build_suite(registry, options.metrics.split(","), options.features)
    evaluator = Evaluator(suite, assembly.dataset, EvaluationConfig(options.samples), device=engine.device)
    ganzoo_command = str(Path(sys.executable).with_name("ganzoo"))
    command = [ganzoo_command, "evaluate", str(place), "--metrics", options.metrics, "--features", options.features,
               "--samples", str(options.samples), "--device", options.device]  # fmt: skip
    work: dict[str, Callable[[], object]] = {
        "step": lambda: [engine.step() for _ in range(STEPS)],
        "evaluation": lambda: evaluator.evaluate(
            engine.averages["generator"].module, conditional=assembly.num_classes > 0
        ),
        "worker": lambda: subprocess.run(command, check=True, capture_output=True),
    }  # fmt: skip
    clock = processor_time if options.device == "cpu" and options.threads == 1 else time.perf_counter
    for each in work.values():
        each()
    rounds = [{name: timed(each, clock) for name, each in work.items()} for _ in range(options.rounds)]
    step, evaluation, worker = (statistics.median(found[name] for found in rounds) for name in work)
    step, steps = step / STEPS, options.images / config.run.batch_size
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(json.dumps({
        "what": f"{options.metrics} of {options.samples} samples, features {options.features}",
        "run": f"{options.recipe} on {options.data}, {options.images:,} images, {EVALUATIONS} evaluations",
        "seconds": {"step": round(step, 4), "evaluation": round(evaluation, 2), "worker process": round(worker, 2)},
        "share of training": {
            "evaluation": round(EVALUATIONS * evaluation / (step * steps), 3),
            "worker process": round(EVALUATIONS * worker / (step * steps), 3),
        },
        "device": options.device, "threads": options.threads, "torch": torch.__version__,
        "commit": commit.stdout.strip(),
    }, indent=1))  # fmt: skip


def processor_time() -> float:
    """Return the seconds this process and its children have computed."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return clock() - start


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=5_000)
    parser.add_argument("--images", type=int, default=200_000, help="of the run whose share is computed")
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
