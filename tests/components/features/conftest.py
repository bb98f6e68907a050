"""Samples for feature extractors."""

import numpy as np
import pytest
import torch

from ganzoo.components.datasets.sprites.dataset import Sprites
from ganzoo.components.features.preprocessing import to_unit_range


@pytest.fixture(scope="session")
def sprites():
    """Two halves of 600 sprites with their factors, as ``(images, factors)``."""
    batch = Sprites(count=1200).read(np.arange(1200))
    images = to_unit_range(torch.from_numpy(batch.pop("images")))
    factors = {name: torch.from_numpy(values) for name, values in batch.items()}
    return [(images[part], {n: v[part] for n, v in factors.items()}) for part in (slice(600), slice(600, None))]


@pytest.fixture
def images():
    """Four random images in [-1, 1] of some shape."""
    return lambda *shape, count=4: 2 * torch.rand(count, *shape, generator=torch.Generator().manual_seed(0)) - 1
