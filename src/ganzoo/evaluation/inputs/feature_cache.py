"""Cache of the feature statistics of reals, under ``$GANZOO_CACHE``.

An entry is a folder with one ``statistics.safetensors``, named by a hash of everything it depends on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ganzoo.components.datasets.files.cache import cache_root
from ganzoo.interfaces.measurement import Gaussian
from ganzoo.storage.folders import replace_folder

_FORMAT = 1
_FILE = "statistics.safetensors"


@dataclass(frozen=True)
class FeatureStatistics:
    """Feature statistics of samples.

    Args:
        moments: of the features of all of them.
        rows: ``(R, D)`` features of the first.
    """

    moments: Gaussian
    rows: Tensor


@dataclass(frozen=True)
class StoredMoments:
    """Moments computed earlier.

    Args:
        count: N.
        mean: ``(D,)`` float64.
        covariance: ``(D, D)`` float64, unbiased.
    """

    count: int
    mean: Tensor
    covariance: Tensor


def load_or_compute(about: object, make: Callable[[], FeatureStatistics], device: torch.device) -> FeatureStatistics:
    """Read statistics from the cache, or compute and store them; both give the same bits.

    Args:
        about: everything they depend on, as JSON values.
        make: computes them.
        device: of the result.
    """
    key = hashlib.sha256(json.dumps([_FORMAT, about], sort_keys=True).encode()).hexdigest()[:32]
    folder = cache_root() / "features" / key
    found = _read(folder)
    if found is None:
        found = _tensors(make())
        _write(folder, found)
    moments = StoredMoments(int(found["count"]), found["mean"].to(device), found["covariance"].to(device))
    return FeatureStatistics(moments, found["rows"].to(device))


def _tensors(statistics: FeatureStatistics) -> dict[str, Tensor]:
    moments = statistics.moments
    named = {
        "count": torch.tensor(moments.count),
        "mean": moments.mean,
        "covariance": moments.covariance,
        "rows": statistics.rows,
    }
    return {name: tensor.cpu().contiguous() for name, tensor in named.items()}


def _read(folder: Path) -> dict[str, Tensor] | None:
    try:
        return load_file(folder / _FILE)
    except (OSError, SafetensorError):  # missing or damaged: computed again
        return None


def _write(folder: Path, tensors: dict[str, Tensor]) -> None:
    try:
        with replace_folder(folder) as temporary:
            save_file(tensors, temporary / _FILE)
    except (OSError, SafetensorError):  # after a full disk or another writer the next evaluation computes them again
        return
