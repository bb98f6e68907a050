"""A run on disk: read it, sample it, mix its styles, walk through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import torch
from PIL.Image import Image
from torch import Tensor, nn

from ganzoo.assembly.remembered import remember
from ganzoo.config import Config
from ganzoo.engine import state
from ganzoo.engine.device import pick_device
from ganzoo.errors import BadSetting, DoesNotFit, nearest
from ganzoo.evaluation.evaluate import Asked, evaluate
from ganzoo.evaluation.examiner import Terms
from ganzoo.evaluation.record import Evaluation
from ganzoo.evaluation.subject import Which, checkpoint_of, subject_of
from ganzoo.launch import saved_run
from ganzoo.protocols import Generator, StyleGenerator
from ganzoo.registry import Registry
from ganzoo.runs import sheets
from ganzoo.runs.folder import RunFolder
from ganzoo.sampling import assert_truncation, latents_of, sample, seed_in, seeds_in
from ganzoo.specs import Component
from ganzoo.styles.mixing import PARTS, Part, mixing_table
from ganzoo.styles.taking import Make, maker
from ganzoo.styles.walking import walk_in_latents, walk_in_styles


def load(path: str | Path, *, plugins: Sequence[str] = ()) -> Run:
    """Open the folder of a run.

    Args:
        path: such as ``"runs/0007-dcgan-wgan-gp-sprites"``.
        plugins: unpackaged plugin files of the run that lie elsewhere now.

    Raises:
        BadRun: it is no run folder.
    """
    run = Run(Path(path), plugins=(*plugins,))
    run.folder.config()  # refuses a folder that is no run
    return run


@dataclass(frozen=True)
class Run:
    """A run on disk: read it, sample it.

    Args:
        path: its folder.
        device: where samples are made; ``auto`` takes a GPU when there is one.
        plugins: unpackaged plugin files of the run that lie elsewhere now.
    """

    path: Path
    device: str = "auto"
    plugins: tuple[str, ...] = ()

    @property
    def folder(self) -> RunFolder:
        """Where its files lie."""
        return RunFolder(self.path)

    @cached_property
    def config(self) -> Config:
        """The resolved configuration."""
        return self.folder.config()

    @cached_property
    def manifest(self) -> dict[str, object]:
        """What the newest checkpoint says of itself.

        Raises:
            BadRun: there is no checkpoint yet, or it is damaged.
        """
        return state.verify(self._checkpoint)

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Classes the generator was trained on; empty when it takes none."""
        catalogue, config = self._opened
        conditional = "labels" in catalogue.component("conditioning", config.name("conditioning")).needs
        return remember(self.manifest["data"]).class_names if conditional else ()  # type: ignore[arg-type]

    def readings(self) -> list[dict[str, float]]:
        """The metrics, one dictionary a line."""
        return self.folder.readings()

    def evaluate(
        self, metrics: Sequence[str] | str | None = None,
        *, features: str | None = None, samples: int | None = None, seed: int = 0,
        settings: Mapping[str, object] | None = None, checkpoint: Which = "newest",
    ) -> Evaluation:  # fmt: skip
        """Measure the samples against the data, and write the readings under ``eval/``.

        Args:
            metrics: by name, also ``"fd,kid"``; None takes those that fit the data.
            features: what they see of an image, such as ``"random"`` or ``"judge:FILE"``.
            samples: fakes to make; None makes 10,000, or as many as there are reals if fewer.
            seed: of the samples and of what metrics draw.
            settings: values by dotted path, such as ``{"metric.kid.subsets": 50}``.
            checkpoint: ``newest``, or the ``best`` that training kept.
        """
        catalogue, config = self._opened
        chosen = [name.strip() for name in metrics.split(",")] if isinstance(metrics, str) else metrics
        asked = Asked(metrics=chosen, features=features, settings=settings or {}, terms=Terms(samples, seed),
                      checkpoint=checkpoint, device=self.device)  # fmt: skip
        return evaluate(catalogue, config, self.folder, asked)

    @cached_property
    def generator(self) -> nn.Module:
        """The generator with averaged weights, in evaluation mode, on the device."""
        catalogue, config = self._opened
        data = remember(self.manifest["data"])  # type: ignore[arg-type]
        return subject_of(catalogue, config, data, self._checkpoint, self.device).generator

    def sample(
        self, seeds: Sequence[int], label: int | str | Sequence[int] | None = None,
        *, truncation: float = 1.0, noise_seed: int | None = None,
    ) -> Tensor:  # fmt: skip
        """Make one sample a seed from the averaged weights.

        Args:
            seeds: non-negative; equal seeds give equal samples on one device.
            label: a class by number or name for all, or a number for each; None takes the classes in turn.
            truncation: psi, of a generator with styles: below 1 samples lie nearer to the mean, 0 is the mean.
            noise_seed: of the noise of a generator with styles; None takes its fixed one.

        Returns:
            ``(B, *shape)`` float32 on the CPU, images in [-1, 1].

        Raises:
            BadSetting: a class the run does not have.
            DoesNotFit: truncation or noise of a generator without styles.
        """
        chosen = seeds_in(seeds)
        make: Make | None = None
        assert_truncation(truncation)
        if noise_seed is not None:
            seed_in("noise_seed", noise_seed)
        if truncation != 1.0 or noise_seed is not None:
            make = maker(self._styled("truncation or a noise seed"), truncation=truncation, noise_seed=noise_seed)
        return sample(self.generator, chosen, self._labels(chosen, label), self._device, make)

    def sheet(
        self, seeds: Sequence[int], label: int | str | Sequence[int] | None = None,
        *, columns: int = 8, truncation: float = 1.0, noise_seed: int | None = None,
    ) -> Image:  # fmt: skip
        """Draw samples as one picture of at least one column; the arguments are those of ``sample``."""
        if columns < 1:
            raise BadSetting(f"columns = {columns}: give at least one.")
        made = self.sample(seeds, label, truncation=truncation, noise_seed=noise_seed)
        return sheets.sheet(sheets.to_uint8(made), columns)

    def style_mix(
        self, rows: Sequence[int], columns: Sequence[int], part: Part = "coarse",
        *, label: int | str | None = None, truncation: float = 1.0, noise_seed: int | None = None,
    ) -> Image:  # fmt: skip
        """Draw the style-mixing sheet: each row's sample with one part of its styles from each column's.

        Args:
            rows: seeds of the samples styles are put into.
            columns: seeds of the samples styles are taken from.
            part: which styles: a third of the layers, ``coarse``, ``middle`` or ``fine``.
            label: a class for all; None takes the classes in turn.
            truncation: psi.
            noise_seed: of the noise all samples share.

        Raises:
            DoesNotFit: the generator has no styles.
        """
        assert_truncation(truncation)
        if noise_seed is not None:
            seed_in("noise_seed", noise_seed)
        if part not in PARTS:
            raise BadSetting(f"part = {part!r}: no such part of the styles. Choose {', '.join(PARTS)}.")
        generator = self._styled("style mixing")
        into, taken = self._sources(rows, label), self._sources(columns, label)
        made = mixing_table(generator, into, taken, part, truncation=truncation, noise_seed=noise_seed)
        return sheets.sheet(sheets.to_uint8(made), len(columns) + 1)

    def walk(
        self, seeds: Sequence[int], frames: int = 120, space: str | None = None,
        *, label: int | str | None = None, truncation: float = 1.0,
    ) -> Tensor:  # fmt: skip
        """Walk through samples and back to the first, so that the film loops.

        Args:
            seeds: at least two.
            frames: how many samples to make on the way.
            space: ``z`` (latents) or ``w`` (styles); None takes styles where the generator has them.
            label: a class for all; None takes the first seed's.
            truncation: psi, of a walk through styles.

        Returns:
            ``(frames, *shape)`` float32 on the CPU, images in [-1, 1].

        Raises:
            BadSetting: fewer than two seeds, fewer frames than seeds, or an unknown space.
            DoesNotFit: a walk in w, or truncation, with a generator without styles.
        """
        if not isinstance(frames, int) or len(seeds) < 2 or frames < len(seeds):
            raise BadSetting(f"a walk needs two seeds, and a frame for each: {len(seeds)} seeds, {frames!r} frames.")
        if space not in (None, "z", "w"):
            raise BadSetting(f"space '{space}' is neither z (latents) nor w (styles).")
        assert_truncation(truncation)
        in_styles = space == "w" or (space is None and self._has_styles)
        first = self._labels(list(seeds)[:1], label)[0]  # refuses a class where there are none
        latents, labels = self._sources(seeds, first if self.class_names else None)
        if in_styles:
            return walk_in_styles(self._styled("a walk in w"), latents, labels, frames, truncation)
        make = maker(self._styled("truncation"), truncation=truncation) if truncation != 1.0 else None
        return walk_in_latents(cast(Generator, self.generator), latents, labels, frames, make)

    @cached_property
    def _opened(self) -> tuple[Registry, Config]:
        return saved_run(self.folder, self.plugins)

    @property
    def _has_styles(self) -> bool:
        catalogue, config = self._opened
        return "styles" in catalogue.component("generator", config.name("generator")).provides

    def _styled(self, what: str) -> StyleGenerator:
        if self._has_styles:
            return cast(StyleGenerator, self.generator)
        catalogue, config = self._opened
        records = [entry.record for entry in catalogue.of_kind("generator")]
        have = [r.name for r in records if isinstance(r, Component) and "styles" in r.provides]
        cure = f" Train one that has them: --generator {'|'.join(have)}" if have else ""
        raise DoesNotFit(f"{what} needs 'styles', which generator '{config.name('generator')}' does not provide.{cure}")

    def _sources(self, seeds: Sequence[int], label: int | str | None) -> tuple[Tensor, Tensor]:
        chosen = seeds_in(seeds)
        latents = latents_of(chosen, int(self.generator.latent_dim))  # type: ignore[arg-type]
        return latents.to(self._device), torch.tensor(self._labels(chosen, label), device=self._device)

    def _labels(self, seeds: list[int], label: int | str | Sequence[int] | None) -> list[int]:
        names = self.class_names
        if not names and label is not None:
            raise BadSetting(f"'{self.path}' was trained without classes; drop --class.")
        if label is None:
            return [seed % len(names) if names else 0 for seed in seeds]
        if not isinstance(label, str | int):
            if len(label) != len(seeds):
                raise BadSetting(f"{len(label)} labels for {len(seeds)} seeds: give one each, or one for all.")
            return [self._class(one) for one in label]
        return [self._class(label)] * len(seeds)

    def _class(self, label: int | str) -> int:
        names = self.class_names
        if label in names:
            return names.index(str(label))
        if str(label).isdecimal() and int(label) < len(names):
            return int(label)
        raise BadSetting(
            f"no class '{label}' in '{self.path}', which has 0 to {len(names) - 1}.{nearest(str(label), names)}"
        )

    @property
    def _device(self) -> torch.device:
        return pick_device(self.device)

    @property
    def _checkpoint(self) -> Path:
        return checkpoint_of(self.folder)
