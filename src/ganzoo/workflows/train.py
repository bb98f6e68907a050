"""A run from its configuration to its end: folder, lock, engine, recorder, signals."""

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
from ganzoo.config.in_use import parts_in_play
from ganzoo.config.layers import Config, nest
from ganzoo.config.provenance import record_origins
from ganzoo.errors import BadData, BadRun, Diverged
from ganzoo.evaluation.during_training import PeriodicEvaluation
from ganzoo.registry.kinds import KINDS, NETWORK_KINDS
from ganzoo.registry.loader import CORE
from ganzoo.registry.registry import Registry, versions_by_distribution
from ganzoo.report.run_page import environment
from ganzoo.report.run_report import write_run_report
from ganzoo.runs.commit import find_commit
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.incomplete import resumable_checkpoints
from ganzoo.runs.recorder import Recorder
from ganzoo.storage.folders import sweep_leftovers
from ganzoo.training import checkpoints
from ganzoo.training.device import pick_device
from ganzoo.training.health.callback import make_health_callback
from ganzoo.training.loop import Callback, StopReason, run_training
from ganzoo.training.signals import catch_signals
from ganzoo.training.step import Engine

NAMED = 40
"""Characters of the data's own name that a run is named by, at most."""


@dataclass(frozen=True)
class TrainingOutcome:
    """How a run ended.

    Args:
        folder: where it lies.
        end: why it ended.
        images: real samples the discriminator had seen.
        before: those it had seen when this process began.
        signal: number of the signal that ended it, if one did.
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
    """Train a built run in its folder, from the start or from its last good checkpoint.

    Args:
        registry: where the parts came from.
        assembly: the built parts.
        folder: an existing run folder.
        resume: go on from the newest checkpoint that is intact.
        callbacks: makes further callbacks of the engine.
        say: takes a line for the user.

    Raises:
        BadRun: another process writes to the folder, or no checkpoint can be resumed.
        Diverged: training went wrong; the last checkpoint is intact.
    """
    with parts_in_play(registry, assembly.config), folder.locked(), catch_signals() as stop:
        facts = describe(registry, assembly.config)
        engine = build_engine(assembly, registry)
        manifest = {**facts, "data": describe_dataset(assembly.dataset), "config": config_as_json(assembly.config)}
        keepers: list[PeriodicEvaluation] = []
        fingerprint = assembly.dataset.fingerprint()
        recorder = Recorder(engine, assembly.dataset, folder, manifest, num_classes=assembly.num_classes)
        try:
            if resume:
                _restore(engine, assembly, folder, say)
                _compare_data(folder, fingerprint, say)
            before = engine.images_seen
            folder.write(
                record_origins(registry, assembly.config),
                {**facts, "started": _now(), "data": fingerprint},
            )
            recorder.reals()
            health = make_health_callback(
                engine, assembly.dataset, num_classes=assembly.num_classes, past=folder.read_metrics(), say=say
            )
            watched = bool(assembly.config.names("metric"))
            keepers += [PeriodicEvaluation(engine, assembly, registry, folder, manifest, say=say)] if watched else []
            end = run_training(engine, [recorder, *health, *keepers, *callbacks(engine)], stop)
        except Diverged:
            write_run_report(folder)
            raise
        finally:
            for keeper in keepers:
                keeper.close()
            engine.close()
        write_run_report(folder)
        return TrainingOutcome(folder, end, engine.images_seen, before, stop.signal)


def describe(registry: Registry, config: Config) -> dict[str, object]:
    """Versions, commit, machine and command: what must be known to repeat a run."""
    used = [registry.find(kind, name) for kind in KINDS for name in config.names(kind)]
    core = [e for e in registry.entries if e.plugin.distribution == CORE][:1]
    return {
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            **versions_by_distribution([*core, *used]),
        },
        "commit": find_commit(Path(__file__).parent),
        "machine": {"device": device_name(str(config["run.device"])), "threads": torch.get_num_threads()},
        "command": shlex.join(["ganzoo", *sys.argv[1:]]) if Path(sys.argv[0]).stem == "ganzoo" else "",
    }


def device_name(setting: str) -> str:
    """Name the device a setting leads to, as its maker does."""
    device = pick_device(setting)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    return f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"


def config_as_json(config: Config) -> Mapping[str, object]:
    """A configuration as JSON writes it."""
    components = {kind: setting.value for kind, setting in config.components.items()}
    return {"recipe": config.recipe, "components": components, **nest({p: s.value for p, s in config.settings.items()})}


def run_name(config: Config) -> str:
    """Name a run by what it is made of: recipe, loss, data; own data by their file or folder."""
    path = config.settings.get("dataset.path")
    own = re.sub(r"[^\w.-]+", "-", Path(str(path.value)).stem)[:NAMED].strip("-.") if path and path.value else ""
    names = [config.recipe, config.name("loss"), own or config.name("dataset")]
    kept = [n for i, n in enumerate(names) if n not in names[:i]]
    return "-".join(kept).replace(":", "-")


def _restore(engine: Engine, assembly: Assembly, folder: RunFolder, say: Callable[[str], None]) -> None:
    """Go on from the newest intact checkpoint, or from the best where there is none; a damaged one is passed over."""
    sweep_leftovers(folder.checkpoints)
    found = resumable_checkpoints(folder)
    for checkpoint in reversed(found):
        try:
            manifest = checkpoints.verify_checkpoint(checkpoint)
        except checkpoints.DamagedCheckpoint as error:
            say(f"{error.what} Falling back to the one before.")
            continue
        try:
            checkpoints.restore_engine(engine, checkpoint)
        except checkpoints.OtherArchitecture as error:
            raise BadRun(_changed(folder, assembly.config) or str(error)) from error
        _assert_same_classes(assembly, manifest.get("data", {}).get("class_names", []))
        folder.rewind(engine.images_seen)
        return
    raise BadRun(f"'{folder.path}' has no intact checkpoint to resume from. Train it anew: ganzoo train "
                 f"--config {folder.path / 'config.toml'}")  # fmt: skip


def _assert_same_classes(assembly: Assembly, before: Sequence[str]) -> None:
    """Refuse classes in another order or of other names: the weights know them by number."""
    now = list(assembly.dataset.class_names)
    if assembly.num_classes and before and now != list(before):
        changes = (f"{old!r} is {new!r} now" for old, new in zip(before, now, strict=False) if old != new)
        what = next(changes, "there are more or fewer")
        raise BadData(f"the data's classes are not those the run learned: {what}. Name them as before, or train anew.")


def _compare_data(folder: RunFolder, now: str, say: Callable[[str], None]) -> None:
    """Say so if the data are others than those the run has seen so far."""
    before = str(environment(folder).get("data", now))
    if before != now:
        say(f"The data have changed since the run saw them last ({before[:12]}, now {now[:12]}): it goes on with them "
            f"as they are. Its readings compare with those of before only if these are taken anew.")  # fmt: skip


def _changed(folder: RunFolder, config: Config) -> str:
    """Say which settings of the players differ from those a run was trained with; empty where none does."""
    saved = folder.config().settings
    paths = [path for path in config.settings if path.partition(".")[0] in (*NETWORK_KINDS, "dataset")]
    other = {path: saved[path].value for path in paths if path in saved and saved[path].value != config[path]}
    if not other:
        return ""
    were = " and ".join(f"{path} = {value}" for path, value in other.items())
    return (f"'{folder.path}' was trained with {were}; other weights cannot go on from there. "
            f"Drop {' and '.join(other)}, or start a new run.")  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
