import pytest
import torch
from ganzoo_adaptive.parameter_sampler import ParameterSampler
from torch.overrides import TorchFunctionMode

from ganzoo.training.rng import BatchRng


class Watch(TorchFunctionMode):
    """Fails on operations that make the host wait for the device."""

    WAITING = (
        *("item", "tolist", "cpu", "numpy", "nonzero", "masked_select", "unique", "equal"),
        *("__bool__", "__float__", "__int__", "__index__"),
    )

    def __torch_function__(self, func, types, args=(), kwargs=None):
        assert getattr(func, "__name__", "") not in self.WAITING, f"{func.__name__} waits"
        return func(*args, **(kwargs or {}))


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def rng():
    def make(size, seed=0, start=0, stop=None):
        return BatchRng(seed, size, start, size if stop is None else stop, torch.device("cpu"))

    return make


@pytest.fixture
def sampler(rng):
    def make(probability, size=4, seed=0, dtype=torch.float64):
        return ParameterSampler(rng(size, seed), torch.tensor(probability), dtype)

    return make


@pytest.fixture
def images():
    def make(*shape, dtype=torch.float32):
        return 2 * torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=dtype) - 1

    return make
