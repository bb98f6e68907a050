"""Train every recipe with every loss over seeds, evaluate the runs and rank them; a stopped leaderboard continues."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ganzoo.config.layers import read_toml
from ganzoo.errors import BadRun, BadSetting, OtherRun, UnknownName
from ganzoo.evaluation.evaluator import EvaluationConfig
from ganzoo.evaluation.generator import images_seen_at
from ganzoo.evaluation.inputs.samples import Progress
from ganzoo.evaluation.leaderboard import Leaderboard, Pair, Runner, assert_sound, run_leaderboard
from ganzoo.evaluation.record import Evaluation, typed_command
from ganzoo.registry.kinds import EVALUATION_KINDS
from ganzoo.registry.registry import Registry
from ganzoo.report.html import write_page
from ganzoo.report.leaderboard_page import LeaderboardFacts, markdown, page
from ganzoo.runs.commit import find_commit
from ganzoo.runs.folder import RunFolder, list_runs
from ganzoo.runs.incomplete import remove_incomplete
from ganzoo.training.checkpoints import list_checkpoints
from ganzoo.workflows.evaluate import EvaluationRequest, assert_request_fits, build_evaluator, evaluate
from ganzoo.workflows.options import RunOptions, command_line_layer
from ganzoo.workflows.prepare import PreparedRun, prepare_run

ALL = "all"
"""In place of names: every recipe or loss that is installed."""


@dataclass(frozen=True, kw_only=True)
class LeaderboardRequest:
    """What a leaderboard trains, and how it evaluates the runs.

    Args:
        recipes: names, TOML files as ``train --config`` takes them, or ``all``.
        losses: names or ``all``; None trains each recipe with its own loss.
        seeds: one run per pair for each of them.
        images: real images each run trains on.
        out: folder of the leaderboard.
        data: data set of all runs, as ``train --data`` takes it; None leaves it to the recipes.
        resolution: height and width of the images; None leaves it to the recipes.
        device: device to train and evaluate on.
        settings: settings of the runs, the metrics and the features by dotted path.
        plugins: unpackaged plugin files.
        metrics: names; None computes those that fit the data.
        features: name, or ``name:argument``; None takes what fits the data.
        samples: fakes per evaluation; None generates 10,000, or as many as there are reals if fewer.
    """

    recipes: Sequence[str]
    losses: Sequence[str] | None
    seeds: Sequence[int]
    images: int
    out: Path
    data: str | None = None
    resolution: int | None = None
    device: str = "auto"
    settings: Mapping[str, object] = field(default_factory=dict)
    plugins: tuple[str, ...] = ()
    metrics: Sequence[str] | None = None
    features: str | None = None
    samples: int | None = None

    def run_options(self, seed: int) -> RunOptions:
        """Return what all runs with a seed have in common."""
        settings = {path: value for path, value in self.settings.items() if not _is_for_evaluation(path)}
        run = {"images": self.images, "device": self.device, "seed": seed}
        return RunOptions(data=self.data, resolution=self.resolution, run=run, settings=settings, plugins=self.plugins)

    def evaluation(self) -> EvaluationRequest:
        """Return how every run is evaluated."""
        settings = {path: value for path, value in self.settings.items() if _is_for_evaluation(path)}
        return EvaluationRequest(metrics=self.metrics, features=self.features, settings=settings,
                                 config=EvaluationConfig(self.samples), device=self.device)  # fmt: skip


def _is_for_evaluation(path: str) -> bool:
    return path.partition(".")[0] in EVALUATION_KINDS


@dataclass(frozen=True)
class LeaderboardDisplay:
    """How a user interface trains a run and shows the progress of an evaluation.

    Args:
        train: trains a prepared run in a folder; raises if it is interrupted.
        progress: opens the progress display of a run, by name.
    """

    train: Callable[[PreparedRun, RunFolder], None]
    progress: Callable[[str], AbstractContextManager[Progress]]


def train_leaderboard(
    registry: Registry, request: LeaderboardRequest, display: LeaderboardDisplay
) -> tuple[Leaderboard, LeaderboardFacts]:
    """Train and evaluate what is missing, and write ``leaderboard.md`` and ``leaderboard.html`` after every run.

    Raises:
        GanzooError: the folder belongs to something else, a name is unknown, or no pair fits the data and metrics.
    """
    _assert_usable(request)
    command_line_layer(request.run_options(request.seeds[0]), registry)  # refuses wrong options before any training
    for name in request.metrics or ():
        registry.find("metric", name)
    losses = [None] if request.losses is None else read_component_names(registry, "loss", request.losses)
    recipes = read_recipes(registry, request.recipes)
    facts = LeaderboardFacts(
        request.out, typed_command(), tuple(request.seeds), request.images, find_commit(Path(__file__).parent)
    )

    def write(board: Leaderboard) -> None:
        write_page(markdown(board, facts), facts.place / "leaderboard.md")
        write_page(page(board, facts), facts.place / "leaderboard.html")

    trainer = _PairTrainer(request, recipes, display)
    pairs = [Pair(recipe, loss) for recipe in recipes for loss in losses]
    board = run_leaderboard(pairs, request.seeds, request.out, Runner(trainer.check, trainer.run, write))
    write(board)
    return board, facts


def _assert_usable(request: LeaderboardRequest) -> None:
    """Refuse a folder of anything but a leaderboard, and one whose runs saw another number of images."""
    out, runs = request.out, request.out / "runs"
    if (out / "config.toml").exists():
        raise BadRun(f"--out {out} is the folder of a run: a leaderboard needs a folder for itself.")
    is_leaderboard = runs.is_dir() and not list_runs(runs)  # numbered runs are those of `ganzoo train`
    if out.exists() and not (out.is_dir() and (is_leaderboard or not any(out.iterdir()))):
        raise BadRun(f"--out {out} holds something else than a leaderboard: name a folder that is new or empty.")
    for folder in map(RunFolder, sorted(runs.iterdir()) if runs.is_dir() else ()):
        images = folder.config().run.images if folder.readable else request.images
        if images != request.images:
            raise BadRun(f"'{folder.path}' is a run of {images:,} images, not of {request.images:,}: "
                         f"choose another --out, or name --images {images}.")  # fmt: skip


def read_recipes(registry: Registry, names: Sequence[str]) -> dict[str, Path | None]:
    """Return the file of each recipe by its name on the leaderboard, None for an installed recipe.

    Raises:
        UnknownName: a recipe does not exist, or none is named.
        BadSetting: a file does not exist, or two recipes have one name.
    """
    files = [name for name in names if name.endswith(".toml")]
    installed = [name for name in names if name not in files]
    recipes: dict[str, Path | None] = {}
    if installed or not files:
        recipes |= dict.fromkeys(read_component_names(registry, "recipe", installed))
    for file in map(Path, files):
        if not file.is_file():
            raise BadSetting(f"--recipes: no file '{file}'. A recipe file is what `train --config` takes.")
        read_toml(file)
        if file.stem in recipes:
            raise BadSetting(f"--recipes: two recipes are called '{file.stem}'. Rename {file}.")
        recipes[file.stem] = file
    return recipes


def read_component_names(registry: Registry, kind: str, names: Sequence[str]) -> list[str]:
    """Check names of recipes or components; ``all`` stands for every one that is installed.

    Raises:
        UnknownName: one of them does not exist, or none is named.
    """
    if list(names) == [ALL]:
        entries = registry.of_kind(kind)
        bare = [entry.record.name for entry in entries]
        return [entry.record.name if bare.count(entry.record.name) == 1 else entry.qualified for entry in entries]
    if not names:
        raise UnknownName(f"no {kind} named: give names separated by commas, or all. See: ganzoo list {kind}")
    for name in names:
        registry.find(kind, name)
    return list(names)


@dataclass(frozen=True)
class _PairTrainer:
    """Trains and evaluates the runs of a leaderboard; ``recipes`` is what ``read_recipes`` returns."""

    request: LeaderboardRequest
    recipes: Mapping[str, Path | None]
    display: LeaderboardDisplay

    def check(self, pair: Pair) -> str:
        """Check that a pair can be trained and evaluated, and return the name of its loss."""
        prepared = prepare_run(self._options(pair, self.request.seeds[0]))
        config = prepared.assembly.config
        assert_request_fits(prepared.registry, config, prepared.assembly.dataset, self.request.evaluation())
        return config.name("loss")

    def run(self, pair: Pair, seed: int, folder: RunFolder) -> Evaluation:
        """Train a pair unless it is trained, and evaluate it unless it is evaluated."""
        try:
            prepared = prepare_run(self._options(pair, seed), resume="auto", out=folder.path)
        except OtherRun as error:
            raise BadSetting(f"'{folder.path}' was trained with other settings. Repeat the options of the leaderboard, "
                             "or choose another --out.") from error  # fmt: skip
        assert_sound(folder)
        remove_incomplete(folder)
        registry, config, request = prepared.registry, prepared.assembly.config, self.request.evaluation()
        newest = list_checkpoints(folder.checkpoints)[-1:]
        if not newest or images_seen_at(newest[0], config) < config.run.images:
            build_evaluator(registry, config, request)  # refuses before hours of training
            self.display.train(prepared, prepared.folder(folder.path))
        with self.display.progress(folder.path.name) as progress:
            return evaluate(registry, config, folder, request, again=False, progress=progress)

    def _options(self, pair: Pair, seed: int) -> RunOptions:
        file = self.recipes[pair.recipe]
        return replace(
            self.request.run_options(seed),
            recipe=pair.recipe if file is None else None,
            config=() if file is None else (file,),
            components={} if pair.loss is None else {"loss": pair.loss},
        )
