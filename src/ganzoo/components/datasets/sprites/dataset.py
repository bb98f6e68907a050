"""The data set of sprites: images by index, rendered at the first access and kept.

Shapes: B samples, C channels, H and W the resolution.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Annotated, Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from annotated_types import Ge, Le

from ganzoo.components.datasets.sprites.factors import Factors, Ints, sample_factors
from ganzoo.components.datasets.sprites.outlines import CONTENT_NAMES
from ganzoo.components.datasets.sprites.palettes import PALETTE_NAMES
from ganzoo.components.datasets.sprites.render import MOST_CHANNELS, SMALLEST_SIZE, check_format, render
from ganzoo.components.datasets.sprites.styles import STYLE_NAMES
from ganzoo.components.features.classifier import load_classifier
from ganzoo.components.metrics.modes import Modes, modes_by_classifier
from ganzoo.errors import BadData, BadSetting, nearest
from ganzoo.registry.specs import Shape

VERSION = 1
"""Increased when the images change on purpose."""
MAX_CACHED_BYTES = 2**31
"""Bytes of images kept at most; a larger data set is rendered at every access."""

Label = Literal["content", "style", "palette", "all", "none"]
NAMES: dict[str, tuple[str, ...]] = {
    "content": CONTENT_NAMES,
    "style": STYLE_NAMES,
    "palette": PALETTE_NAMES,
    "all": tuple(f"{c} {s} {p}" for c in CONTENT_NAMES for s in STYLE_NAMES for p in PALETTE_NAMES),
    "none": (),
}
"""Names of the classes for each choice of label."""


class Sprites:
    """Eight shapes in eight styles and eight palettes, with all true factors.

    Args:
        resolution: height and width in pixels; images show the same at every resolution.
        channels: 1 grey, 2 grey and coverage, 3 red green blue, 4 the same and coverage.
        count: number of samples; a larger set starts with the samples of a smaller one.
        seed: seed of the samples; another seed is a held-out set.
        label: the factor that ``labels`` holds; ``all`` is every combination of the three.

    Raises:
        BadData: an impossible resolution, count or number of channels.
        BadSetting: no such label.
    """

    def __init__(
        self,
        *,
        resolution: Annotated[int, Ge(SMALLEST_SIZE), Le(2**12)] = 32,
        channels: Annotated[int, Ge(1), Le(MOST_CHANNELS)] = 3,
        count: Annotated[int, Ge(1)] = 20_000,
        seed: Annotated[int, Ge(0)] = 0,
        label: Label = "content",
    ) -> None:
        check_format(resolution, channels)
        if count < 1 or seed < 0:
            raise BadData(f"sprites need a count of at least 1 and a seed of at least 0, not {count} and {seed}.")
        if label not in NAMES:
            raise BadSetting(f"sprites have no label {label!r}.{nearest(label, get_args(Label))}")
        self.shape: Shape = (channels, resolution, resolution)
        self.class_names = NAMES[label]
        self.num_classes = len(self.class_names)
        self._count, self._seed, self._label = count, seed, label
        keeps = count * channels * resolution**2 <= MAX_CACHED_BYTES
        self._images = np.empty((count if keeps else 0, *self.shape), np.uint8)
        self._is_rendered = np.zeros(len(self._images), bool)

    def __len__(self) -> int:
        """Return the number of samples."""
        return self._count

    def factors(self, indices: npt.NDArray[np.integer]) -> Factors:
        """Return all factors of some samples, which can be rendered again in other styles or palettes.

        Args:
            indices: ``(B,)``, each from 0 to the count - 1.

        Raises:
            IndexError: there is no such sample.
        """
        indices = np.asarray(indices, dtype=np.int64)
        if len(indices) and (indices.min() < 0 or indices.max() >= self._count):
            raise IndexError(f"sprites hold samples 0 to {self._count - 1}, not {indices.min()} to {indices.max()}")
        return sample_factors(self._seed, indices)

    def read(self, indices: npt.NDArray[np.integer]) -> dict[str, np.ndarray]:
        """Return samples by index.

        Args:
            indices: ``(B,)``, each from 0 to the count - 1.

        Returns:
            ``images`` uint8 ``(B, C, H, W)``; ``labels``, ``content``, ``style`` and ``palette`` int64 ``(B,)``.

        Raises:
            IndexError: there is no such sample.
        """
        factors = self.factors(indices)
        images = self._render(np.asarray(indices), factors)
        true = {"content": factors.content, "style": factors.style, "palette": factors.palette}
        return {"images": images, "labels": self._choose_labels(factors), **true}

    def fingerprint(self) -> str:
        """Return the hash of the settings and of test images: equal data have equal hashes on every machine."""
        settings = [VERSION, *self.shape, self._count, self._seed, self._label]
        contents, styles = len(CONTENT_NAMES), len(STYLE_NAMES)
        content, style = np.divmod(np.arange(contents * styles), styles)
        probe = sample_factors(self._seed, np.arange(contents * styles)).with_content(content).with_style(style)
        digest = hashlib.sha256(json.dumps(settings).encode())
        digest.update(render(probe, 16, MOST_CHANNELS).tobytes())
        return digest.hexdigest()

    def resample(self, count: int, seed: int) -> Sprites:
        """Return other samples of the same distribution."""
        channels, resolution, _ = self.shape
        return Sprites(resolution=resolution, channels=channels, count=count, seed=seed, label=self._label)

    def modes(self, classifier: str | None, device: torch.device) -> Modes:
        """Return the modes, every content in every style and palette, found by the shipped or another classifier.

        Raises:
            BadSetting: the classifier was trained on something else.
        """
        factors = {name: len(NAMES[name]) for name in ("content", "style", "palette")}
        modes = modes_by_classifier(load_classifier(classifier or "sprites", self.shape, device), factors)
        return replace(modes, truth=self._true_modes)

    def _true_modes(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the value of each factor, ``(B, 3)``."""
        factors = self.factors(indices)
        return np.stack([factors.content, factors.style, factors.palette], 1)

    def _render(self, indices: npt.NDArray[np.integer], factors: Factors) -> npt.NDArray[np.uint8]:
        """Return images ``(B, C, H, W)``, rendering only new ones."""
        channels, size, _ = self.shape
        if not len(self._images):
            return render(factors, size, channels)
        unique, where = np.unique(indices, return_index=True)
        missing = ~self._is_rendered[unique]
        if missing.any():
            self._images[unique[missing]] = render(factors[where[missing]], size, channels)
            self._is_rendered[unique[missing]] = True
        images: npt.NDArray[np.uint8] = self._images[indices]
        return images

    def _choose_labels(self, factors: Factors) -> Ints:
        """Return the factor that is the label, ``(B,)``."""
        if self._label == "none":
            return np.zeros(len(factors), np.int64)
        if self._label == "all":
            return (factors.content * len(STYLE_NAMES) + factors.style) * len(PALETTE_NAMES) + factors.palette
        factor: Ints = getattr(factors, self._label)
        return factor
