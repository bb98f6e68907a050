"""A separate cache folder for every test, small images on disk, and the real data if it is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REAL = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("GANZOO_CACHE", str(folder))
    return folder


@pytest.fixture
def real() -> Callable[[str], str]:
    def find(name: str) -> str:
        if not (REAL / name).exists():
            pytest.skip(f"real data {REAL / name} is not on this machine")
        return str(REAL / name)

    return find


@pytest.fixture
def save() -> Callable[..., Path]:
    """Write an image of random pixels, the same for the same name."""

    def write(path: Path, size: tuple[int, int] = (8, 8), mode: str = "RGB") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(sum(path.name.encode()))
        depth = () if mode == "L" else (len(mode),)
        Image.fromarray(rng.integers(0, 256, (size[1], size[0], *depth), np.uint8)).save(path)
        return path

    return write
