"""A run on disk: read it, evaluate it and sample it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

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
from ganzoo.workflows.cached import Cached
from ganzoo.workflows.evaluate import EvaluationRequest, evaluate
from ganzoo.workflows.prepare import open_saved_run


def load(path: str | Path, *, plugins: Sequence[str | Path] = ()) -> Run:
    """Open the folder of a run.

    Args:
        path: folder of the run, such as ``"runs/0007-dcgan-wgan-gp-sprites"``.
        plugins: unpackaged plugin files of the run that have moved.

    Raises:
        BadRun: the path is not the folder of a run.
    """
    run = Run(arguments.read_path("path", path), plugins=arguments.read_files("plugins", plugins))
    run.folder.config()  # refuses a folder that is not a run
    return run


@dataclass(frozen=True)
class Run:
    """A run on disk: read it, evaluate it and sample it.

    Args:
        path: folder of the run.
        device: device to generate samples on; ``auto`` takes a GPU if there is one.
        plugins: unpackaged plugin files of the run that have moved.
    """

    path: Path
    device: str = "auto"
    plugins: tuple[str, ...] = ()
    _manifest: Cached[dict[str, Any]] = field(default_factory=Cached, init=False, repr=False, compare=False)
    _opened_run: Cached[tuple[Registry, Config]] = field(default_factory=Cached, init=False, repr=False, compare=False)
    _generator: Cached[nn.Module] = field(default_factory=Cached, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read paths given as text."""
        object.__setattr__(self, "path", arguments.read_path("path", self.path))
        object.__setattr__(self, "plugins", arguments.read_files("plugins", self.plugins))

    @property
    def folder(self) -> RunFolder:
        """The folder and the files in it."""
        return RunFolder(self.path)

    @property
    def config(self) -> Config:
        """The resolved configuration."""
        return self.folder.config()

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest of the newest checkpoint.

        Raises:
            BadRun: there is no checkpoint yet, or it is damaged.
        """
        checkpoint = find_checkpoint(self.folder)
        key = checkpoints.read_manifest(checkpoint)
        return self._manifest.get(key, lambda: checkpoints.verify_checkpoint(checkpoint))

    @property
    def class_names(self) -> tuple[str, ...]:
        """Classes the generator was trained on; empty if it is unconditional."""
        catalogue, config = self._opened
        conditional = "labels" in catalogue.component("conditioning", config.qualified_name("conditioning")).needs
        return recorded_dataset(self.manifest["data"]).class_names if conditional else ()

    def metrics(self) -> list[dict[str, float]]:
        """Return the logged values, one dictionary per logged step.

        Raises:
            BadRun: the path is not the folder of a run.
        """
        self.folder.config()  # refuses a folder that is not a run
        return self.folder.read_metrics()

    def evaluate(
        self, metrics: Sequence[str] | str | None = None,
        *, features: str | None = None, samples: int | None = None, seed: int = 0,
        settings: Mapping[str, object] | None = None, checkpoint: Which = "newest",
    ) -> Evaluation:  # fmt: skip
        """Measure the samples against the data, and write the results under ``eval/``.

        Args:
            metrics: names, also as one text ``"fd,kid"``; None computes those that fit the data.
            features: features the metrics compute from an image, such as ``"random"`` or ``"classifier:FILE"``.
            samples: fakes to generate; None generates 10,000, or as many as there are reals if fewer.
            seed: seed of the fakes and of every random choice of a metric.
            settings: values by dotted path, such as ``{"metric.kid.subsets": 50}``.
            checkpoint: ``newest``, or the ``best`` that training kept.

        Raises:
            GanzooError: an argument has a wrong value, or the metrics do not fit the run.
        """
        catalogue, config = self._opened
        amount = EvaluationConfig(
            None if samples is None else arguments.read_integer("samples", samples, 2), read_seed("seed", seed)
        )
        request = EvaluationRequest(metrics=None if metrics is None else arguments.read_names("metrics", metrics),
                      features=None if features is None else arguments.read_text("features", features),
                      settings=arguments.read_settings(settings or {}), config=amount,
                      checkpoint=checkpoint, device=self.device)  # fmt: skip
        return evaluate(catalogue, config, self.folder, request)

    @property
    def generator(self) -> nn.Module:
        """The generator with the newest checkpoint's averaged weights, in evaluation mode, on the device."""
        checkpoint = find_checkpoint(self.folder)

        def build() -> nn.Module:
            data = recorded_dataset(self.manifest["data"])
            return load_generator(*self._opened, data, checkpoint, self.device).generator

        return self._generator.get(checkpoints.read_manifest(checkpoint), build)

    def assert_outside_data(self, place: Path, what: str) -> None:
        """Refuse to write among the images the run was trained on.

        Args:
            place: file or folder to write.
            what: name of the file in the message, such as ``sheet``.

        Raises:
            BadSetting: the place lies in the folder of the data.
        """
        assert_outside_data(*self._opened, place, what)

    def sample(
        self, seeds: Iterable[int], label: int | str | Sequence[int] | None = None,
        *, truncation: float = 1.0, noise_seed: int | None = None,
    ) -> Tensor:  # fmt: skip
        """Generate one sample per seed with the averaged weights.

        Args:
            seeds: non-negative; equal seeds give equal samples on one device.
            label: class of all samples by number or name, or a number for each; None takes the classes in turn.
            truncation: psi of a generator with styles; below 1 samples are nearer to the mean, 0 is the mean.
            noise_seed: seed of the noise of a generator with styles; None takes its fixed noise.

        Returns:
            ``(B, *shape)`` float32 on the CPU, images in [-1, 1].

        Raises:
            BadSetting: the run does not have that class.
            DoesNotFit: truncation or a noise seed for a generator without styles.
        """
        chosen = read_seeds(seeds)
        make: SampleFunction | None = None
        truncation, noise_seed = read_truncation(truncation), _read_noise_seed(noise_seed)
        if truncation != 1.0 or noise_seed is not None:
            make = build_style_sampler(
                self._require_styles("truncation or a noise seed"), truncation=truncation, noise_seed=noise_seed
            )
        with plugin_errors(run_entries(*self._opened)):
            return sample(self.generator, chosen, self._labels(chosen, label), pick_device(self.device), make)

    def sheet(
        self, seeds: Iterable[int], label: int | str | Sequence[int] | None = None,
        *, columns: int = 8, truncation: float = 1.0, noise_seed: int | None = None,
    ) -> Image:  # fmt: skip
        """Generate samples as one picture of some columns; the other arguments are those of ``sample``."""
        width = arguments.read_integer("columns", columns, 1, 9_999)
        samples = self.sample(seeds, label, truncation=truncation, noise_seed=noise_seed)
        return sheets.draw_sheet(sheets.to_uint8(samples), width)

    def style_mix(
        self, rows: Iterable[int], columns: Iterable[int], part: Part = "coarse",
        *, label: int | str | None = None, truncation: float = 1.0, noise_seed: int | None = None,
    ) -> Image:  # fmt: skip
        """Generate the style-mixing sheet: each row's sample with a third of its styles from each column's sample.

        Args:
            rows: seeds of the samples that receive styles.
            columns: seeds of the samples that give styles.
            part: layers whose styles are exchanged, ``coarse``, ``middle`` or ``fine``.
            label: class of all samples; None takes the classes in turn.
            truncation: psi.
            noise_seed: seed of the noise that all samples share.

        Raises:
            DoesNotFit: the generator has no styles.
        """
        truncation, noise_seed = read_truncation(truncation), _read_noise_seed(noise_seed)
        if part not in PARTS:
            raise BadSetting(f"part = {part!r}: there are no such styles. Choose {', '.join(PARTS)}.")
        generator = self._require_styles("style mixing")
        into, taken = self._sources(read_seeds(rows), label), self._sources(chosen := read_seeds(columns), label)
        with plugin_errors(run_entries(*self._opened)):
            made = generate_style_mixing(generator, into, taken, part, truncation=truncation, noise_seed=noise_seed)
        return sheets.draw_sheet(sheets.to_uint8(made), len(chosen) + 1)

    def walk(
        self, seeds: Iterable[int], frames: int = 120, space: str | None = None,
        *, label: int | str | None = None, truncation: float = 1.0,
    ) -> Tensor:  # fmt: skip
        """Interpolate between samples and back to the first, so that the film loops.

        Args:
            seeds: at least two.
            frames: number of samples.
            space: ``z`` (latents) or ``w`` (styles); None takes styles if the generator has them.
            label: class of all samples; None takes the first seed's.
            truncation: psi.

        Returns:
            ``(frames, *shape)`` float32 on the CPU, images in [-1, 1].

        Raises:
            BadSetting: fewer than two seeds, fewer frames than seeds, or an unknown space.
            DoesNotFit: space w or truncation for a generator without styles.
        """
        chosen, count = read_seeds(seeds), arguments.read_integer("frames", frames, 1)
        if len(chosen) < 2 or count < len(chosen):
            raise BadSetting(
                f"interpolation needs two seeds, and a frame for each seed: {len(chosen)} seeds, {count} frames."
            )
        if space not in (None, "z", "w"):
            raise BadSetting(f"space '{space}' is neither z (latents) nor w (styles).")
        truncation = read_truncation(truncation)
        in_styles = space == "w" or (space is None and self._has_styles)
        first = self._labels(chosen[:1], label)[0]  # refuses a class for an unconditional generator
        latents, labels = self._sources(chosen, first if self.class_names else None)
        with plugin_errors(run_entries(*self._opened)):
            if in_styles:
                return walk_in_styles(self._require_styles("interpolation in w"), latents, labels, count, truncation)
            make = (
                build_style_sampler(self._require_styles("truncation"), truncation=truncation)
                if truncation != 1.0
                else None
            )
            return walk_in_latents(cast(Generator, self.generator), latents, labels, count, make)

    @property
    def _opened(self) -> tuple[Registry, Config]:
        return self._opened_run.get(self.config, lambda: open_saved_run(self.folder, self.plugins))

    @property
    def _has_styles(self) -> bool:
        catalogue, config = self._opened
        return "styles" in catalogue.component("generator", config.qualified_name("generator")).provides

    def _require_styles(self, what: str) -> StyleGenerator:
        """Return the generator, or refuse what only generators with styles can do."""
        if self._has_styles:
            return cast(StyleGenerator, self.generator)
        catalogue, config = self._opened
        records = [entry.record for entry in catalogue.of_kind("generator")]
        have = [r.name for r in records if isinstance(r, Component) and "styles" in r.provides]
        hint = f" Train one that does: --generator {'|'.join(have)}" if have else ""
        raise DoesNotFit(f"{what} needs 'styles', which generator '{config.name('generator')}' does not provide.{hint}")

    def _sources(self, chosen: list[int], label: int | str | None) -> tuple[Tensor, Tensor]:
        latents = draw_latents(chosen, int(self.generator.latent_dim))  # type: ignore[arg-type]
        device = pick_device(self.device)
        return latents.to(device), torch.tensor(self._labels(chosen, label), device=device)

    def _labels(self, seeds: list[int], label: int | str | Sequence[int] | None) -> list[int]:
        return read_labels(seeds, label, self.class_names, str(self.path))


def _read_noise_seed(noise_seed: object) -> int | None:
    return None if noise_seed is None else read_seed("noise_seed", noise_seed)
