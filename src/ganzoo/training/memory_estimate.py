"""How large a run is: parameters, and the memory training takes."""

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
"""Tensors an optimiser keeps for each weight."""


@dataclass(frozen=True)
class MemoryEstimate:
    """Sizes of a run.

    Args:
        parameters: number of weights by player.
        state: bytes of weights, gradients, optimisers and averages.
        activations: bytes the largest phase keeps for its backward pass.
    """

    parameters: Mapping[str, int]
    state: int
    activations: int


def estimate_memory(engine: Engine) -> MemoryEstimate:
    """Count weights, and go through each phase's forward pass to see what it keeps; nothing is computed or moved."""
    parameters = {n: sum(w.numel() for w in p.module.parameters()) for n, p in engine.players.items()}
    return MemoryEstimate(parameters, _state_bytes(engine), max(_activations(engine, phase) for phase in engine.phases))


def _activations(engine: Engine, phase: Phase) -> int:
    """Look at shapes alone, but for parts that need to see values: those compute."""
    try:
        with FakeTensorMode(allow_non_fake_inputs=True):
            return _kept(lambda: engine.losses(phase))
    except (DataDependentOutputException, DynamicOutputShapeException, UnsupportedOperatorException):
        return _kept(lambda: engine.losses(phase))


def _state_bytes(engine: Engine) -> int:
    total = 0
    for name, player in engine.players.items():
        weights = sum(w.nbytes for w in player.module.parameters())
        total += weights * (2 + _MOMENTS[player.settings.name] + (name in engine.averages))
    return total


def _kept(losses: Callable[[], object]) -> int:
    """Bytes of distinct storages autograd keeps while ``terms()`` runs."""
    seen: dict[StorageWeakRef, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        seen[StorageWeakRef(storage)] = storage.nbytes()  # type: ignore[no-untyped-call]
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        kept = losses()
    del kept
    return sum(seen.values())
