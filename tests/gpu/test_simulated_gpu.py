"""Every component keeps to the run's device, on a simulated GPU.

Its tensors are on the CPU, with real values; only their memory is marked. An operation on tensors of two devices is
refused as a real GPU does, and ``device`` is ``cuda``. Streams, kernels and speed are not simulated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from unittest.mock import patch

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import ganzoo
from ganzoo.assembly.build import Assembly, build_engine
from ganzoo.checks.kinds.metrics import build_measured_run
from ganzoo.checks.kit_trainer import add_kit_trainer
from ganzoo.checks.subject import Skip, Subject
from ganzoo.checks.training import TRAINED
from ganzoo.config.resolution import change
from ganzoo.evaluation.evaluator import EvaluationConfig, Evaluator
from ganzoo.evaluation.metric_suite import suite_from_config
from ganzoo.nn.discriminator import DiscriminatorWithHead
from ganzoo.registry.registry import Entry, load_registry
from ganzoo.training import device, step
from ganzoo.workflows.run import Run

CUDA, CPU = torch.device("cuda", 0), torch.device("cpu")
CATALOGUE = add_kit_trainer(load_registry())

BETWEEN = {"aten::copy_", "aten::_to_copy"}
"""Operations that go from one device to another."""


class OtherDevice(RuntimeError):
    """An operation found tensors on two devices."""


class Memory:
    """Which memory is on the simulated GPU."""

    def __init__(self) -> None:
        self._marked: dict[int, torch.UntypedStorage] = {}
        self.copies: list[str] = []
        self.inside = False
        """Within a function of torch called with the GPU's tensors: tensors it creates are there too."""

    def holds(self, tensor: Tensor) -> bool:
        return tensor.untyped_storage()._cdata in self._marked

    def device(self, tensor: Tensor) -> torch.device:
        return CUDA if self.holds(tensor) else CPU

    def place(self, found: object, where: torch.device) -> object:
        for tensor in tensors_in(found):
            storage = tensor.untyped_storage()
            if where.type == "cuda":
                self._marked[storage._cdata] = storage  # kept, so that its address is not used again
            else:
                self._marked.pop(storage._cdata, None)
        return found


def tensors_in(values: object) -> list[Tensor]:
    return [value for value in tree_leaves(values) if isinstance(value, Tensor)]


class Operations(TorchDispatchMode):
    """Refuses operations on two devices, and puts results where the arguments are."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs, name = kwargs or {}, func.name().partition(".")[0]
        given = tensors_in((args, kwargs))
        if name not in BETWEEN:
            self._assert_together(name, args, given)
        found = func(*args, **kwargs)
        first = given[:1] if name in BETWEEN else given
        if any(self._memory.holds(tensor) for tensor in first) or (not given and self._memory.inside):
            self._memory.place(found, CUDA)
        return found

    def _assert_together(self, name: str, args: tuple, given: list[Tensor]) -> None:
        places = [self._memory.device(tensor).type for tensor in given]
        if name.startswith(("aten::index", "aten::_index")) and places[0] == "cuda" and isinstance(args[1], list):
            return  # a GPU's tensor may be indexed from the CPU
        if "cuda" in places and any(p == "cpu" and t.dim() for p, t in zip(places, given, strict=True)):
            raise OtherDevice(f"{name}: {[(tuple(t.shape), p) for t, p in zip(given, places, strict=True)]}")


class Calls(TorchFunctionMode):
    """Creates and moves tensors as if there were a GPU."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs, name, memory = dict(kwargs or {}), getattr(func, "__name__", ""), self._memory
        if func == Tensor.device.__get__:
            return memory.device(args[0])
        if name in ("to", "cpu", "cuda"):
            return self._moved(func, name, args, kwargs)
        if name == "pin_memory":
            return args[0]
        if name in ("numpy", "__array__") and memory.holds(args[0]):
            raise OtherDevice("a GPU's tensor has no numpy()")
        if name in ("new_tensor", "__deepcopy__"):
            return memory.place(func(*args, **kwargs), memory.device(args[0]))
        if kwargs.get("device") is not None and name not in ("_parse_to", "autocast"):
            where = torch.device(kwargs["device"])
            return memory.place(func(*args, **{**kwargs, "device": CPU}), where)
        memory.inside = any(map(memory.holds, tensors_in((args, kwargs))))
        try:
            return func(*args, **kwargs)
        finally:
            memory.inside = False

    def _moved(self, func, name: str, args: tuple, kwargs: dict) -> Tensor:
        tensor, others = args[0], [*args[1:], kwargs.get("device"), kwargs.get("dtype"), kwargs.get("other")]
        like = [other for other in others if isinstance(other, Tensor)]
        places = [torch.device(other) for other in others if isinstance(other, str | torch.device)]
        kinds = [other for other in others if isinstance(other, torch.dtype)] + [other.dtype for other in like]
        where = [CPU] if name == "cpu" else places + [self._memory.device(other) for other in like]
        if where and where[0].type != self._memory.device(tensor).type:
            self._memory.copies.append(name)
            tensor = self._memory.place(tensor.clone(), where[0])
        layout = {"memory_format": kwargs["memory_format"]} if kwargs.get("memory_format") else {}
        return func(tensor, kinds[0], **layout) if kinds else func(tensor, **layout) if layout else tensor


class Numbers(torch.Generator):
    """Random numbers of any device, from the CPU."""

    def __new__(cls, device: object = "cpu") -> Numbers:
        return super().__new__(cls, "cpu")


