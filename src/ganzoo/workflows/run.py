"""A run on disk: read it, sample it, mix its styles, walk through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from PIL.Image import Image
from torch import Tensor, nn

from ganzoo.assembly.recorded_data import recorded_dataset
from ganzoo.config import arguments
from ganzoo.config.layers import Config
from ganzoo.config.plugin_errors import plugin_errors, run_entries
from ganzoo.config.provenance import assert_outside_data
from ganzoo.errors import BadSetting, DoesNotFit
from ganzoo.evaluation.evaluator import EvaluationConfig
from ganzoo.evaluation.generator import Which, find_checkpoint, load_generator
from ganzoo.evaluation.record import Evaluation
from ganzoo.interfaces.networks import Generator, StyleGenerator
from ganzoo.registry.registry import Registry
from ganzoo.registry.specs import Component
from ganzoo.runs import sheets
from ganzoo.runs.folder import RunFolder
from ganzoo.sampling.seeds import draw_latents, read_labels, read_seed, read_seeds, read_truncation, sample
from ganzoo.sampling.style_mixing import PARTS, Part, generate_style_mixing
from ganzoo.sampling.styles import SampleFunction, build_style_sampler
from ganzoo.sampling.walks import walk_in_latents, walk_in_styles
from ganzoo.training import checkpoints
from ganzoo.training.device import pick_device
from ganzoo.workflows.evaluate import EvaluationRequest, evaluate
from ganzoo.workflows.prepare import open_saved_run

_T = TypeVar("_T")


def load(path: str | Path, *, plugins: Sequence[str | Path] = ()) -> Run:
    """Open the folder of a run.

    Args:
        path: such as ``"runs/0007-dcgan-wgan-gp-sprites"``.
        plugins: unpackaged plugin files of the run that lie elsewhere now.

    Raises:
        BadRun: it is no run folder.
    """
    run = Run(arguments.read_path("path", path), plugins=arguments.read_files("plugins", plugins))
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
    _held: dict[str, tuple[object, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take texts for the paths they name."""
        object.__setattr__(self, "path", arguments.read_path("path", self.path))
        object.__setattr__(self, "plugins", arguments.read_files("plugins", self.plugins))

    @property
    def folder(self) -> RunFolder:
        """Where its files lie."""
        return RunFolder(self.path)

    @property
    def config(self) -> Config:
        """The resolved configuration."""
        return self.folder.config()

    @property
    def manifest(self) -> dict[str, object]:
        """What the newest checkpoint says of itself.

        Raises:
            BadRun: there is no checkpoint yet, or it is damaged.
        """
        checkpoint = self._checkpoint
        return self._once(
            "manifest", checkpoints.read_manifest(checkpoint), lambda: checkpoints.verify_checkpoint(checkpoint)
        )

    @property
    def class_names(self) -> tuple[str, ...]:
        """Classes the generator was trained on; empty when it takes none."""
        catalogue, config = self._opened
        conditional = "labels" in catalogue.component("conditioning", config.qualified_name("conditioning")).needs
        return recorded_dataset(self.manifest["data"]).class_names if conditional else ()  # type: ignore[arg-type]

    def metrics(self) -> list[dict[str, float]]:
        """The metrics, one dictionary a line.

        Raises:
            BadRun: it is no run folder.
        """
        self.folder.config()  # refuses a folder that is no run
        return self.folder.read_metrics()

    def evaluate(
        self, metrics: Sequence[str] | str | None = None,
        *, features: str | None = None, samples: int | None = None, seed: int = 0,
        settings: Mapping[str, object] | None = None, checkpoint: Which = "newest",
    ) -> Evaluation:  # fmt: skip
        """Measure the samples against the data, and write the readings under ``eval/``.

        Args:
            metrics: by name, also ``"fd,kid"``; None takes those that fit the data.
            features: what they see of an image, such as ``"random"`` or ``"classifier:FILE"``.
            samples: fakes to make; None makes 10,000, or as many as there are reals if fewer.
            seed: of the samples and of what metrics draw.
            settings: values by dotted path, such as ``{"metric.kid.subsets": 50}``.
            checkpoint: ``newest``, or the ``best`` that training kept.

        Raises:
            GanzooError: an argument makes no sense, or the metrics do not fit the run.
        """
        catalogue, config = self._opened
        amount = EvaluationConfig(
            None if samples is None else arguments.read_integer("samples", samples, 2), read_seed("seed", seed)
        )
        asked = EvaluationRequest(metrics=None if metrics is None else arguments.read_names("metrics", metrics),
                      features=None if features is None else arguments.read_text("features", features),
                      settings=arguments.read_settings(settings or {}), config=amount,
                      checkpoint=checkpoint, device=self.device)  # fmt: skip
        return evaluate(catalogue, config, self.folder, asked)

    @property
    def generator(self) -> nn.Module:
        """The generator with the newest checkpoint's averaged weights, in evaluation mode, on the device."""
        checkpoint = self._checkpoint
        return self._once("generator", checkpoints.read_manifest(checkpoint), lambda: self._built(checkpoint))

    def assert_outside_data(self, place: Path, what: str) -> None:
        """Refuse a place for pictures that lies among the images the run was trained on.

        Args:
            place: where they would be written.
            what: they are, for the message.

        Raises:
            BadSetting: it lies there.
        """
        assert_outside_data(*self._opened, place, what)

    def _built(self, checkpoint: Path) -> nn.Module:
        catalogue, config = self._opened
        data = recorded_dataset(self.manifest["data"])  # type: ignore[arg-type]
        return load_generator(catalogue, config, data, checkpoint, self.device).generator

    def _once(self, what: str, of: object, make: Callable[[], _T]) -> _T:
        """Make a thing once for as long as what it is made of stays: a run may train on meanwhile."""
        if what not in self._held or self._held[what][0] != of:
            self._held[what] = of, make()
        return cast(_T, self._held[what][1])

    def sample(
        self, seeds: Iterable[int], label: int | str | Sequence[int] | None = None,
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
        chosen = read_seeds(seeds)
        make: SampleFunction | None = None
        truncation, noise_seed = read_truncation(truncation), _maybe_seed(noise_seed)
        if truncation != 1.0 or noise_seed is not None:
            make = build_style_sampler(
                self._styled("truncation or a noise seed"), truncation=truncation, noise_seed=noise_seed
            )
        with plugin_errors(run_entries(*self._opened)):
            return sample(self.generator, chosen, self._labels(chosen, label), self._device, make)

    def sheet(
        self, seeds: Iterable[int], label: int | str | Sequence[int] | None = None,
        *, columns: int = 8, truncation: float = 1.0, noise_seed: int | None = None,
    ) -> Image:  # fmt: skip
        """Draw samples as one picture of at least one column; the arguments are those of ``sample``."""
        wide = arguments.read_integer("columns", columns, 1, 9_999)
        made = self.sample(seeds, label, truncation=truncation, noise_seed=noise_seed)
        return sheets.sheet(sheets.to_uint8(made), wide)

    def style_mix(
        self, rows: Iterable[int], columns: Iterable[int], part: Part = "coarse",
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
        truncation, noise_seed = read_truncation(truncation), _maybe_seed(noise_seed)
        if part not in PARTS:
            raise BadSetting(f"part = {part!r}: no such part of the styles. Choose {', '.join(PARTS)}.")
        generator = self._styled("style mixing")
        into, taken = self._sources(read_seeds(rows), label), self._sources(chosen := read_seeds(columns), label)
        with plugin_errors(run_entries(*self._opened)):
            made = generate_style_mixing(generator, into, taken, part, truncation=truncation, noise_seed=noise_seed)
        return sheets.sheet(sheets.to_uint8(made), len(chosen) + 1)

    def walk(
        self, seeds: Iterable[int], frames: int = 120, space: str | None = None,
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
        chosen, count = read_seeds(seeds), arguments.read_integer("frames", frames, 1)
        if len(chosen) < 2 or count < len(chosen):
            raise BadSetting(f"a walk needs two seeds, and a frame for each: {len(chosen)} seeds, {count} frames.")
        if space not in (None, "z", "w"):
            raise BadSetting(f"space '{space}' is neither z (latents) nor w (styles).")
        truncation = read_truncation(truncation)
        in_styles = space == "w" or (space is None and self._has_styles)
        first = self._labels(chosen[:1], label)[0]  # refuses a class where there are none
        latents, labels = self._sources(chosen, first if self.class_names else None)
        with plugin_errors(run_entries(*self._opened)):
            if in_styles:
                return walk_in_styles(self._styled("a walk in w"), latents, labels, count, truncation)
            make = build_style_sampler(self._styled("truncation"), truncation=truncation) if truncation != 1.0 else None
            return walk_in_latents(cast(Generator, self.generator), latents, labels, count, make)

    @property
    def _opened(self) -> tuple[Registry, Config]:
        return self._once("opened", self.config, lambda: open_saved_run(self.folder, self.plugins))

    @property
    def _has_styles(self) -> bool:
        catalogue, config = self._opened
        return "styles" in catalogue.component("generator", config.qualified_name("generator")).provides

    def _styled(self, what: str) -> StyleGenerator:
        if self._has_styles:
            return cast(StyleGenerator, self.generator)
        catalogue, config = self._opened
        records = [entry.record for entry in catalogue.of_kind("generator")]
        have = [r.name for r in records if isinstance(r, Component) and "styles" in r.provides]
        cure = f" Train one that has them: --generator {'|'.join(have)}" if have else ""
        raise DoesNotFit(f"{what} needs 'styles', which generator '{config.name('generator')}' does not provide.{cure}")

    def _sources(self, chosen: list[int], label: int | str | None) -> tuple[Tensor, Tensor]:
        latents = draw_latents(chosen, int(self.generator.latent_dim))  # type: ignore[arg-type]
        return latents.to(self._device), torch.tensor(self._labels(chosen, label), device=self._device)

    def _labels(self, seeds: list[int], label: int | str | Sequence[int] | None) -> list[int]:
        return read_labels(seeds, label, self.class_names, str(self.path))

    @property
    def _device(self) -> torch.device:
        return pick_device(self.device)

    @property
    def _checkpoint(self) -> Path:
        return find_checkpoint(self.folder)


def _maybe_seed(noise_seed: object) -> int | None:
    return None if noise_seed is None else read_seed("noise_seed", noise_seed)
