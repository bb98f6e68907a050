"""Compare our metrics with torchmetrics and prdc on the same cached features.

    python bench/metrics.py [--samples 10000] [--dim 2048] [--threads 2]

Measures Frechet distance, kernel distance (100 subsets of 1000), precision/recall and density/coverage, one after the
other in one process. Ours run first, so that our peak of memory does not include theirs. Ours are the registered
components, with errors (also of the Frechet distance, which torchmetrics does not compute). Precision and recall are
published with 3 neighbours, density and coverage with 5, and a call of prdc computes all four with one number, so it is
called for each; the ratio with a single call is printed too. Prints the values of both, wall clock and processor time
in seconds, the ratio, and the peak of memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn

from ganzoo.components.metrics.frechet import FrechetDistance
from ganzoo.components.metrics.moments import Moments
from ganzoo.components.metrics.pairwise_metrics import DensityCoverage, KernelDistance, PrecisionRecall

BATCH = 128


@dataclass(eq=False)
class Cached:
    """Cached features of reals or fakes."""

    rows: Tensor

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def moments(self) -> Moments:
        """Moments, accumulated in the batches of an evaluation."""
        moments = Moments(self.rows.shape[1])
        for part in self.rows.split(BATCH):
            moments.update(part)
        return moments


@dataclass(eq=False)
class CachedInputs:
    """Metric inputs of cached features."""

    real: Cached
    fake: Cached
    features: SimpleNamespace

    def random(self, name: str) -> torch.Generator:
        return torch.Generator().manual_seed(0)


class IdentityFeatures(nn.Module):
    """A feature extractor for torchmetrics whose images already are features."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.num_features = dim

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1)[:, : self.num_features].float()


def ours(real: Tensor, fake: Tensor, clock: Clock) -> dict[str, float]:
    inputs = CachedInputs(Cached(real), Cached(fake), SimpleNamespace(name="cached"))
    found: dict[str, float] = {}
    for name, metric in (
        ("fd", FrechetDistance()),
        ("kid + pr + dc", KernelDistance()),  # the first one computes the distances they share
        ("", PrecisionRecall()),
        ("", DensityCoverage()),
    ):
        values = clock.measure(name or "kid + pr + dc", lambda metric=metric: metric(inputs))
        found |= {key: value.value for key, value in values.items()}
    return found


def theirs(real: Tensor, fake: Tensor, clock: Clock) -> dict[str, float]:
    from prdc import compute_prdc
    from torchmetrics.image.fid import FrechetInceptionDistance
    from torchmetrics.image.kid import KernelInceptionDistance

    shape = (real.shape[1], 1, 1)
    fid = FrechetInceptionDistance(feature=IdentityFeatures(real.shape[1]), normalize=True, input_img_size=shape)
    kid = KernelInceptionDistance(feature=IdentityFeatures(real.shape[1]), normalize=True)
    found = {
        "fd": float(clock.measure("fd", lambda: compute(fid, real, fake))),
        "kid": float(clock.measure("kid", lambda: compute(kid, real, fake))[0]),
    }
    for k, wanted in ((3, ("precision", "recall")), (5, ("density", "coverage"))):
        shares = clock.measure(f"prdc, k = {k}", lambda k=k: compute_prdc(real.numpy(), fake.numpy(), k))
        found |= {key: float(shares[key]) for key in wanted}
    return found


def compute(metric: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    with torch.no_grad():
        for is_real, rows in ((True, real), (False, fake)):
            for part in rows.split(BATCH):
                metric.update(part[:, :, None, None], real=is_real)
        return metric.compute()


class Clock:
    """Adds up wall clock and processor time in seconds, by name."""

    def __init__(self) -> None:
        self.spent: dict[str, np.ndarray] = {}

    def measure(self, name: str, work: Callable[[], object]) -> object:
        start = np.array([time.perf_counter(), time.process_time()])
        result = work()
        spent = np.array([time.perf_counter(), time.process_time()]) - start
        self.spent[name] = self.spent.get(name, np.zeros(2)) + spent
        return result

    def total(self) -> np.ndarray:
        return sum(self.spent.values(), np.zeros(2))

    def report(self) -> dict[str, dict[str, float]]:
        both = {**self.spent, "all": self.total()}
        return {name: {"wall": round(wall, 2), "processor": round(cpu, 2)} for name, (wall, cpu) in both.items()}


def draw_features(samples: int, dim: int, seed: int, shift: float) -> Tensor:
    """Draw features like those of a classifier's last layer: non-negative, correlated, with decreasing variances."""
    mixing = torch.randn(dim, dim, generator=torch.Generator().manual_seed(0)) / dim**0.5
    scales = torch.arange(1, dim + 1) ** -0.5
    drawn = torch.randn(samples, dim, generator=torch.Generator().manual_seed(seed))
    return (drawn * scales @ mixing * 6 + 0.2 + shift * mixing[0]).relu()


def main() -> None:
    options = parse_options()
    torch.set_num_threads(options.threads)
    real, fake = (draw_features(options.samples, options.dim, 1 + i, 0.3 * i) for i in (0, 1))
    before, clocks = peak_memory(), (Clock(), Clock())
    found = ours(real, fake, clocks[0])
    memory = peak_memory()
    other = theirs(real, fake, clocks[1])
    ratio = clocks[1].total() / clocks[0].total()
    one_call = (clocks[1].total() - clocks[1].spent["prdc, k = 3"]) / clocks[0].total()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(json.dumps({
        "what": f"{options.samples} reals and fakes of {options.dim} features: their time / ours",
        "ratio": {"wall": round(ratio[0], 2), "processor": round(ratio[1], 2)},
        "ratio with prdc once": {"wall": round(one_call[0], 2), "processor": round(one_call[1], 2)},
        "ours": {"seconds": clocks[0].report(), "values": found},
        "theirs": {"seconds": clocks[1].report(), "values": other},
        "memory_gb": {"before": before, "peak of ours": memory, "peak of theirs": peak_memory()},
        "threads": options.threads, "torch": torch.__version__, "commit": commit.stdout.strip(),
    }, indent=1))  # fmt: skip


def peak_memory() -> float:
    """Return the peak memory of this process in GB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--dim", type=int, default=2048)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != str(options.threads):  # numpy and scikit-learn read it at import
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
        os.execv(sys.executable, [sys.executable, *sys.argv])
    return options


if __name__ == "__main__":
    main()
