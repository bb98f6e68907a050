"""``train --evaluate``: reads the run's metrics while it trains, and keeps the checkpoint that read best."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ganzoo.assembly.build import Assembly
from ganzoo.assembly.fit import FLAGS
from ganzoo.engine import state
from ganzoo.engine.atomic import published
from ganzoo.engine.loop import Observer
from ganzoo.engine.step import Engine
from ganzoo.errors import BadRun
from ganzoo.evaluation.examiner import Examiner, Terms
from ganzoo.evaluation.protocol import Stamp, differences, stamp_from
from ganzoo.evaluation.record import Evaluation, device_name, labelled, now, typed, versions_of, write
from ganzoo.evaluation.ruler import Ruler, assert_measures, ruler_in
from ganzoo.evaluation.subject import BEST
from ganzoo.measurement import Reading
from ganzoo.registry import Registry
from ganzoo.runs.folder import RunFolder

FACTS = "best.json"
"""Says, beside the best checkpoint, what its reading was and how it was taken."""


@dataclass(frozen=True)
class Best:
    """The reading by which a checkpoint was kept.

    Args:
        metric: that read it.
        name: of the reading.
        reading: the number itself.
        images: reals the critic had seen by then.
        stamp: what it was taken with.
    """

    metric: str
    name: str
    reading: Reading
    images: int
    stamp: Stamp

    def as_json(self) -> dict[str, Any]:
        """Give it as ``best.json`` holds it."""
        return {
            "metric": self.metric, "name": self.name, **asdict(self.reading), "images": self.images,
            "protocol": self.stamp.as_json(),
        }  # fmt: skip

    def beats(self, other: Best | None) -> bool:
        """Whether this reading is the better one, or the other was taken with another ruler."""
        if not math.isfinite(self.reading.value):
            return False
        if other is None or self._incomparable(other):
            return True
        gain = self.reading.value - other.reading.value
        return gain > 0 if self.reading.better == "higher" else gain < 0

    def _incomparable(self, other: Best) -> bool:
        other_reading = (other.metric, other.name) != (self.metric, self.name)
        return other_reading or bool(differences(self.stamp, other.stamp, self.metric))


def best_of(folder: RunFolder) -> Best | None:
    """Read what is known of a run's best checkpoint; None while none was kept.

    Raises:
        BadRun: its file is damaged.
    """
    file = folder.checkpoints / BEST / FACTS
    if not file.exists():
        return None
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        reading = Reading(facts["value"], facts["error"], facts["better"])
        return Best(facts["metric"], facts["name"], reading, facts["images"], stamp_from(facts["protocol"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRun(f"{file} cannot be read: delete the folder {file.parent}, and resume.") from error


def assert_watchable(registry: Registry, assembly: Assembly) -> None:
    """Refuse, before anything is written, metrics and features the keeper of this run would refuse.

    Raises:
        GanzooError: they do not fit the run, or their weights are missing.
    """
    if assembly.config.names("metric"):
        ruler = _fitting_ruler(registry, assembly)
        ruler.features_for(assembly.dataset.shape)
        ruler.built()


class BestKeeper(Observer):
    """Evaluates the averaged generator every ``run.evaluate_every`` images and at the end; keeps the best checkpoint.

    It looks up at ticks, so an evaluation comes with the first line of metrics behind its multiple. The metrics and
    features are those the configuration names; the first reading of the first metric that is better one way decides.
    The engine's randomness is left as it was: a run with a keeper trains to the same weights.

    Args:
        engine: the run.
        assembly: its parts.
        registry: where its metrics and features are found.
        folder: where everything goes; the best of an earlier part of the run is read there.
        facts: what a checkpoint's manifest holds besides the state.

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
    ) -> None:
        self._engine, self._assembly, self._folder, self._facts = engine, assembly, folder, facts
        self._ruler = _fitting_ruler(registry, assembly)
        terms = Terms(samples=int(str(assembly.config["run.evaluate_samples"])))
        self._examiner = Examiner(self._ruler, assembly.dataset, terms, device=engine.device)
        self._best = best_of(folder)

    @property
    def best(self) -> Best | None:
        """The best reading so far."""
        return self._best

    def readings(self, images: int) -> Mapping[str, float]:
        """Evaluate if it is time, and give what was read as ``eval/...``."""
        if not self._due(images):
            return {}
        found = labelled(self.evaluate(images).readings)
        return {f"eval/{name}": reading.value for name, reading in found.items() if math.isfinite(reading.value)}

    def evaluate(self, images: int) -> Evaluation:
        """Read the metrics off the averaged generator, write them, and keep the checkpoint if it is the best."""
        average, where = self._engine.averages["generator"].module, device_name(self._engine.device)
        findings = self._examiner.examine(average, conditional=self._assembly.num_classes > 0)
        evaluation = Evaluation(
            self._folder.path.resolve().name, f"step-{self._engine.steps:08d}", images, findings.readings,
            self._examiner.stamp, findings.seconds, versions_of(self._ruler), where, typed(), now(),
        )  # fmt: skip
        write(self._folder, evaluation, findings.pictures)
        found = _deciding(evaluation)
        if found is not None and found.beats(self._best):
            self._keep(found)
        return evaluation

    def _due(self, images: int) -> bool:
        """Whether the run has ended, or a multiple of the interval lies between the last tick and this one.

        A function of the images alone: a run that was killed and resumed evaluates where it would have anyway.
        """
        run = self._engine.run
        if images >= run.images:
            return True
        every = run.evaluate_every or max(run.images // 4, 1)
        last = images - images // max(self._engine.steps, 1)  # images before the step that struck this tick
        ticks, before = images // run.log_every, last // run.log_every
        return ticks * run.log_every // every > before * run.log_every // every

    def _keep(self, best: Best) -> None:
        place = self._folder.checkpoints / BEST
        try:
            with published(place) as temporary:
                state.save(self._engine, temporary, self._facts)
                (temporary / FACTS).write_text(json.dumps(best.as_json(), indent=1), encoding="utf-8")
        except OSError as error:
            why = f"cannot save {place}: {error}"
            raise BadRun(f"{why}. The last checkpoint is intact; make room, then resume.") from error
        self._best = best


def _fitting_ruler(registry: Registry, assembly: Assembly) -> Ruler:
    ruler = ruler_in(registry, assembly.config)
    assert_measures(registry, assembly.config, ruler, assembly.dataset, options=FLAGS)
    return ruler


def _deciding(evaluation: Evaluation) -> Best | None:
    """Pick the reading that decides: the first that is better one way."""
    for metric, named in evaluation.readings.items():
        for name, reading in named.items():
            if reading.better != "neither":
                return Best(metric, name, reading, evaluation.images, evaluation.stamp)
    return None
