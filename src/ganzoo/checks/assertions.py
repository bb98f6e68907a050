"""Assertions that several kinds share; their messages are for the author of a plugin."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

RTOL, ATOL = 1e-3, 1e-4
"""Tolerances of float32 between two ways to compute one value."""


def assert_shape(tensor: object, shape: tuple[int, ...], what: str) -> None:
    """Refuse anything but a tensor of this shape."""
    assert isinstance(tensor, Tensor), f"{what}: a tensor was expected, not {type(tensor).__name__}"
    assert tuple(tensor.shape) == shape, f"{what}: shape {tuple(tensor.shape)}, expected {shape}"


def assert_finite(tensor: Tensor, what: str) -> None:
    """Refuse NaN and infinity."""
    assert bool(torch.isfinite(tensor).all()), f"{what} is not finite"


def assert_scalar(tensor: object, what: str) -> None:
    """Refuse anything but one finite number."""
    assert_shape(tensor, (), f"{what} (average over all logits or samples)")
    assert isinstance(tensor, Tensor)
    assert_finite(tensor, what)


def assert_close(one: Tensor, other: Tensor, what: str) -> None:
    """Refuse two tensors that differ by more than rounding."""
    assert one.shape == other.shape, f"{what}: shapes {tuple(one.shape)} and {tuple(other.shape)}"
    gap = float((one - other).detach().abs().max()) if one.numel() else 0.0
    assert torch.allclose(one, other, RTOL, ATOL), f"{what}: they differ by {gap:.3g}"


def assert_gradients(module: nn.Module, what: str) -> None:
    """Refuse a parameter that got no gradient, or one that is not finite."""
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None, f"{what}: parameter {name} does not influence the output"
            assert_finite(parameter.grad, f"{what}: gradient of {name}")


def assert_copies(module: nn.Module, run: Callable[[nn.Module], Tensor], what: str) -> None:
    """Refuse a module whose deep copy, from which the moving average starts, behaves differently."""
    module.eval()
    try:
        twin = copy.deepcopy(module)
    except (TypeError, AttributeError, RuntimeError) as error:  # what copying a foreign attribute raises
        raise AssertionError(f"{what} cannot be deep-copied: {type(error).__name__}: {error}") from error
    assert_close(run(twin), run(module), f"{what} and its deep copy")


def assert_restores(module: nn.Module, other: nn.Module, run: Callable[[nn.Module], Tensor], what: str) -> None:
    """Refuse a module whose outputs do not depend on its ``state_dict`` alone, as a checkpoint needs.

    Args:
        module: used before, so that its buffers have changed.
        other: built in the same way from another seed.
        run: maps either to an output.
        what: its name in messages.
    """
    missing, unexpected = other.load_state_dict(module.state_dict(), strict=False)
    strange = [*missing, *unexpected]
    assert not strange, f"{what}: two builds have state_dicts of other names: {', '.join(strange[:3])}"
    assert_close(run(other.eval()), run(module.eval()), f"{what} and a new one with its state_dict")


def differ(one: Tensor, other: Tensor) -> bool:
    """Whether two outputs differ by more than rounding."""
    return not torch.allclose(one, other, rtol=1e-5, atol=1e-7)


@torch.no_grad()
def perturb_weights(module: nn.Module, scale: float = 0.3) -> nn.Module:
    """Copy a module and add noise to its parameters, so that those initialised to zero have an effect."""
    moved = copy.deepcopy(module)
    for parameter in moved.parameters():
        parameter.add_(scale * torch.randn_like(parameter))
    return moved


def copy_parameters(modules: Mapping[str, nn.Module]) -> dict[str, list[Tensor]]:
    """Copy the parameters of each module."""
    return {name: [p.detach().clone() for p in module.parameters()] for name, module in modules.items()}


def changed_modules(before: Mapping[str, list[Tensor]], after: Mapping[str, list[Tensor]]) -> set[str]:
    """Name the modules whose parameters differ between two snapshots."""
    return {name for name in before if not all(map(torch.equal, before[name], after[name]))}
