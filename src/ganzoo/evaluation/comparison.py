"""``compare``: how runs differ in their configuration and in their metrics."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ganzoo.config.layers import Config
from ganzoo.evaluation.protocol import EvaluationProtocol, protocol_differences
from ganzoo.evaluation.record import Evaluation, half_interval, label_values, read_evaluations
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.registry.registry import Registry
from ganzoo.registry.specs import Value
from ganzoo.runs.folder import RunFolder

_HERE = ("run.device", "run.workers", "run.log_every", "run.keep")
"""Settings of the machine and of logging, which do not change a run."""


@dataclass(frozen=True)
class ComparedRun:
    """One of the compared runs.

    Args:
        name: unique among the compared runs.
        folder: folder of the run.
        registry: registry of its components.
        config: its configuration.
        found: its evaluations, in order.
    """

    name: str
    folder: RunFolder
    registry: Registry
    config: Config
    found: tuple[Evaluation, ...]

    @property
    def newest(self) -> dict[str, Evaluation]:
        """The newest evaluation with each metric."""
        return newest_by_metric(self.found)

    def taken(self, metric: str) -> dict[str, list[Evaluation]]:
        """The evaluations with a metric, in order, by the protocol of the metric."""
        found: dict[str, list[Evaluation]] = {}
        for evaluation in self.found:
            if metric in evaluation.values:
                found.setdefault(json.dumps(evaluation.protocol.of(metric), sort_keys=True), []).append(evaluation)
        return found


@dataclass(frozen=True)
class ComparedValue:
    """One value of one run.

    Args:
        value: the number with its error and direction.
        images: real images the discriminator had seen.
        rank: 1 for the best; None where values are not ranked.
    """

    value: MetricValue
    images: int
    rank: int | None = None


@dataclass(frozen=True)
class ComparisonRow:
    """One value of all runs.

    Args:
        metric: name of the metric.
        name: name of the value, as a table shows it.
        entries: by run; a run without the value is missing.
        obstacles: why they are not ranked; empty where they are.
    """

    metric: str
    name: str
    entries: Mapping[str, ComparedValue]
    obstacles: tuple[str, ...] = ()


def open_compared_runs(opened: Sequence[tuple[RunFolder, Registry, Config]]) -> list[ComparedRun]:
    """Open runs for comparison, each under a unique name.

    Args:
        opened: folder, registry and configuration of each.
    """
    paths = [folder.path.resolve() for folder, _, _ in opened]
    short = [path.name for path in paths]
    names = [n if short.count(n) == 1 else f"{p.parent.name}/{n}" for p, n in zip(paths, short, strict=True)]
    if len(set(names)) < len(names):
        names = [str(path) for path in paths]
    return [ComparedRun(n, *run, tuple(read_evaluations(run[0]))) for n, run in zip(names, opened, strict=True)]


def newest_by_metric(found: Iterable[Evaluation]) -> dict[str, Evaluation]:
    """Return the last evaluation with each metric, of evaluations in order."""
    return {metric: evaluation for evaluation in found for metric in evaluation.values}


def differing_settings(configs: Mapping[str, Config]) -> dict[str, dict[str, Value]]:
    """List the components and settings in which runs differ, by path and run."""
    listed = {run: _values(config) for run, config in configs.items()}
    paths = dict.fromkeys(path for values in listed.values() for path in values if path not in _HERE)
    rows = {path: {run: values[path] for run, values in listed.items() if path in values} for path in paths}
    return {p: row for p, row in rows.items() if len(row) < len(configs) or len(set(row.values())) > 1}


def compare_values(runs: Sequence[ComparedRun]) -> list[ComparisonRow]:
    """Compare values, ranked where their evaluation protocols are equal.

    Where all runs with a metric share a protocol, each contributes its last evaluation with it. If no shared
    protocol reaches the newest evaluation of every run, they are compared at the most images evaluated in all, or else
    at the last of each. Where no protocol is shared, the newest evaluations stand side by side, unranked.
    """
    metrics = dict.fromkeys(metric for run in runs for metric in run.newest)
    return [row for metric in metrics for row in _compare_metric(metric, runs)]


def rank_values(values: Mapping[str, MetricValue]) -> dict[str, int]:
    """Rank values: 1 + number of runs whose 95 % interval lies wholly above. A value that is not finite has no rank.

    Above means on the better side. Runs with overlapping intervals may share a rank; a value without an interval ranks
    by its value alone. Nothing is ranked if the values disagree on the direction that is better.
    """
    if len({value.better for value in values.values()}) > 1:
        return {}
    finite = {run: r for run, r in values.items() if math.isfinite(r.value) and r.better != "neither"}
    sign = {run: -1 if r.better == "higher" else 1 for run, r in finite.items()}
    score = {run: sign[run] * r.value for run, r in finite.items()}
    half = {run: half_interval(r) or 0.0 for run, r in finite.items()}
    return {run: 1 + sum(score[other] + half[other] < score[run] - half[run] for other in finite) for run in finite}


def _values(config: Config) -> dict[str, Value]:
    values: dict[str, Value] = {"recipe": config.recipe_name}
    return values | {path: setting.value for path, setting in config.everything().items()}


def _compare_metric(metric: str, runs: Sequence[ComparedRun]) -> list[ComparisonRow]:
    read = _choose_evaluations(metric, runs)
    obstacles = _find_obstacles(metric, read)
    found = []
    for name in dict.fromkeys(name for evaluation in read.values() for name in evaluation.values[metric]):
        values = {run: e.values[metric][name] for run, e in read.items() if name in e.values[metric]}
        ranked = rank_values(values) if not obstacles and len(values) > 1 else {}
        entries = {run: ComparedValue(r, read[run].images, ranked.get(run)) for run, r in values.items()}
        found.append(ComparisonRow(metric, _label(metric, name, read), entries, obstacles))
    return found


def _choose_evaluations(metric: str, runs: Sequence[ComparedRun]) -> dict[str, Evaluation]:
    """Choose an evaluation of each run with a metric, with a shared protocol where there is one."""
    newest = {run.name: run.newest[metric] for run in runs if metric in run.newest}
    taken = {run.name: run.taken(metric) for run in runs if metric in run.newest}
    shared = set.intersection(*(set(found) for found in taken.values()))
    reaching = {p for p in shared if all(found[p][-1].images == newest[run].images for run, found in taken.items())}
    if not shared:
        return newest
    protocol = max(reaching or shared, key=lambda p: max(found[p][-1].made for found in taken.values()))
    read = {run: found[protocol] for run, found in taken.items()}
    common = set.intersection(*({evaluation.images for evaluation in found} for found in read.values()))
    until = math.inf if reaching or not common else max(common)
    return {run: [e for e in found if e.images <= until][-1] for run, found in read.items()}


def shared_protocols(runs: Sequence[ComparedRun]) -> dict[str, EvaluationProtocol]:
    """Return the protocol by metric, of metrics whose values share one."""
    found = {}
    for metric in dict.fromkeys(metric for run in runs for metric in run.newest):
        read = _choose_evaluations(metric, runs)
        if not _find_obstacles(metric, read):
            found[metric] = next(iter(read.values())).protocol
    return found


def _find_obstacles(metric: str, read: Mapping[str, Evaluation]) -> tuple[str, ...]:
    """Describe the differences between protocols, each once, with the first two runs that differ."""
    seen: dict[str, str] = {}
    for (one, ours), (other, theirs) in combinations(read.items(), 2):
        for text in protocol_differences(ours.protocol, theirs.protocol, metric):
            seen.setdefault(text, f"{text} ({one}, {other})")
    return tuple(seen.values())


def _label(metric: str, name: str, read: Mapping[str, Evaluation]) -> str:
    """Name a value as the table of one evaluation does."""
    shown = {label for evaluation in read.values() for label in label_values(evaluation.values)}
    return name if name in shown else f"{metric} {name}"
