"""Find operations for which the host waits for the device, also on a CPU, where no time is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

_READING = {
    "aten::_local_scalar_dense": "item(), float(), int(), bool() or a Python branch on a tensor",
    "aten::equal": "torch.equal()",
    "aten::nonzero": "nonzero()",
    "aten::masked_select": "masked_select()",
    "aten::_unique2": "unique()",
}
_INDEXING = {"aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_"}
_WAITS_ON_CPU_ONLY = {"one_hot"}


@contextmanager
def find_host_reads() -> Iterator[list[str]]:
    """Collect, within the block, every operation whose result is read on the host.

    What bypasses the dispatcher is missed: ``tolist()``, ``numpy()``.
    """
    seen: list[str] = []
    with _DispatchMode(seen), _FunctionMode(seen):
        yield seen


class _DispatchMode(TorchDispatchMode):
    def __init__(self, seen: list[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._seen = seen

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        name = func.name().partition(".")[0]
        if name in _READING:
            self._seen.append(_READING[name])
        elif name in _INDEXING and any(_is_mask(index) for index in args[1]):
            self._seen.append("an index that is a mask")
        return func(*args, **(kwargs or {}))


class _FunctionMode(TorchFunctionMode):
    """Drops what was collected within functions that read values on the CPU but not on a GPU."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self._seen = seen

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        before = len(self._seen)
        result = func(*args, **(kwargs or {}))
        if getattr(func, "__name__", "") in _WAITS_ON_CPU_ONLY:
            del self._seen[before:]
        return result


def _is_mask(index: object) -> bool:
    return isinstance(index, torch.Tensor) and index.dtype in (torch.bool, torch.uint8)
