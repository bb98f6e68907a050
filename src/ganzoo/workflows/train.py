"""Train a run in its folder: lock, engine, callbacks, signals, report."""

from __future__ import annotations

import platform
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch

from ganzoo.assembly.build import Assembly, build_engine
from ganzoo.assembly.recorded_data import describe_dataset
from ganzoo.config.layers import Config, nest
from ganzoo.config.plugin_errors import plugin_errors, run_entries
from ganzoo.config.resuming import changed_values
from ganzoo.errors import BadData, BadRun, Diverged
from ganzoo.evaluation.during_training import PeriodicEvaluation
from ganzoo.registry.kinds import KINDS
from ganzoo.registry.loader import CORE
from ganzoo.registry.registry import Registry, versions_by_distribution
from ganzoo.report.run_page import environment
from ganzoo.report.run_report import write_run_report
from ganzoo.runs.commit import find_commit
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.incomplete import list_resumable_checkpoints
from ganzoo.runs.recorder import Recorder
from ganzoo.storage.folders import sweep_leftovers
from ganzoo.training import checkpoints
from ganzoo.training.callbacks import Callback
from ganzoo.training.device import pick_device
from ganzoo.training.health.callback import make_health_callback
from ganzoo.training.loop import StopReason, run_training
from ganzoo.training.signals import catch_signals
from ganzoo.training.step import Engine

MAX_DATA_NAME = 40
"""Characters of a file or folder of data that become part of a run's name, at most."""


@dataclass(frozen=True)
class TrainingOutcome:
    """How a run ended.

    Args:
        folder: folder of the run.
        end: why it ended.
        images: real samples the discriminator has seen.
        before: real samples it had seen when this process started.
        signal: number of the signal that ended it, or None.
    """

    folder: RunFolder
    end: StopReason
    images: int
    before: int = 0
    signal: int | None = None


def train_run(
    registry: Registry,
    assembly: Assembly,
    folder: RunFolder,
    *,
    resume: bool = False,
    callbacks: Callable[[Engine], Sequence[Callback]] = lambda _: (),
    say: Callable[[str], None] = lambda _: None,
) -> TrainingOutcome:
    """Train an assembled run in its folder, from the start or from its newest intact checkpoint.

    Args:
        registry: where the components come from.
        assembly: the assembled run.
        folder: an existing run folder.
        resume: continue from the newest checkpoint that is intact.
        callbacks: makes further callbacks from the engine.
        say: prints a line for the user.

    Raises:
        BadRun: another process writes to the folder, or no checkpoint can be resumed.
        Diverged: training went wrong; the last checkpoint is intact.
    """
    with plugin_errors(run_entries(registry, assembly.config)), folder.locked(), catch_signals() as stop:
        facts = describe_environment(registry, assembly.config)
        engine = build_engine(assembly, registry)
        manifest = {**facts, "data": describe_dataset(assembly.dataset), "config": config_as_json(assembly.config)}
        fingerprint = assembly.dataset.fingerprint()
        recorder = Recorder(engine, assembly.dataset, folder, manifest, num_classes=assembly.num_classes)
        try:
            if resume:
                _restore_checkpoint(engine, assembly, folder, say)
                _report_changed_data(folder, fingerprint, say)
            before = engine.images_seen
            started = datetime.now(UTC).isoformat(timespec="seconds")
            folder.write(assembly.config, {**facts, "started": started, "data": fingerprint})
            recorder.draw_reals()
            health = make_health_callback(
                engine, assembly.dataset, num_classes=assembly.num_classes, past=folder.read_metrics(), say=say
            )
            evaluations = (
                [PeriodicEvaluation(engine, assembly, registry, folder, manifest, say=say)]
                if assembly.config.names("metric")
                else []
            )
            end = run_training(engine, [recorder, *health, *evaluations, *callbacks(engine)], stop)
        except Diverged:
            write_run_report(folder)
            raise
        finally:
            engine.close()
        write_run_report(folder)
        return TrainingOutcome(folder, end, engine.images_seen, before, stop.signal)


