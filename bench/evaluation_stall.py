"""How long training stands still for an evaluation: beside the evaluation's own forward passes, in one process.

    python bench/evaluation_stall.py [--samples 10000] [--set generator.width=4 discriminator.width=4] [--metrics fd,kid,pr,dc]
                             [--features random] [--recipe dcgan] [--data sprites] [--conditioning none] [--device cpu]
                             [--threads 1]

One run reads metrics off its samples: first in the training thread, as ``ganzoo evaluate`` does,
then as ``train --evaluate`` does, with the arithmetic beside. Prints the seconds training stands still in both, the
seconds of the bare forward passes (samples made, looked at, their moments gathered), ratios of those, and images per
second while the arithmetic runs beside, against those when nothing does. The reals were looked at before.

Metrics have forward passes of their own, through a classifier, an extractor or the generator. ``in networks`` is the share
of the stall in which any network computed, theirs too: the rest, features' moments among it, is no forward pass.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident

import torch
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from ganzoo.assembly.build import assemble, build_engine
from ganzoo.config.layers import split_layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.evaluation.during_training import PeriodicEvaluation
from ganzoo.registry.registry import load_registry
from ganzoo.runs.folder import create
from ganzoo.training.step import Engine


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    engine, keeper = watched(options)
    average, evaluator = engine.averages["generator"].module, keeper._evaluator
    conditional = keeper._assembly.num_classes > 0
    evaluator.examine(average, conditional=conditional)  # the reals' features are looked up from now on
    forward = [timed(engine, lambda: forwards(keeper)) for _ in range(options.rounds)]
    whole = [timed(engine, lambda: evaluator.examine(average, conditional=conditional)) for _ in range(options.rounds)]
    networks = Networks(keeper)
    stalls, shares, beside, alone = [], [], [], []
    for _ in range(options.rounds):
        with networks.counted():
            stalls.append(timed(engine, lambda: keeper.metrics_to_log(engine.run.images)))
        shares.append(sum(networks.seconds) / stalls[-1])
        beside.append(pace(engine, lambda: not keeper._begun[0].result.done()))
        keeper.late_metrics(engine.run.images)
        until = time.perf_counter() + 2
        alone.append(pace(engine, lambda until=until: time.perf_counter() < until))
    forward_s, whole_s, stall_s = (statistics.median(found) for found in (forward, whole, stalls))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(json.dumps({
        "what": f"{options.metrics} of {options.samples} samples by features {options.features}: training stands still",
        "run": f"{options.recipe} on {options.data}",
        "seconds": {"forward passes": forward_s, "all in the training thread": whole_s, "stood still": stall_s},
        "stood still / forward passes": round(stall_s / forward_s, 2),
        "in networks / stood still": round(statistics.median(shares), 3),
        "in the training thread / forward passes": round(whole_s / forward_s, 2),
        "images_per_second": {"beside the arithmetic": statistics.median(beside), "alone": statistics.median(alone)},
        "device": str(engine.device), "threads": options.threads, "torch": torch.__version__,
        "commit": commit.stdout.strip(),
    }, indent=1))  # fmt: skip


def watched(options: argparse.Namespace) -> tuple[Engine, PeriodicEvaluation]:
    values = {
        "metric": tuple(options.metrics.split(",")), "features": options.features, "dataset.count": options.samples,
        "run.evaluate_samples": options.samples, "run.images": 10**9, "run.device": options.device, "run.workers": 0,
        "conditioning": options.conditioning, "dataset": options.data,
    } | dict(part.split("=") for part in options.set)  # fmt: skip
    catalogue = load_registry()
    assembly = assemble(catalogue, resolve(catalogue, Request(options.recipe, (split_layer("bench", values),))))
    engine = build_engine(assembly, catalogue)
    engine.step()
    folder = create("bench", out=Path(tempfile.mkdtemp()) / "run")
    return engine, PeriodicEvaluation(engine, assembly, catalogue, folder, {})


def forwards(keeper: PeriodicEvaluation) -> None:
    """Make the fakes, look at them, gather their moments: nothing else."""
    conditional = keeper._assembly.num_classes > 0
    fake = keeper._evaluator._exhibits(keeper._engine.averages["generator"].module, conditional).fake
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


class Networks:
    """Seconds of each outermost call of a network in this thread; on a CPU, where a call ends when it is done.

    Args:
        keeper: what its extractor and its generator do outside of ``forward`` counts too.
    """

    def __init__(self, keeper: PeriodicEvaluation) -> None:
        self.seconds, self._begun, self._here = list[float](), list[float](), get_ident()
        generator = keeper._engine.averages["generator"].module
        for part, names in ((keeper._evaluator._view.features, ("maps",)), (generator, ("mapping", "synthesis"))):
            for name in names:
                if hasattr(part, name) and not isinstance(getattr(part, name), torch.nn.Module):
                    setattr(part, name, self._counted(getattr(part, name)))

    def _counted(self, call: Callable[..., object]) -> Callable[..., object]:
        def counted(*given: object) -> object:
            self._enter()
            result = call(*given)
            self._leave()
            return result

        return counted

    def _enter(self, *_: object) -> None:
        if get_ident() == self._here:
            self._begun.append(time.perf_counter())

    def _leave(self, *_: object) -> None:
        if get_ident() == self._here:
            start = self._begun.pop()
            if not self._begun:
                self.seconds.append(time.perf_counter() - start)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count from here on, from nothing."""
        self.seconds.clear()
        hooks = register_module_forward_pre_hook(self._enter), register_module_forward_hook(self._leave)
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()


def settle(engine: Engine) -> None:
    if engine.device.type == "cuda":
        torch.cuda.synchronize()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--set", nargs="*", default=("generator.width=4", "discriminator.width=4"), help="settings; "
                        "narrow players make the arithmetic stand out")  # fmt: skip
    parser.add_argument("--metrics", default="fd,kid,pr,dc")
    parser.add_argument("--features", default="random")
    parser.add_argument("--recipe", default="dcgan")
    parser.add_argument("--data", default="sprites")
    parser.add_argument("--conditioning", default="none", help="projection for metrics of classes")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
