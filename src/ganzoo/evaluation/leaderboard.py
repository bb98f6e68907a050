"""A leaderboard: every recipe with every loss over seeds, trained, evaluated and ranked; it can be resumed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from ganzoo.errors import BadRun, Diverged, GanzooError
from ganzoo.evaluation.comparison import rank_values
from ganzoo.evaluation.protocol import protocol_differences
from ganzoo.evaluation.record import Evaluation, label_values
from ganzoo.evaluation.statistics import MeanWithInterval, mean_with_interval
from ganzoo.interfaces.measurement import Direction, MetricValue
from ganzoo.runs.folder import RunFolder
from ganzoo.storage.files import replace_file

_DIVERGED = "diverged.json"
"""Written to the folder of a run that diverged, so that it is not trained again."""


@dataclass(frozen=True)
class Pair:
    """A recipe and a loss.

    Args:
        recipe: name of the recipe.
        loss: name of the loss; None for the recipe's own.
    """

    recipe: str
    loss: str | None

    def __str__(self) -> str:
        """Return its name in messages."""
        return f"{self.recipe} with {self.loss or 'its own loss'}"


@dataclass(frozen=True)
class Row:
    """The results of one pair.

    Args:
        recipe: name of the recipe.
        loss: name of the loss.
        evaluations: by seed, of the runs that were trained and evaluated.
        failures: by seed, the reason why there is no evaluation.
        rank: 1 for the best; None where it is not ranked.
    """

    recipe: str
    loss: str
    evaluations: Mapping[int, Evaluation] = field(default_factory=dict)
    failures: Mapping[int, str] = field(default_factory=dict)
    rank: int | None = None

    def means(self) -> dict[str, tuple[MeanWithInterval, Direction]]:
        """Return mean and interval over seeds of every value that all evaluations have, by its name in a table."""
        listed = [label_values(evaluation.values) for evaluation in self.evaluations.values()]
        shared = [name for name in (listed[0] if listed else {}) if all(name in one for one in listed)]
        return {
            name: (mean_with_interval([one[name].value for one in listed]), listed[0][name].better) for name in shared
        }


@dataclass(frozen=True)
class Leaderboard:
    """The state of a leaderboard.

    Args:
        rows: the best first, those without a rank last.
        incompatible: pairs that cannot be trained, with the reason.
        obstacles: why nothing is ranked; empty where it is.
    """

    rows: tuple[Row, ...]
    incompatible: tuple[tuple[Pair, str], ...] = ()
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Runner:
    """The functions a leaderboard calls.

    Args:
        name_loss: checks that a pair fits, and returns the name of its loss; raises a ``GanzooError`` if it does not.
        run: trains and evaluates a pair with a seed in a folder, skipping what is done; raises ``Diverged``.
        report: receives the leaderboard after each run.
    """

    name_loss: Callable[[Pair], str]
    run: Callable[[Pair, int, RunFolder], Evaluation]
    report: Callable[[Leaderboard], None]


def run_leaderboard(pairs: Sequence[Pair], seeds: Sequence[int], place: Path, runner: Runner) -> Leaderboard:
    """Train and evaluate every pair with every seed.

    Args:
        pairs: in the order in which they are run.
        seeds: seeds of the runs of each pair.
        place: folder of the leaderboard; runs are in ``runs/<recipe>-<loss>-s<seed>`` below it.
        runner: functions that check, run and report.

    Raises:
        GanzooError: no pair fits, or an error that no pair causes, such as a full disk.
    """
    rows: dict[tuple[str, str], Row] = {}
    incompatible: dict[Pair, str] = {}
    for pair in pairs:
        try:
            loss = runner.name_loss(pair)
        except GanzooError as error:
            incompatible[pair] = str(error)
            continue
        for row in _run_seeds(Row(pair.recipe, loss), pair, seeds, place, runner):
            rows[pair.recipe, loss] = row
            runner.report(rank_rows(list(rows.values()), incompatible))
    if not rows:
        raise GanzooError(f"nothing fits. {next(iter(incompatible))}: {next(iter(incompatible.values()))}")
    return rank_rows(list(rows.values()), incompatible)


def rank_rows(rows: Sequence[Row], incompatible: Mapping[Pair, str]) -> Leaderboard:
    """Rank rows by the first value with a direction, if all protocols are equal.

    A row with a seed that diverged is not ranked: the other seeds alone would look too good.
    """
    obstacles = _find_obstacles(rows)
    deciding = find_ranking_value(rows)
    means = {}
    for row in rows:
        found = row.means().get(deciding or "")
        if found and not row.failures and not obstacles:
            means[f"{row.recipe} {row.loss}"] = MetricValue(found[0].mean, None, found[1])
    places = rank_values(means)
    placed = [_with_rank(row, places.get(f"{row.recipe} {row.loss}")) for row in rows]
    ordered = sorted(placed, key=lambda row: (row.rank is None, row.rank or 0))
    return Leaderboard(tuple(ordered), tuple(incompatible.items()), obstacles)


def find_ranking_value(rows: Sequence[Row]) -> str | None:
    """Return the name of the value that ranks: the first with a direction."""
    for row in rows:
        for name, (_, better) in row.means().items():
            if better != "neither":
                return name
    return None


def run_folder(place: Path, recipe: str, loss: str, seed: int) -> RunFolder:
    """Return the folder of a run of the leaderboard."""
    return RunFolder(place / "runs" / f"{recipe}-{loss}-s{seed}".replace(":", "-"))


def assert_sound(folder: RunFolder) -> None:
    """Refuse a run that is known to have diverged.

    Raises:
        Diverged: as when it did.
        BadRun: what was written of it cannot be read.
    """
    file = folder.path / _DIVERGED
    if not file.exists():
        return
    try:
        why = str(json.loads(file.read_text(encoding="utf-8"))["why"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRun(f"{file} cannot be read: delete it, and the run is trained again.") from error
    raise Diverged(why)


def _run_seeds(row: Row, pair: Pair, seeds: Sequence[int], place: Path, runner: Runner) -> Iterator[Row]:
    """Train and evaluate one pair's seeds; yield the row after each."""
    evaluations: dict[int, Evaluation] = {}
    failures: dict[int, str] = {}
    for seed in seeds:
        folder = run_folder(place, row.recipe, row.loss, seed)
        try:
            evaluations[seed] = runner.run(pair, seed, folder)
        except Diverged as error:
            failures[seed] = str(error)
            _write_failure(folder, str(error))
        yield Row(row.recipe, row.loss, dict(evaluations), dict(failures))


def _write_failure(folder: RunFolder, why: str) -> None:
    try:
        with replace_file(folder.path / _DIVERGED) as temporary:
            temporary.write_text(json.dumps({"why": why}), encoding="utf-8")
    except OSError as error:
        raise BadRun(f"cannot write {folder.path / _DIVERGED}: {error.strerror or error}. Free some space.") from error


def _find_obstacles(rows: Sequence[Row]) -> tuple[str, ...]:
    """Describe the differences between protocols, each once."""
    found = [evaluation for row in rows for evaluation in row.evaluations.values()]
    shared_protocols = {evaluation.protocol.digest: evaluation.protocol for evaluation in found}
    texts: dict[str, None] = {}
    for one, other in combinations(shared_protocols.values(), 2):
        for metric in dict.fromkeys([*one.metrics, *other.metrics]):
            texts |= dict.fromkeys(protocol_differences(one, other, metric))
    return tuple(texts)


def _with_rank(row: Row, rank: int | None) -> Row:
    return Row(row.recipe, row.loss, row.evaluations, row.failures, rank)