def describe_environment(registry: Registry, config: Config) -> dict[str, object]:
    """Return the versions, commit, machine and command that someone needs to repeat a run."""
    used = [registry.find(kind, name) for kind in KINDS for name in config.qualified_names(kind)]
    core = [e for e in registry.entries if e.plugin.distribution == CORE][:1]
    return {
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            **versions_by_distribution([*core, *used]),
        },
        "commit": find_commit(Path(__file__).parent),
        "machine": {"device": device_name(config.run.device), "threads": torch.get_num_threads()},
        "command": shlex.join(["ganzoo", *sys.argv[1:]]) if Path(sys.argv[0]).stem == "ganzoo" else "",
    }


def device_name(setting: str) -> str:
    """Return the product name of the device that a setting chooses."""
    device = pick_device(setting)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    return f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"


def config_as_json(config: Config) -> Mapping[str, object]:
    """Return a configuration as JSON."""
    components = {kind: setting.value for kind, setting in config.components.items()}
    return {"recipe": config.recipe, "components": components, **nest({p: s.value for p, s in config.settings.items()})}


def run_name(config: Config) -> str:
    """Name a run by its recipe, loss and data set; data of the user by their file or folder."""
    path = config.section("dataset").get("path")
    own = re.sub(r"[^\w.-]+", "-", Path(str(path)).stem)[:MAX_DATA_NAME].strip("-.") if path else ""
    names = [config.recipe_name, config.name("loss"), own or config.name("dataset")]
    return "-".join(dict.fromkeys(names))


def _restore_checkpoint(engine: Engine, assembly: Assembly, folder: RunFolder, say: Callable[[str], None]) -> None:
    """Restore the newest intact checkpoint, or the best one if no other is intact."""
    sweep_leftovers(folder.checkpoints)
    for checkpoint in reversed(list_resumable_checkpoints(folder)):
        try:
            manifest = checkpoints.verify_checkpoint(checkpoint)
        except checkpoints.DamagedCheckpoint as error:
            say(f"{error.what} Falling back to the one before.")
            continue
        try:
            checkpoints.restore_engine(engine, checkpoint)
        except checkpoints.OtherArchitecture as error:
            raise BadRun(_explain_other_architecture(folder, assembly.config) or str(error)) from error
        _assert_same_classes(assembly, manifest.get("data", {}).get("class_names", []))
        folder.rewind(engine.images_seen)
        return
    raise BadRun(f"'{folder.path}' has no intact checkpoint to resume from. Start again: ganzoo train "
                 f"--config {folder.path / 'config.toml'}")  # fmt: skip


def _assert_same_classes(assembly: Assembly, before: Sequence[str]) -> None:
    """Refuse classes in another order or of other names: the weights know them by number."""
    now = list(assembly.dataset.class_names)
    if assembly.num_classes and before and now != list(before):
        changes = (f"{old!r} is {new!r} now" for old, new in zip(before, now, strict=False) if old != new)
        what = next(changes, "there are more or fewer")
        raise BadData(f"the data's classes are not those the run was trained on: {what}. Name them as before, or start "
                      "a new run.")  # fmt: skip


def _report_changed_data(folder: RunFolder, now: str, say: Callable[[str], None]) -> None:
    """Report if the data are not those the run has been trained on so far."""
    before = str(environment(folder).get("data", now))
    if before != now:
        say(f"The data have changed since the run was trained on them ({before[:12]}, now {now[:12]}): it continues "
            "with the new data. To compare metrics with earlier ones, evaluate again.")  # fmt: skip


def _explain_other_architecture(folder: RunFolder, config: Config) -> str:
    """Describe the data settings that differ from those of a run; empty if none does."""
    changed = changed_values(folder.config(), config)
    other = {path: value for path, value in changed.items() if path.startswith("dataset.")}
    if not other:
        return ""
    were = " and ".join(f"{path} = {value}" for path, value in other.items())
    return (f"'{folder.path}' was trained with {were}; other weights cannot continue it. "
            f"Drop {' and '.join(other)}, or start a new run.")  # fmt: skip
