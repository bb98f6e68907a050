"""The data set: sprites by index, drawn when first asked for and remembered.

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

from ganzoo.components.datasets.sprites.outlines import CONTENT_NAMES
from ganzoo.components.datasets.sprites.palettes import PALETTE_NAMES
from ganzoo.components.datasets.sprites.render import MOST_CHANNELS, SMALLEST_SIZE, check_format, render
from ganzoo.components.datasets.sprites.scene import Ints, Scenes, sample_scenes
from ganzoo.components.datasets.sprites.styles import STYLE_NAMES
from ganzoo.components.features.classifier import load_classifier
from ganzoo.components.metrics.modes import Modes, modes_by_classifier
from ganzoo.errors import BadData, BadSetting, nearest
from ganzoo.registry.specs import Shape

VERSION = 1
"""Raised when the pictures change on purpose."""
REMEMBERED = 2**31
"""Bytes of pictures kept at most; a larger data set is drawn anew each time it is read."""

Label = Literal["content", "style", "palette", "all", "none"]
NAMES: dict[str, tuple[str, ...]] = {
    "content": CONTENT_NAMES,
    "style": STYLE_NAMES,
    "palette": PALETTE_NAMES,
    "all": tuple(f"{c} {s} {p}" for c in CONTENT_NAMES for s in STYLE_NAMES for p in PALETTE_NAMES),
    "none": (),
}
"""Names of the classes under each choice of label."""


class Sprites:
    """Eight shapes in eight styles and eight palettes, with all true factors.

    Args:
        resolution: height and width in pixels; the same scenes show at every resolution.
        channels: 1 grey, 2 grey and coverage, 3 red green blue, 4 the same and coverage.
        count: how many samples; a larger set starts with the samples of a smaller one.
        seed: which draw; another seed is a held-out set.
        label: the factor that ``labels`` holds; ``all`` is every combination of the three.

    Raises:
        BadData: a resolution, count or number of channels that cannot be drawn.
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
        keeps = count * channels * resolution**2 <= REMEMBERED
        self._images = np.empty((count if keeps else 0, *self.shape), np.uint8)
        self._drawn = np.zeros(len(self._images), bool)

    def __len__(self) -> int:
        """How many samples there are."""
        return self._count

    def scenes(self, indices: npt.NDArray[np.integer]) -> Scenes:
        """What these samples show, to be drawn again in other styles or palettes.

        Args:
            indices: ``(B,)``, each from 0 to below the count.

        Raises:
            IndexError: there is no such sample.
        """
        indices = np.asarray(indices, dtype=np.int64)
        if len(indices) and (indices.min() < 0 or indices.max() >= self._count):
            raise IndexError(f"sprites hold samples 0 to {self._count - 1}, not {indices.min()} to {indices.max()}")
        return sample_scenes(self._seed, indices)

    def read(self, indices: npt.NDArray[np.integer]) -> dict[str, np.ndarray]:
        """Samples by index.

        Args:
            indices: ``(B,)``, each from 0 to below the count.

        Returns:
            ``images`` uint8 ``(B, C, H, W)``; ``labels``, ``content``, ``style`` and ``palette`` int64 ``(B,)``.

        Raises:
            IndexError: there is no such sample.
        """
        scenes = self.scenes(indices)
        factors = {"content": scenes.content, "style": scenes.style, "palette": scenes.palette}
        return {"images": self._pictures(np.asarray(indices), scenes), "labels": self._labels(scenes), **factors}

    def fingerprint(self) -> str:
        """Hash of the settings and of what the code draws for them: equal data, equal hash, on any machine."""
        settings = [VERSION, *self.shape, self._count, self._seed, self._label]
        contents, styles = len(CONTENT_NAMES), len(STYLE_NAMES)
        content, style = np.divmod(np.arange(contents * styles), styles)
        probe = sample_scenes(self._seed, np.arange(contents * styles)).with_content(content).with_style(style)
        digest = hashlib.sha256(json.dumps(settings).encode())
        digest.update(render(probe, 16, MOST_CHANNELS).tobytes())
        return digest.hexdigest()

    def resample(self, count: int, seed: int) -> Sprites:
        """Draw other samples of the same distribution."""
        channels, resolution, _ = self.shape
        return Sprites(resolution=resolution, channels=channels, count=count, seed=seed, label=self._label)

    def modes(self, classifier: str | None, device: torch.device) -> Modes:
        """Tell the modes, every content in every style and palette, found by a classifier: the shipped one by default.

        Raises:
            BadSetting: the classifier was trained on something else.
        """
        factors = {name: len(NAMES[name]) for name in ("content", "style", "palette")}
        found = modes_by_classifier(load_classifier(classifier or "sprites", self.shape, device), factors)
        return replace(found, truth=self._truth)

    def _truth(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The value of each factor, ``(B, 3)``."""
        scenes = self.scenes(indices)
        return np.stack([scenes.content, scenes.style, scenes.palette], 1)

    def _pictures(self, indices: npt.NDArray[np.integer], scenes: Scenes) -> npt.NDArray[np.uint8]:
        """Images ``(B, C, H, W)``, drawing only those not drawn before."""
        channels, size, _ = self.shape
        if not len(self._images):
            return render(scenes, size, channels)
        new, where = np.unique(indices, return_index=True)
        missing = ~self._drawn[new]
        if missing.any():
            self._images[new[missing]] = render(scenes[where[missing]], size, channels)
            self._drawn[new[missing]] = True
        pictures: npt.NDArray[np.uint8] = self._images[indices]
        return pictures

    def _labels(self, scenes: Scenes) -> Ints:
        """The chosen factor, ``(B,)``."""
        if self._label == "none":
            return np.zeros(len(scenes), np.int64)
        if self._label == "all":
            return (scenes.content * len(STYLE_NAMES) + scenes.style) * len(PALETTE_NAMES) + scenes.palette
        factor: Ints = getattr(scenes, self._label)
        return factor
