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

from ganzoo.abilities import Depending
from ganzoo.assembly.build import Assembly
from ganzoo.assembly.fit import FLAGS
from ganzoo.engine import state
from ganzoo.engine.loop import Beat, Late, Observer
from ganzoo.engine.step import Engine
from ganzoo.errors import BadRun, Diverged, GanzooError
from ganzoo.evaluation.aside import HOST
from ganzoo.evaluation.best import Best, best_of, deciding, keep, set_aside
from ganzoo.evaluation.examiner import Examiner, Findings, Terms, assert_enough
from ganzoo.evaluation.record import Evaluation, device_name, labelled, now, typed, versions_of, write
from ganzoo.evaluation.ruler import Ruler, assert_made_for, assert_measures, ruler_in
from ganzoo.registry import Registry
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import number
from ganzoo.specs import JUDGING, Kind

FATAL = (BadRun, Diverged)
"""What no metric is to blame for: the disk could not take a checkpoint either, or there are no samples any more."""

WATCHING: Mapping[Kind, str] = {kind: FLAGS[kind] for kind in JUDGING}
"""The options of a run that goes on: its other parts stay."""

PREFIX = "eval/"
"""Before the names of readings among those of the run."""


def assert_watchable(registry: Registry, assembly: Assembly, *, resumed: bool = False) -> None:
    """Refuse, before anything is written, metrics and features the keeper of this run would refuse.

    Args:
        registry: where they are found.
        assembly: the run.
        resumed: whether it goes on with features it began with.

    Raises:
        GanzooError: they do not fit the run or its number of samples, or their weights or judges are missing.
    """
    if assembly.config.names("metric"):
        ruler = _fitting_ruler(registry, assembly, options=WATCHING if resumed else FLAGS)
        said = [setting.source for path, setting in assembly.config.settings.items() if path.startswith("features.")]
        assert_made_for(assembly.config, ruler.features, said=resumed or set(said) != {"default"})
        ruler.features_for(assembly.dataset.shape)
        metrics = ruler.built()
        assert_enough(metrics, assembly.dataset, int(str(assembly.config["run.evaluate_samples"])))
        for metric in metrics.values():
            if isinstance(metric, Depending):
                metric.facts(assembly.dataset, HOST)  # a judge that is missing, of other classes or too often wrong


@dataclass(frozen=True)
class _Begun:
    """An evaluation that is being taken.

    Args:
        images: reals the critic had seen.
        step: steps taken.
        result: what it will read.
    """

    images: int
    step: int
    result: Future[Evaluation]


class BestKeeper(Observer):
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
        self._ruler = _fitting_ruler(registry, assembly)
        terms = Terms(samples=int(str(assembly.config["run.evaluate_samples"])))
        self._examiner = Examiner(self._ruler, assembly.dataset, terms, device=engine.device)
        self._best = best_of(folder)
        self._beat = Beat(engine.run.evaluate_every or max(engine.run.images // 4, 1))
        self.every = self._beat.every
        self._begun: list[_Begun] = []
        self._news: list[tuple[str, str]] = []
        self._beside = ThreadPoolExecutor(1, "ganzoo-evaluation")

    @property
    def best(self) -> Best | None:
        """The best reading so far."""
        return self._best

    def begin(self, images: int) -> None:
        """Evaluate what a run that was killed had no time to read: nothing since the last multiple was told."""
        self._beat.begin(images)
        multiple = images // self._beat.every * self._beat.every
        if multiple and not self._told_since(multiple):
            self._start(images)

    def readings(self, images: int) -> Mapping[str, float]:
        """Begin an evaluation if it is time; its readings come late."""
        if self._beat.struck(images) or images >= self._engine.run.images:
            self._start(images)
        return {}

    def overdue(self, until: int) -> Sequence[Late]:
        """Give the readings of evaluations that are done, as ``eval/...``.

        Raises:
            BadRun: the readings could not be written.
        """
        done = [begun for begun in self._begun if begun.images <= until or begun.result.done()]
        self._begun = [begun for begun in self._begun if begun not in done]
        found = [(begun, self._result(begun)) for begun in done]
        return [Late(begun.images, begun.step, _named(evaluation)) for begun, evaluation in found if evaluation]

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
        for name, reading in labelled(evaluation.readings).items():
            if not math.isfinite(reading.value):
                self._once(name, f"{name} read {reading.value} at {begun.images:,} images; such readings are left out.")
        return evaluation

    def _refused(self, images: int, error: Exception) -> None:
        """Say that an evaluation came to nothing: a metric refused its evidence, or a foreign one broke."""
        why = str(error) if isinstance(error, GanzooError) else (
            f"{type(error).__name__}: {error}. More: ganzoo evaluate {self._folder.path} --metrics "
            f"{','.join(self._ruler.metrics)}")  # fmt: skip
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
        finish = self._examiner.look(average, conditional=self._assembly.num_classes > 0)
        found = state.snapshot(self._engine)
        return lambda: self._concluded(images, finish(), found)

    def _concluded(self, images: int, findings: Findings, found: state.Snapshot) -> Evaluation:
        refused = findings.refused
        self._news += [(str(why), f"No {name} at {images:,} images: {why}") for name, why in refused.items()]
        stamp = self._examiner.stamp.without(refused)
        evaluation = Evaluation(
            self._folder.path.resolve().name, found.name, images, findings.readings, stamp,
            findings.seconds, versions_of(self._ruler), device_name(self._engine.device), typed(), now(),
        )  # fmt: skip
        write(self._folder, evaluation, findings.pictures)
        best = deciding(evaluation)
        mute = self._best is not None and self._best.metric in refused  # what decides has nothing to say this time
        if best is not None and not mute and best.beats(self._best):
            if self._best is not None and best.incomparable(self._best):
                moved = _moved(self._best, set_aside(self._folder, self._best))
                self._news.append((moved, moved))
            keep(self._folder, best, found, self._facts)
            self._best = best
        return evaluation

    def _told_since(self, images: int) -> bool:
        """Whether readings of so many images or more stand among those of the run."""
        lines = [line for line in self._folder.readings() if line["images"] >= images]
        return any(name.startswith(PREFIX) for line in lines for name in line)


def _moved(best: Best, place: Path) -> str:
    return (f"The best checkpoint so far, {best.name} {number(best.reading.value)} at {best.images:,} images, was read "
            f"by another ruler: it stays as {place}.")  # fmt: skip


def _named(evaluation: Evaluation) -> dict[str, float]:
    found = labelled(evaluation.readings)
    return {f"{PREFIX}{name}": reading.value for name, reading in found.items() if math.isfinite(reading.value)}


def _fitting_ruler(registry: Registry, assembly: Assembly, *, options: Mapping[Kind, str] = FLAGS) -> Ruler:
    ruler = ruler_in(registry, assembly.config)
    assert_measures(registry, assembly.config, ruler, assembly.dataset, options=options)
    return ruler
