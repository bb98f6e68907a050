"""Training in one go and training that is resumed must agree in every tensor, bit for bit."""

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
    """Name what differs between ``2 * steps`` steps, and ``steps``, a save, a rebuild and ``steps`` more.

    Args:
        build: builds the run from its configuration.
        folder: where the checkpoint is saved.
        steps: in each half.
        restore: puts the saved state into a rebuilt engine.

    Returns:
        Names of tensors and counters; empty when the run resumes exactly.
    """
    with torch.random.fork_rng(devices=[]):
        straight = _train(build(), 2 * steps)
        wanted = all_tensors(straight)
        saved = checkpoints.save_checkpoint(_train(build(), steps), folder, {})
        torch.manual_seed(90210)  # another process has another random state
        resumed = build()
        restore(resumed, saved)
        found = all_tensors(_train(resumed, steps))
    same = {name for name in wanted.keys() & found.keys() if torch.equal(wanted[name], found[name])}
    return sorted((wanted.keys() | found.keys()) - same)


def all_tensors(engine: Engine) -> dict[str, Tensor]:
    """Return all that a checkpoint holds: networks, averages, optimisers, buffers, random state and counters."""
    counters = {"counter.steps": engine.steps, "counter.batches_seen": engine.batches_seen}
    numbers = {name: torch.tensor(value) for name, value in counters.items()}
    return {**checkpoints.model_tensors(engine), **checkpoints.training_tensors(engine), **numbers}


def _train(engine: Engine, steps: int) -> Engine:
    for _ in range(steps):
        engine.step()
    engine.close()
    return engine
