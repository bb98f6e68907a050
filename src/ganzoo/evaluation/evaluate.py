"""``evaluate``: one run, measured, and the measurement written beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ganzoo.assembly.build import open_dataset
from ganzoo.assembly.homes import moved
from ganzoo.assembly.in_play import parts_in_play
from ganzoo.assembly.plan import change
from ganzoo.assembly.remembered import remember
from ganzoo.config import Config
from ganzoo.engine.device import pick_device
from ganzoo.engine.state import read_manifest
from ganzoo.errors import BadData, BadSetting
from ganzoo.evaluation.examiner import Examiner, Terms
from ganzoo.evaluation.record import Evaluation, device_name, evaluations, now, typed, versions_of, write
from ganzoo.evaluation.reported import report
from ganzoo.evaluation.ruler import Ruler, assert_measures, chosen_for
from ganzoo.evaluation.samples import Progress, silent
from ganzoo.evaluation.subject import Which, checkpoint_of, images_at, subject_of
from ganzoo.protocols import Dataset
from ganzoo.registry import Registry
from ganzoo.runs.folder import RunFolder

MOVED = "dataset.path"
"""The setting of the run that may differ: where its data lie now."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants to know of a run; None leaves it to what fits the data.

    Args:
        metrics: by name.
        features: a name, or ``name:argument``.
        settings: values by dotted path, ``metric.NAME.setting``, ``features.setting``, and ``dataset.path`` of data
            that lie elsewhere now.
        terms: how much is looked at.
        checkpoint: ``newest``, or the ``best`` that training kept.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
    """

    metrics: Sequence[str] | None = None
    features: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)
    checkpoint: Which = "newest"
    device: str = "auto"

    def parts(self) -> list[tuple[str, str]]:
        """Kinds and names of the parts that measure, as far as they were named."""
        seen = [] if self.features is None else [("features", self.features.partition(":")[0])]
        return [*(("metric", name) for name in self.metrics or ()), *seen]


def evaluate(
    registry: Registry,
    config: Config,
    folder: RunFolder,
    asked: Asked,
    *,
    again: bool = True,
    progress: Progress = silent,
) -> Evaluation:
    """Measure a run and write ``eval/<images>-<stamp>.json``, with the pictures metrics leave; renew its report.

    Args:
        registry: where the run's parts, the metrics and the features are found.
        config: the run's configuration.
        folder: the run.
        asked: what is measured, and how.
        again: measure even if the same measurement of the same checkpoint has been written already.
        progress: told how far a pass over samples has come.

    Raises:
        GanzooError: anything the user can mend: no checkpoint, no reals, no such metric, weights that are missing.
    """
    with parts_in_play(registry, config, asked.parts()):
        return _evaluated(registry, config, folder, asked, again=again, progress=progress)


def _evaluated(
    registry: Registry, config: Config, folder: RunFolder, asked: Asked, *, again: bool, progress: Progress
) -> Evaluation:
    checkpoint = checkpoint_of(folder, asked.checkpoint)
    examiner = examiner_of(registry, config, asked, progress)
    _assert_alike(examiner.dataset, remember(read_manifest(checkpoint)["data"]))
    images = images_at(checkpoint, config)
    known = [] if again else [e for e in evaluations(folder) if (e.images, e.stamp) == (images, examiner.stamp)]
    if known:
        return known[-1]
    subject = subject_of(registry, config, examiner.dataset, checkpoint, asked.device)
    findings = examiner.examine(subject.generator, conditional=subject.conditional)
    evaluation = Evaluation(
        folder.path.resolve().name, checkpoint.name, images, findings.readings, examiner.stamp, findings.seconds,
        versions_of(examiner.ruler), device_name(examiner.device), typed(), now(),
    )  # fmt: skip
    write(folder, evaluation, findings.pictures)
    report(folder)
    return evaluation


def _assert_alike(dataset: Dataset, learned: Dataset) -> None:
    """Refuse data that moved and are others: of another shape, or with other classes."""
    for what, found, before in (
        ("shape", dataset.shape, learned.shape), ("classes", dataset.class_names, learned.class_names),
    ):  # fmt: skip
        if tuple(found) != tuple(before):
            raise BadData(f"these are not the data the run was trained on: {what} {found}, not {before}.")


def assert_measurable(registry: Registry, config: Config, dataset: Dataset, asked: Asked) -> None:
    """Refuse metrics and features that do not fit a run, before it is trained.

    Raises:
        GanzooError: they do not fit, or there are none of that name.
    """
    assert_measures(registry, config, _ruler(registry, config, asked), dataset)


def _ruler(registry: Registry, config: Config, asked: Asked) -> Ruler:
    own = {path: value for path, value in asked.settings.items() if path != MOVED}
    return chosen_for(registry, config, asked.metrics, asked.features, own)


def examiner_of(registry: Registry, config: Config, asked: Asked, progress: Progress = silent) -> Examiner:
    """Choose, check and build what a run is measured with; its checkpoints are not looked at.

    Raises:
        GanzooError: the metrics or features do not fit the run's data, or cannot be built.
    """
    if MOVED in asked.settings and MOVED not in config.settings:
        raise BadSetting(f"the data of this run are drawn and lie nowhere: drop {MOVED}.")
    config = change(registry, config, {p: v for p, v in asked.settings.items() if p == MOVED}, "evaluation")
    ruler = _ruler(registry, config, asked)
    assert_measures(registry, config, ruler)
    device = pick_device(asked.device)
    try:
        dataset = open_dataset(registry, config)
    except BadData as error:
        raise moved(config, error) from error
    assert_measures(registry, config, ruler, dataset)
    return Examiner(ruler, dataset, asked.terms, device=device, progress=progress)
