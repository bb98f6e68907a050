"""``train --evaluate``: reads the run's metrics while it trains, and keeps the checkpoint that read best.

Training waits while samples are made and looked at. What is left, arithmetic on features and writing, happens beside
it, on a copy of the state.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ganzoo.assembly.build import Assembly
from ganzoo.errors import BadRun, Diverged, GanzooError, PluginError
from ganzoo.evaluation.best_checkpoint import BestCheckpoint, deciding_value, keep_best, read_best, set_aside
from ganzoo.evaluation.evaluator import EvaluationConfig, EvaluationResult, Evaluator, assert_enough_samples
from ganzoo.evaluation.metric_suite import MetricSuite, assert_made_for, assert_suite_fits, suite_from_config
from ganzoo.evaluation.offline_inputs import HOST
from ganzoo.evaluation.record import (
    Evaluation,
    device_name,
    label_values,
    typed_command,
    utc_now,
    versions_of,
    write_evaluation,
)
from ganzoo.interfaces.capabilities import HasMetadata
from ganzoo.registry.kinds import EVALUATION_KINDS, TRAIN_OPTIONS
from ganzoo.registry.registry import Registry
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import number
from ganzoo.training import checkpoints
from ganzoo.training.loop import Callback, Every, LateMetrics
from ganzoo.training.step import Engine

FATAL = (BadRun, Diverged)
"""What no metric is to blame for: the disk could not take a checkpoint either, or there are no samples any more."""

WATCHING: Mapping[str, str] = {kind: TRAIN_OPTIONS[kind] for kind in EVALUATION_KINDS}
"""The options of a run that goes on: its other parts stay."""

PREFIX = "eval/"
"""Before the names of readings among those of the run."""


def assert_evaluation_fits(registry: Registry, assembly: Assembly, *, resumed: bool = False) -> None:
    """Refuse, before anything is written, metrics and features the keeper of this run would refuse.

    Args:
        registry: where they are found.
        assembly: the run.
        resumed: whether it goes on with features it began with.

    Raises:
        GanzooError: they do not fit the run or its number of samples, or their weights or classifiers are missing.
    """
    if assembly.config.names("metric"):
        suite = _fitting_ruler(registry, assembly, options=WATCHING if resumed else TRAIN_OPTIONS)
        said = [setting.source for path, setting in assembly.config.settings.items() if path.startswith("features.")]
        assert_made_for(assembly.config, suite.features, said=resumed or set(said) != {"default"})
        suite.features_for(assembly.dataset.shape)
        metrics = suite.built()
        assert_enough_samples(metrics, assembly.dataset, assembly.config.run.evaluate_samples)
        for metric in metrics.values():
            if isinstance(metric, HasMetadata):
                metric.metadata(
                    assembly.dataset, HOST
                )  # a classifier that is missing, of other classes or too often wrong


@dataclass(frozen=True)
class _Begun:
    """An evaluation that is being taken.

    Args:
        images: reals the discriminator had seen.
        step: steps taken.
        result: what it will read.
    """

    images: int
    step: int
    result: Future[Evaluation]


class PeriodicEvaluation(Callback):
    """Evaluates the averaged generator every ``run.evaluate_every`` images and at the end; keeps the best checkpoint.

    The metrics and features are those the configuration names; the first reading of the first metric that is better one
    way decides. The engine's randomness is left as it was: a run with a keeper trains to the same weights.

    Args:
        engine: the run.
        assembly: its parts.
        registry: where its metrics and features are found.
        folder: where everything goes; the best of an earlier part of the run is read there.
        facts: what a checkpoint's manifest holds besides the state.
        say: takes a line for the user, such as why an evaluation came to nothing.

    Raises:
        GanzooError: the metrics do not fit the run.
    """

    def __init__(
        self,
        engine: Engine,
        assembly: Assembly,
        registry: Registry,
        folder: RunFolder,
        facts: Mapping[str, object],
        *,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._say, self._said = say, set[str]()
        self._engine, self._assembly, self._folder, self._facts = engine, assembly, folder, facts
        self._suite = _fitting_ruler(registry, assembly)
        terms = EvaluationConfig(samples=assembly.config.run.evaluate_samples)
        self._evaluator = Evaluator(self._suite, assembly.dataset, terms, device=engine.device)
        self._best = read_best(folder)
        self._every = Every(engine.run.evaluate_every or max(engine.run.images // 4, 1))
        self.every = self._every.every
        self._begun: list[_Begun] = []
        self._news: list[tuple[str, str]] = []
        self._beside = ThreadPoolExecutor(1, "ganzoo-evaluation")

    @property
    def best(self) -> BestCheckpoint | None:
        """The best reading so far."""
        return self._best

    def on_start(self, images: int) -> None:
        """Evaluate what a run that was killed had no time to read: nothing since the last multiple was told."""
        self._every.start(images)
        multiple = images // self._every.every * self._every.every
        if multiple and not self._told_since(multiple):
            self._start(images)

    def metrics_to_log(self, images: int) -> Mapping[str, float]:
        """Begin an evaluation if it is time; its readings come late."""
        if self._every.is_due(images) or images >= self._engine.run.images:
            self._start(images)
        return {}

    def late_metrics(self, until: int) -> Sequence[LateMetrics]:
        """Give the readings of evaluations that are done, as ``eval/...``.

        Raises:
            BadRun: the readings could not be written.
        """
        done = [begun for begun in self._begun if begun.images <= until or begun.result.done()]
        self._begun = [begun for begun in self._begun if begun not in done]
        found = [(begun, self._result(begun)) for begun in done]
        return [LateMetrics(begun.images, begun.step, _named(evaluation)) for begun, evaluation in found if evaluation]

    def _result(self, begun: _Begun) -> Evaluation | None:
        try:
            evaluation = begun.result.result()
        except FATAL:
            raise
        except Exception as error:
            self._refused(begun.images, error)
            return None
        while self._news:
            self._once(*self._news.pop(0))
        for name, reading in label_values(evaluation.values).items():
            if not math.isfinite(reading.value):
                self._once(name, f"{name} read {reading.value} at {begun.images:,} images; such readings are left out.")
        return evaluation

    def _refused(self, images: int, error: Exception) -> None:
        """Say that an evaluation came to nothing: a metric refused its evidence, or a foreign one broke."""
        why = str(error) if isinstance(error, GanzooError | PluginError) else (
            f"{type(error).__name__}: {error}. More: ganzoo evaluate {self._folder.path} --metrics "
            f"{','.join(self._suite.metrics)}")  # fmt: skip
        self._once(why, f"No evaluation at {images:,} images, and training goes on: {why}")

    def _once(self, what: str, line: str) -> None:
        if what not in self._said:
            self._said.add(what)
            self._say(line)

    def close(self) -> None:
        """Wait for what is being written, so that nobody else writes beside it."""
        self._beside.shutdown()

    def evaluate(self, images: int) -> Evaluation:
        """Read the metrics off the averaged generator, write them, and keep the checkpoint if it is the best."""
        return self._looked(images)()

    def _start(self, images: int) -> None:
        for begun in self._begun:
            begun.result.exception()  # waits: copies of the state must not pile up
        try:
            looked = self._looked(images)
        except FATAL:
            raise
        except Exception as error:
            return self._refused(images, error)
        self._begun.append(_Begun(images, self._engine.steps, self._beside.submit(looked)))

    def _looked(self, images: int) -> Callable[[], Evaluation]:
        """Look at the generator's samples, and return what is left to do; that needs the engine no more."""
        average = self._engine.averages["generator"].module
        finish = self._evaluator.look(average, conditional=self._assembly.num_classes > 0)
        found = checkpoints.take_snapshot(self._engine)
        return lambda: self._concluded(images, finish(), found)

    def _concluded(self, images: int, findings: EvaluationResult, found: checkpoints.Snapshot) -> Evaluation:
        refused = findings.refused
        self._news += [(str(why), f"No {name} at {images:,} images: {why}") for name, why in refused.items()]
        protocol = self._evaluator.protocol.without(refused)
        evaluation = Evaluation(
            self._folder.path.resolve().name, found.name, images, findings.values, protocol,
            findings.seconds, versions_of(self._suite), device_name(self._engine.device), typed_command(), utc_now(),
        )  # fmt: skip
        write_evaluation(self._folder, evaluation, findings.pictures)
        best = deciding_value(evaluation)
        mute = self._best is not None and self._best.metric in refused  # what decides has nothing to say this time
        if best is not None and not mute and best.beats(self._best):
            if self._best is not None and best.incomparable(self._best):
                moved = _moved(self._best, set_aside(self._folder, self._best))
                self._news.append((moved, moved))
            keep_best(self._folder, best, found, self._facts)
            self._best = best
        return evaluation

    def _told_since(self, images: int) -> bool:
        """Whether readings of so many images or more stand among those of the run."""
        lines = [line for line in self._folder.read_metrics() if line["images"] >= images]
        return any(name.startswith(PREFIX) for line in lines for name in line)


def _moved(best: BestCheckpoint, place: Path) -> str:
    return (f"The best checkpoint so far, {best.name} {number(best.reading.value)} at {best.images:,} images, was read "
            f"by another ruler: it stays as {place}.")  # fmt: skip


def _named(evaluation: Evaluation) -> dict[str, float]:
    found = label_values(evaluation.values)
    return {f"{PREFIX}{name}": reading.value for name, reading in found.items() if math.isfinite(reading.value)}


def _fitting_ruler(
    registry: Registry, assembly: Assembly, *, options: Mapping[str, str] = TRAIN_OPTIONS
) -> MetricSuite:
    suite = suite_from_config(registry, assembly.config)
    assert_suite_fits(registry, assembly.config, suite, assembly.dataset, options=options)
    return suite
