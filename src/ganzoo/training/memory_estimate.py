"""Estimates the number of parameters of a run and the memory that training needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
    UnsupportedOperatorException,
)
from torch.multiprocessing.reductions import StorageWeakRef

from ganzoo.interfaces.training import Phase
from ganzoo.training.step import Engine

_MOMENTS = {"adam": 2, "adamw": 2, "rmsprop": 1, "sgd": 1}
"""Tensors an optimiser keeps per weight."""


@dataclass(frozen=True)
class MemoryEstimate:
    """Sizes of a run.

    Args:
        parameters: number of weights by player.
        state: bytes of weights, gradients, optimiser states and averages.
        activations: bytes the largest phase keeps for its backward pass.
    """

    parameters: Mapping[str, int]
    state: int
    activations: int


def estimate_memory(engine: Engine) -> MemoryEstimate:
    """Count weights, and trace each phase's forward pass for what it keeps, without computing it."""
    parameters = {n: sum(w.numel() for w in p.module.parameters()) for n, p in engine.players.items()}
    activations = max(_count_activations(engine, phase) for phase in engine.phases)
    return MemoryEstimate(parameters, _count_state(engine), activations)


def _count_activations(engine: Engine, phase: Phase) -> int:
    """Trace shapes alone, or compute where a component needs values."""
    try:
        with FakeTensorMode(allow_non_fake_inputs=True):
            return _count_saved(lambda: engine.losses(phase))
    except (DataDependentOutputException, DynamicOutputShapeException, UnsupportedOperatorException):
        return _count_saved(lambda: engine.losses(phase))


def _count_state(engine: Engine) -> int:
    total = 0
    for name, player in engine.players.items():
        weights = sum(w.nbytes for w in player.module.parameters())
        total += weights * (2 + _MOMENTS[player.settings.name] + (name in engine.averages))
    return total


def _count_saved(losses: Callable[[], object]) -> int:
    """Return the bytes of distinct storages that autograd saves while ``losses()`` runs."""
    seen: dict[StorageWeakRef, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        seen[StorageWeakRef(storage)] = storage.nbytes()  # type: ignore[no-untyped-call]
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        kept = losses()
    del kept
    return sum(seen.values())
