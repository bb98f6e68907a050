"""``evaluate``: one run, measured, and the measurement written beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ganzoo.assembly.build import open_dataset
from ganzoo.assembly.recorded_data import recorded_dataset
from ganzoo.config.layers import Config
from ganzoo.config.plugin_errors import plugin_errors, run_entries
from ganzoo.config.provenance import advise_data_path
from ganzoo.config.resolution import change
from ganzoo.errors import BadData, BadSetting
from ganzoo.evaluation.evaluator import EvaluationConfig, Evaluator
from ganzoo.evaluation.generator import Which, find_checkpoint, images_seen_at, load_generator
from ganzoo.evaluation.metric_suite import MetricSuite, assert_suite_fits, choose_suite
from ganzoo.evaluation.record import (
    Evaluation,
    device_name,
    read_evaluations,
    typed_command,
    utc_now,
    versions_of,
    write_evaluation,
)
from ganzoo.evaluation.samples import Progress, silent
from ganzoo.interfaces.data import Dataset
from ganzoo.registry.registry import Registry
from ganzoo.report.run_report import write_run_report
from ganzoo.runs.folder import RunFolder
from ganzoo.training.checkpoints import read_manifest
from ganzoo.training.device import pick_device

MOVED = "dataset.path"
"""The setting of the run that may differ: where its data lie now."""


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """What somebody wants to know of a run; None leaves it to what fits the data.

    Args:
        metrics: by name.
        features: a name, or ``name:argument``.
        settings: values by dotted path, ``metric.NAME.setting``, ``features.setting``, and ``dataset.path`` of data
            that lie elsewhere now.
        config: how much is looked at.
        checkpoint: ``newest``, or the ``best`` that training kept.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
    """

    metrics: Sequence[str] | None = None
    features: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    config: EvaluationConfig = field(default_factory=EvaluationConfig)
    checkpoint: Which = "newest"
    device: str = "auto"


def evaluate(
    registry: Registry,
    config: Config,
    folder: RunFolder,
    asked: EvaluationRequest,
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
    checkpoint = find_checkpoint(folder, asked.checkpoint)
    evaluator = build_evaluator(registry, config, asked, progress)
    _assert_alike(evaluator.dataset, recorded_dataset(read_manifest(checkpoint)["data"]))
    images = images_seen_at(checkpoint, config)
    known = (
        [] if again else [e for e in read_evaluations(folder) if (e.images, e.protocol) == (images, evaluator.protocol)]
    )
    if known:
        return known[-1]
    subject = load_generator(registry, config, evaluator.dataset, checkpoint, asked.device)
    with plugin_errors(run_entries(registry, config)):
        findings = evaluator.examine(subject.generator, conditional=subject.conditional)
    evaluation = Evaluation(
        folder.path.resolve().name, checkpoint.name, images, findings.values, evaluator.protocol, findings.seconds,
        versions_of(evaluator.suite), device_name(evaluator.device), typed_command(), utc_now(),
    )  # fmt: skip
    write_evaluation(folder, evaluation, findings.pictures)
    write_run_report(folder)
    return evaluation


def _assert_alike(dataset: Dataset, learned: Dataset) -> None:
    """Refuse data that moved and are others: of another shape, or with other classes."""
    for what, found, before in (
        ("shape", dataset.shape, learned.shape), ("classes", dataset.class_names, learned.class_names),
    ):  # fmt: skip
        if tuple(found) != tuple(before):
            raise BadData(f"these are not the data the run was trained on: {what} {found}, not {before}.")


def assert_request_fits(registry: Registry, config: Config, dataset: Dataset, asked: EvaluationRequest) -> None:
    """Refuse metrics and features that do not fit a run, before it is trained.

    Raises:
        GanzooError: they do not fit, or there are none of that name.
    """
    assert_suite_fits(registry, config, _suite(registry, config, asked), dataset)


def _suite(registry: Registry, config: Config, asked: EvaluationRequest) -> MetricSuite:
    own = {path: value for path, value in asked.settings.items() if path != MOVED}
    return choose_suite(registry, config, asked.metrics, asked.features, own)


def build_evaluator(
    registry: Registry, config: Config, asked: EvaluationRequest, progress: Progress = silent
) -> Evaluator:
    """Choose, check and build what a run is measured with; its checkpoints are not looked at.

    Raises:
        GanzooError: the metrics or features do not fit the run's data, or cannot be built.
    """
    if MOVED in asked.settings and MOVED not in config.settings:
        raise BadSetting(f"the data of this run are drawn and lie nowhere: drop {MOVED}.")
    config = change(registry, config, {p: v for p, v in asked.settings.items() if p == MOVED}, "evaluation")
    suite = _suite(registry, config, asked)
    assert_suite_fits(registry, config, suite)
    device = pick_device(asked.device)
    try:
        dataset = open_dataset(registry, config)
    except BadData as error:
        raise advise_data_path(config, error) from error
    assert_suite_fits(registry, config, suite, dataset)
    return Evaluator(suite, dataset, asked.config, device=device, progress=progress)