@contextmanager
def simulated_gpu() -> Iterator[Memory]:
    memory = Memory()
    with ExitStack() as stack:
        for owner, name, instead in (
            (device, "_count_devices", lambda kind: 1),
            (step, "seed_layers", lambda seed, device: None),
            (torch, "Generator", Numbers),
            (torch.random, "fork_rng", lambda *_, **__: nullcontext()),
            (torch.cuda, "get_device_name", lambda *_: "a simulated GPU"),
        ):
            stack.enter_context(patch.object(owner, name, instead))
        stack.enter_context(Calls(memory))
        stack.enter_context(Operations(memory))
        yield memory


def on_gpu(assembly: Assembly) -> Assembly:
    return replace(assembly, config=change(CATALOGUE, assembly.config, {"run.device": "cuda"}, "test"))


def copies_of(assembly: Assembly) -> list[str]:
    """Train for two steps, and return the copies in the phases of the second: the first may fill buffers."""
    copies: list[str] = []
    with simulated_gpu() as memory:
        engine = build_engine(on_gpu(assembly), CATALOGUE)

        def record(losses):
            def recorded_losses(batch):
                memory.copies.clear()
                values = losses(batch)
                copies.extend(memory.copies)
                return values

            return recorded_losses

        engine.phases = tuple(replace(phase, losses=record(phase.losses)) for phase in engine.phases)
        engine.step()
        copies.clear()
        engine.step()
        weights = [weight for player in engine.players.values() for weight in player.module.parameters()]
        assert all(weight.device == CUDA for weight in weights)
    return copies


def entries_of(*kinds: str) -> list[Entry]:
    return [entry for kind in kinds for entry in load_registry().of_kind(kind)]


def named(entry: Entry) -> str:
    return f"{entry.record.kind}-{entry.record.name}"


@pytest.mark.parametrize("entry", entries_of(*TRAINED), ids=named)
def test_every_component_trains_on_the_runs_device(entry: Entry):
    subject = Subject(CATALOGUE, entry)
    for conditional in subject.conditional:
        assert copies_of(subject.build_run(conditional=conditional)) == []


@pytest.mark.parametrize("entry", entries_of("metric"), ids=named)
def test_every_metric_is_computed_on_the_runs_device(entry: Entry):
    try:
        assembly = build_measured_run(Subject(CATALOGUE, entry))
    except Skip as skip:
        pytest.skip(str(skip))
    with simulated_gpu():
        generator = assembly.trainer.players["generator"].to(CUDA).eval().requires_grad_(False)
        evaluator = Evaluator(
            suite_from_config(CATALOGUE, assembly.config), assembly.dataset, EvaluationConfig(24, rows=24), device=CUDA
        )
        assert evaluator.evaluate(generator, conditional=bool(assembly.num_classes)).values[entry.record.name]


NARROW = {
    f"{player}.{name}": 16 for player in ("generator", "discriminator") for name in ("channel_base", "max_channels")
}


@pytest.mark.parametrize(("recipe", "settings"), [("dcgan", {}), ("stylegan2-ada", NARROW)])
def test_a_run_is_trained_resumed_sampled_and_measured(tmp_path, recipe, settings):
    few = {"run.batch_size": 8, "run.workers": 0, "run.log_every": 16, "run.held_out": 16, "dataset.count": 64}
    with simulated_gpu():
        ganzoo.train(recipe, out=tmp_path / "run", device="cuda", images=16, resolution=16, evaluate="fd,kid,pr,dc@16",
                     settings={**few, **settings, "run.evaluate_samples": 24})  # fmt: skip
        ganzoo.train(resume=tmp_path / "run", images=32)
        run = Run(tmp_path / "run", "cuda")
        assert run.generator.training is False
        assert next(run.generator.parameters()).device == CUDA
        assert len(run.sample(range(3))) == 3
        assert len(run.walk([0, 1], 3)) == 3
        assert run.evaluate(["fd", "swd"], samples=24).values
        if recipe != "dcgan":
            assert len(run.walk([0, 1], 3, "z")) == 3
            assert len(run.sample(range(3), truncation=0.5, noise_seed=1)) == 3
            assert run.style_mix([0], [1, 2]).width


@contextmanager
def broken_discriminator(work) -> Iterator[Assembly]:
    """A run whose discriminator changes its input."""
    entry = next(entry for entry in entries_of("discriminator") if entry.record.name == "dcgan")
    forward = DiscriminatorWithHead.forward
    with patch.object(
        DiscriminatorWithHead, "forward", lambda self, images, labels: forward(self, work(images), labels)
    ):
        yield Subject(CATALOGUE, entry).build_run()


@pytest.mark.parametrize(
    "work",
    [lambda x: x + torch.ones(4, 1, 1, 1), lambda x: x * torch.from_numpy(x.numpy()).mean()],
    ids=["left on the CPU", "numpy"],
)
def test_what_a_gpu_refuses_is_refused(work):
    with broken_discriminator(work) as run, pytest.raises(OtherDevice):
        copies_of(run)


@pytest.mark.parametrize(
    "work",
    [lambda x: x + x.cpu().to(x.device), lambda x: x * torch.ones(4, 1, 1, 1).to(x.device)],
    ids=["there and back", "brought along"],
)
def test_a_copy_in_a_step_is_found(work):
    with broken_discriminator(work) as run:
        assert copies_of(run)
