"""How long training stands still for an evaluation: beside the evaluation's own forward passes, in one process.

    python bench/watching.py [--samples 10000] [--width 4] [--metrics fd,kid,pr,dc] [--features random] [--device cpu]
                             [--conditioning none] [--threads 1]

One run of dcgan reads metrics off its samples: first in the training thread, as ``ganzoo evaluate`` does,
then as ``train --evaluate`` does, with the arithmetic beside. Prints the seconds training stands still in both, the
seconds of the bare forward passes (samples made, looked at, their moments gathered), ratios of those, and images per
second while the arithmetic runs beside, against those when nothing does. The reals were looked at before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from ganzoo.assembly.build import assemble, engine_of
from ganzoo.assembly.plan import Request, resolve
from ganzoo.config import split_layer
from ganzoo.engine.step import Engine
from ganzoo.evaluation.watching import BestKeeper
from ganzoo.registry import registry
from ganzoo.runs.folder import create


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    engine, keeper = watched(options)
    average, examiner = engine.averages["generator"].module, keeper._examiner
    conditional = keeper._assembly.num_classes > 0
    examiner.examine(average, conditional=conditional)  # the reals' features are looked up from now on
    forward = [timed(engine, lambda: forwards(keeper)) for _ in range(options.rounds)]
    whole = [timed(engine, lambda: examiner.examine(average, conditional=conditional)) for _ in range(options.rounds)]
    stalls, beside, alone = [], [], []
    for _ in range(options.rounds):
        stalls.append(timed(engine, lambda: keeper.readings(engine.run.images)))
        beside.append(pace(engine, lambda: not keeper._begun[0].result.done()))
        keeper.overdue(engine.run.images)
        until = time.perf_counter() + 2
        alone.append(pace(engine, lambda until=until: time.perf_counter() < until))
    forward_s, whole_s, stall_s = (statistics.median(found) for found in (forward, whole, stalls))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(json.dumps({
        "what": f"{options.metrics} of {options.samples} samples by features {options.features}: training stands still",
        "seconds": {"forward passes": forward_s, "all in the training thread": whole_s, "stood still": stall_s},
        "stood still / forward passes": round(stall_s / forward_s, 2),
        "in the training thread / forward passes": round(whole_s / forward_s, 2),
        "images_per_second": {"beside the arithmetic": statistics.median(beside), "alone": statistics.median(alone)},
        "device": str(engine.device), "threads": options.threads, "torch": torch.__version__,
        "commit": commit.stdout.strip(),
    }, indent=1))  # fmt: skip


def watched(options: argparse.Namespace) -> tuple[Engine, BestKeeper]:
    values = {
        "metric": tuple(options.metrics.split(",")), "features": options.features, "dataset.count": options.samples,
        "run.evaluate_samples": options.samples, "run.images": 10**9, "run.device": options.device, "run.workers": 0,
        "generator.width": options.width, "discriminator.width": options.width, "conditioning": options.conditioning,
    }  # fmt: skip
    catalogue = registry()
    assembly = assemble(catalogue, resolve(catalogue, Request("dcgan", (split_layer("bench", values),))))
    engine = engine_of(assembly, catalogue)
    engine.step()
    folder = create("bench", out=Path(tempfile.mkdtemp()) / "run")
    return engine, BestKeeper(engine, assembly, catalogue, folder, {})


def forwards(keeper: BestKeeper) -> None:
    """Make the fakes, look at them, gather their moments: nothing else."""
    conditional = keeper._assembly.num_classes > 0
    fake = keeper._examiner._exhibits(keeper._engine.averages["generator"].module, conditional).fake
    fake.moments.covariance  # noqa: B018


def pace(engine: Engine, going: Callable[[], bool]) -> float:
    """Images per second of training, as long as something goes on."""
    start, before = time.perf_counter(), engine.images_seen
    while going():
        engine.step()
    settle(engine)
    return round((engine.images_seen - before) / (time.perf_counter() - start), 1)


def timed(engine: Engine, work: Callable[[], object]) -> float:
    settle(engine)
    start = time.perf_counter()
    work()
    settle(engine)
    return round(time.perf_counter() - start, 3)


def settle(engine: Engine) -> None:
    if engine.device.type == "cuda":
        torch.cuda.synchronize()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument(
        "--width", type=int, default=4, help="of both players; narrow ones make the arithmetic stand out"
    )
    parser.add_argument("--metrics", default="fd,kid,pr,dc")
    parser.add_argument("--features", default="random")
    parser.add_argument("--conditioning", default="none", help="projection for metrics of classes")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
