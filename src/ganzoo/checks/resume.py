"""The resume oracle: straight training and training cut in two must agree in every tensor, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from ganzoo.training import checkpoints
from ganzoo.training.step import Engine


def resume_differences(
    build: Callable[[], Engine],
    folder: Path,
    *,
    steps: int = 3,
    restore: Callable[[Engine, Path], None] = checkpoints.restore_engine,
) -> list[str]:
    """Name what differs after ``2 * steps`` steps, and after ``steps``, a save, a rebuild and ``steps`` more.

    Args:
        build: makes the run anew, from its configuration alone.
        folder: where the checkpoint goes.
        steps: in each half.
        restore: puts the saved state into a rebuilt engine.

    Returns:
        Names of tensors and counters; none when the run resumes exactly.
    """
    with torch.random.fork_rng(devices=[]):
        straight = _trained(build(), 2 * steps)
        wanted = all_tensors(straight)
        saved = checkpoints.save_checkpoint(_trained(build(), steps), folder, {})
        torch.manual_seed(90210)  # another process has another random state
        resumed = build()
        restore(resumed, saved)
        found = all_tensors(_trained(resumed, steps))
    return sorted(name for name in wanted.keys() | found.keys() if not _same(wanted, found, name))


def all_tensors(engine: Engine) -> dict[str, Tensor]:
    """All that a checkpoint holds: players, averages, stateful parts, optimisers, random state, counters."""
    counters = {"counter.steps": engine.steps, "counter.batches_seen": engine.batches_seen}
    numbers = {name: torch.tensor(value) for name, value in counters.items()}
    return {**checkpoints.model_tensors(engine), **checkpoints.training_tensors(engine), **numbers}


def _trained(engine: Engine, steps: int) -> Engine:
    for _ in range(steps):
        engine.step()
    engine.close()
    return engine


def _same(wanted: dict[str, Tensor], found: dict[str, Tensor], name: str) -> bool:
    return name in wanted and name in found and torch.equal(wanted[name], found[name])
