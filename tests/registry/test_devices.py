"""Every part keeps to the run's device, told without one: steps on tensors that have a device but no values.

What is imagined is CUDA. A tensor left on the CPU, a value read on the host, and a copy between the two in the middle
of a step are seen; gradients are imagined too, for autograd wants a real device.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from unittest.mock import patch

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from ganzoo.assembly.build import Assembly, engine_of
from ganzoo.assembly.plan import change
from ganzoo.checks.subject import Subject
from ganzoo.checks.training import TRAINED
from ganzoo.checks.workbench import furnished
from ganzoo.engine import batches, device, step
from ganzoo.nn.critic import Critic
from ganzoo.registry import Entry, registry

CATALOGUE = furnished(registry())
PARTS = [entry for kind in TRAINED for entry in registry().of_kind(kind)]


class Numbers(torch.Generator):
    """Random numbers of whatever device: none is drawn."""

    def __new__(cls, device: object = "cpu") -> Numbers:
        return super().__new__(cls, "cpu")


def placed(self: nn.Module, move, recurse: bool = True) -> nn.Module:
    """Move a module by giving it new tensors: real ones cannot become imagined in place."""
    for module in self.modules():
        for name, weight in module._parameters.items():
            if weight is not None:
                module._parameters[name] = nn.Parameter(move(weight.detach()), weight.requires_grad)
        module._buffers.update({name: move(b) for name, b in module._buffers.items() if b is not None})
    return self


def slopes(outputs, inputs, *_, **__):
    return tuple(torch.zeros_like(tensor) for tensor in ([inputs] if isinstance(inputs, Tensor) else inputs))


def backward(self: Tensor, *_, inputs=(), **__) -> None:
    for weight in inputs:
        weight.grad = torch.zeros_like(weight)


class Copies(TorchDispatchMode):
    """Notes where tensors change their device, or are made on the CPU."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        tensors = [one for one in (*args, found) if isinstance(one, Tensor)]
        if len({tensor.device.type for tensor in tensors}) > 1:
            files = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_stack()]
            ours = [file for file in files if "ganzoo" in file]
            if batches.__file__ not in ours[-1]:  # where a batch goes to the device
                self.seen.append(f"{func.name()} in {ours[-1]}")
        return found


@contextmanager
def imagined_gpu() -> Iterator[None]:
    with ExitStack() as stack:
        for owner, name, instead in (
            (device, "_count", lambda kind: 1),
            (step, "seed_layers", lambda seed, device: None),
            (torch, "Generator", Numbers),
            (Tensor, "pin_memory", lambda tensor: tensor),
            (Tensor, "backward", backward),
            (torch.autograd, "grad", slopes),
            (nn.Module, "_apply", placed),
        ):
            stack.enter_context(patch.object(owner, name, instead))
        stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        yield


def walked(assembly: Assembly) -> list[str]:
    """Walk a game through two steps; tell of the copies in the second, for the first may fill what is kept."""
    config = change(CATALOGUE, assembly.config, {"run.device": "cuda"}, "test")
    with imagined_gpu():
        engine = engine_of(replace(assembly, config=config), CATALOGUE)
        engine.step()
        with Copies() as copies:
            engine.step()
        assert {w.device.type for player in engine.players.values() for w in player.parameters} == {"cuda"}
    return copies.seen


@pytest.mark.parametrize("entry", PARTS, ids=lambda entry: f"{entry.record.kind}-{entry.record.name}")
def test_a_step_stays_on_the_runs_device(entry: Entry):
    subject = Subject(CATALOGUE, entry)
    for conditional in subject.conditional:
        assert walked(subject.game(conditional=conditional)) == []


@contextmanager
def misbehaving(work) -> Iterator[Assembly]:
    """A game whose critic does something to what it sees."""
    entry = next(entry for entry in PARTS if entry.record.name == "dcgan")
    judge = Critic.forward
    with patch.object(Critic, "forward", lambda self, images, labels: judge(self, work(images), labels)):
        yield Subject(CATALOGUE, entry).game()


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (lambda x: x + torch.ones(4, 1, 1, 1), "same device"),
        (lambda x: x * float(x.mean()), "_local_scalar_dense"),
        (lambda x: x[x > 0].mean() + x, "nonzero"),
    ],
    ids=["left on the CPU", "read", "mask"],
)
def test_what_a_gpu_could_not_do_or_would_wait_for_is_told(work, told):
    with misbehaving(work) as game, pytest.raises(RuntimeError, match=told):
        walked(game)


@pytest.mark.parametrize(
    "work",
    [lambda x: x + x.cpu().to(x.device), lambda x: x * torch.ones(4, 1, 1, 1).to(x.device)],
    ids=["there and back", "brought along"],
)
def test_a_copy_in_a_step_is_told(work):
    with misbehaving(work) as game:
        assert walked(game)
