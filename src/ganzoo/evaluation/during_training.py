"""``train --evaluate``: computes the run's metrics while it trains, and keeps the best checkpoint.

Training waits for an evaluation. The alternatives were measured (``docs/explanation/speed.md``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch

from ganzoo.assembly.build import Assembly
from ganzoo.errors import BadRun, Diverged, GanzooError, PluginError
from ganzoo.evaluation.best_checkpoint import BestCheckpoint, deciding_value, keep_best, read_best, set_aside
from ganzoo.evaluation.evaluator import EvaluationConfig, EvaluationResult, Evaluator, assert_enough_samples
from ganzoo.evaluation.metric_suite import MetricSuite, assert_made_for, assert_suite_fits, suite_from_config
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
from ganzoo.runs.units import format_number
from ganzoo.training import checkpoints
from ganzoo.training.callbacks import Callback, Every
from ganzoo.training.step import Engine

RESUME_OPTIONS: Mapping[str, str] = {kind: TRAIN_OPTIONS[kind] for kind in EVALUATION_KINDS}
"""The options of a resumed run: its other components stay."""

PREFIX = "eval/"
"""Before the names of metrics among the logged values of a run."""


def assert_evaluation_fits(registry: Registry, assembly: Assembly, *, resumed: bool = False) -> None:
    """Refuse, before anything is written, metrics and features that cannot evaluate this run.

    Args:
        registry: where they are found.
        assembly: the run.
        resumed: whether the run keeps the features it began with.

    Raises:
        GanzooError: they do not fit the run or its number of samples, or weights or classifiers are missing.
    """
    if not assembly.config.names("metric"):
        return
    suite = _fitting_suite(registry, assembly, options=RESUME_OPTIONS if resumed else TRAIN_OPTIONS)
    sources = {setting.source for path, setting in assembly.config.settings.items() if path.startswith("features.")}
    assert_made_for(assembly.config, suite.features, said=resumed or sources != {"default"})
    suite.features_for(assembly.dataset.shape)
    metrics = suite.built()
    assert_enough_samples(metrics, assembly.dataset, assembly.config.run.evaluate_samples)
    for metric in metrics.values():
        if isinstance(metric, HasMetadata):  # refuses a classifier that is missing, of other classes or inaccurate
            metric.metadata(assembly.dataset, torch.device("cpu"))


class PeriodicEvaluation(Callback):
    """Evaluates the averaged generator every ``run.evaluate_every`` images and after the last; keeps the best.

    A run that its time or a signal ends is not evaluated at that end. Metrics and features are those of the
    configuration; the first value of the first metric with a direction decides what is best. The random state of
    training is left as it was: a run trains to the same weights without it.

    Args:
        engine: the run.
        assembly: its components.
        registry: where its metrics and features are found.
        folder: where everything is written; the best checkpoint of an earlier session is read there.
        facts: what the manifest of a checkpoint holds besides the state.
        say: prints a line for the user, such as why an evaluation failed.

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
        self._engine, self._assembly, self._folder, self._facts = engine, assembly, folder, facts
        self._say, self._said = say, set[str]()
        self._suite = _fitting_suite(registry, assembly)
        config = EvaluationConfig(samples=assembly.config.run.evaluate_samples)
        self._evaluator = Evaluator(self._suite, assembly.dataset, config, device=engine.device)
        self._best = read_best(folder)
        self._every = Every(engine.run.evaluate_every or max(engine.run.images // 4, 1))
        self.every = self._every.every

    @property
    def best(self) -> BestCheckpoint | None:
        """The best checkpoint so far."""
        return self._best

    def on_start(self, images: int) -> None:
        """Count from this many images."""
        self._every.start(images)

    def metrics_to_log(self, images: int) -> Mapping[str, float]:
        """Return the finite metrics of an evaluation that is due, as ``eval/NAME``.

        A metric that refuses its inputs or fails is reported once, and training goes on.

        Raises:
            BadRun: the evaluation cannot be written.
            Diverged: samples are not finite.
        """
        if not (self._every.is_due(images) or images >= self._engine.run.images):
            return {}
        try:
            evaluation = self.evaluate(images)
        except (BadRun, Diverged):
            raise
        except Exception as error:  # out of memory, too: training must not end with an evaluation
            why = str(error) if isinstance(error, GanzooError | PluginError) else (
                f"{type(error).__name__}: {error}. See it fail: ganzoo evaluate {self._folder.path} --metrics "
                f"{','.join(self._suite.metrics)}")  # fmt: skip
            self._say_once(why, f"No evaluation at {images:,} images, and training goes on: {why}")
            return {}
        values = {name: found.value for name, found in label_values(evaluation.values).items()}
        for name, value in values.items():
            if not math.isfinite(value):
                self._say_once(
                    name, f"{name} is {value} at {images:,} images; values that are not finite are left out."
                )
        return {PREFIX + name: value for name, value in values.items() if math.isfinite(value)}

    def evaluate(self, images: int) -> Evaluation:
        """Compute and write the metrics of the averaged generator; keep the checkpoint if it is the best."""
        average = self._engine.averages["generator"].module
        conditional = self._assembly.num_classes > 0
        result = self._evaluator.evaluate(average, conditional=conditional, skip_refusals=True)
        for name, why in result.refused.items():
            self._say_once(str(why), f"No {name} at {images:,} images: {why}")
        evaluation = Evaluation(
            self._folder.path.resolve().name, checkpoints.checkpoint_name(self._engine.steps), images, result.values,
            self._evaluator.protocol.without(result.refused), result.seconds, versions_of(self._suite),
            device_name(self._engine.device), typed_command(), utc_now(),
        )  # fmt: skip
        write_evaluation(self._folder, evaluation, result.pictures)
        self._keep_if_best(evaluation, result)
        return evaluation

    def _keep_if_best(self, evaluation: Evaluation, result: EvaluationResult) -> None:
        before, now = self._best, deciding_value(evaluation)
        undecided = before is not None and before.metric in result.refused  # the deciding metric has no value this time
        if now is None or undecided or not now.is_better_than(before):
            return
        if before is not None and now.has_other_protocol(before):
            place = set_aside(self._folder, before)
            value = format_number(before.value.value)
            line = (f"The best checkpoint so far, {before.name} {value} at {before.images:,} images, has another "
                    f"evaluation protocol: it is kept as {place}.")  # fmt: skip
            self._say_once(line, line)
        keep_best(self._folder, now, checkpoints.take_snapshot(self._engine), self._facts)
        self._best = now

    def _say_once(self, what: str, line: str) -> None:
        if what not in self._said:
            self._said.add(what)
            self._say(line)


def _fitting_suite(
    registry: Registry, assembly: Assembly, *, options: Mapping[str, str] = TRAIN_OPTIONS
) -> MetricSuite:
    suite = suite_from_config(registry, assembly.config)
    assert_suite_fits(registry, assembly.config, suite, assembly.dataset, options=options)
    return suite
