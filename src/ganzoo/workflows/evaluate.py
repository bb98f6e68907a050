"""``evaluate``: compute the metrics of a run and write them to its folder."""

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
from ganzoo.evaluation.inputs.samples import Progress, silent
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
from ganzoo.interfaces.data import Dataset
from ganzoo.registry.registry import Registry
from ganzoo.report.run_report import write_run_report
from ganzoo.runs.folder import RunFolder
from ganzoo.training.checkpoints import read_manifest
from ganzoo.training.device import pick_device

MOVED = "dataset.path"
"""The only setting of the run that may differ: the path of its data."""


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """Options of an evaluation; None takes the default that fits the data.

    Args:
        metrics: by name.
        features: a name, or ``name:argument``.
        settings: values by dotted path, ``metric.NAME.setting``, ``features.setting``, and ``dataset.path`` of data
            that have moved.
        config: size and seed of the evaluation.
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
    """Evaluate a run, write ``eval/<images>-<protocol>.json`` and the metrics' sample sheets, and update its report.

    Args:
        registry: registry of the run's components, the metrics and the features.
        config: configuration of the run.
        folder: folder of the run.
        asked: options of the evaluation.
        again: evaluate even if this checkpoint has an evaluation with this protocol already.
        progress: receives the progress of a pass over samples.

    Raises:
        GanzooError: anything the user can fix: no checkpoint, no reals, no such metric, weights that are missing.
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
        result = evaluator.evaluate(subject.generator, conditional=subject.conditional)
    evaluation = Evaluation(
        folder.path.resolve().name, checkpoint.name, images, result.values, evaluator.protocol, result.seconds,
        versions_of(evaluator.suite), device_name(evaluator.device), typed_command(), utc_now(),
    )  # fmt: skip
    write_evaluation(folder, evaluation, result.pictures)
    write_run_report(folder)
    return evaluation


def _assert_alike(dataset: Dataset, learned: Dataset) -> None:
    """Refuse data whose shape or classes differ from those the run was trained on."""
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
    """Choose, check and build the metrics and features for a run, without reading its checkpoints.

    Raises:
        GanzooError: the metrics or features do not fit the run's data, or cannot be built.
    """
    if MOVED in asked.settings and MOVED not in config.settings:
        raise BadSetting(f"the data of this run are generated, not read from a path: drop {MOVED}.")
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
