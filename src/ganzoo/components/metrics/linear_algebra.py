"""Linear algebra where a metric spends its time, with the faster of two libraries.

On a CPU that is numpy, whose wheels bring OpenBLAS, for eigenvalues and for a matrix times its own transpose: for 2048
eigenvalues it took 2 s, 6 s with vectors, on an AMD processor where torch's MKL took 4 s and 26 s. Other products stay
with torch: threads of two libraries that wait for each other cost more than numpy gains.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import torch
from torch import Tensor


def product(a: Tensor, b: Tensor) -> Tensor:
    """Return ``a @ b.T`` in full precision, at half the work if both are the same tensor.

    Args:
        a: ``(N, D)``.
        b: ``(M, D)`` of the same type.

    Returns:
        ``(N, M)``.
    """
    if a is b and a.device.type == "cpu":
        rows = a.detach().numpy()
        return torch.from_numpy(rows @ rows.T)  # numpy sees that it is symmetric
    with _without_tf32() if a.device.type == "cuda" else nullcontext():
        return a @ b.T


def eigenvalues(matrix: Tensor) -> Tensor:
    """Return the eigenvalues of a symmetric matrix, ascending."""
    if matrix.device.type == "cpu":
        return torch.from_numpy(np.linalg.eigvalsh(matrix.numpy()))
    values: Tensor = torch.linalg.eigvalsh(matrix)
    return values


def eigenvectors(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return the eigenvalues of a symmetric matrix, ascending, and its eigenvectors as columns."""
    if matrix.device.type == "cpu":
        values, vectors = np.linalg.eigh(matrix.numpy())
        return torch.from_numpy(values), torch.from_numpy(vectors)
    values, vectors = torch.linalg.eigh(matrix)
    return values, vectors


def in_float64(rows: Tensor) -> Tensor:
    """Copy to float64 on the same device, or on the CPU if the device has no float64 (Apple's)."""
    detached = rows.detach()
    return detached.to("cpu" if rows.device.type == "mps" else rows.device, copy=True).to(torch.float64)


@contextmanager
def _without_tf32() -> Iterator[None]:
    """Forbid the 10-bit products a training run may allow: a distance is a small difference of large numbers."""
    allowed = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = allowed
