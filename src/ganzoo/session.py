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

from ganzoo.assembly.build import Assembly, engine_of
from ganzoo.assembly.homes import with_homes
from ganzoo.assembly.in_play import parts_in_play
from ganzoo.assembly.remembered import describe_data
from ganzoo.config import Config, nest
from ganzoo.engine import state
from ganzoo.engine.atomic import sweep
from ganzoo.engine.device import pick_device
from ganzoo.engine.loop import End, Observer, fit
from ganzoo.engine.signals import graceful
from ganzoo.engine.step import Engine
from ganzoo.errors import BadData, BadRun, Diverged
from ganzoo.evaluation.reported import report
from ganzoo.evaluation.watching import BestKeeper
from ganzoo.health.observer import health_of
from ganzoo.plugins import CORE
from ganzoo.registry import Registry, versions
from ganzoo.runs.commit import commit_of
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.recorder import Recorder
from ganzoo.runs.report import environment
from ganzoo.runs.stillborn import resumable
from ganzoo.specs import KINDS

NAMED = 40
"""Characters of the data's own name that a run is named by, at most."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Args:
        folder: where it lies.
        end: why it ended.
        images: real samples the critic had seen.
        before: those it had seen when this process began.
        signal: number of the signal that ended it, if one did.
    """

    folder: RunFolder
    end: End
    images: int
    before: int = 0
    signal: int | None = None


def train(
    registry: Registry,
    assembly: Assembly,
    folder: RunFolder,
    *,
    resume: bool = False,
    observers: Callable[[Engine], Sequence[Observer]] = lambda _: (),
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Train a built run in its folder, from the start or from its last good checkpoint.

    Args:
        registry: where the parts came from.
        assembly: the built parts.
        folder: an existing run folder.
        resume: go on from the newest checkpoint that is intact.
        observers: makes further observers of the engine.
        say: takes a line for the user.

    Raises:
        BadRun: another process writes to the folder, or no checkpoint can be resumed.
        Diverged: training went wrong; the last checkpoint is intact.
    """
    with parts_in_play(registry, assembly.config), folder.locked(), graceful() as wish:
        facts = describe(registry, assembly.config)
        engine = engine_of(assembly, registry)
        manifest = {**facts, "data": describe_data(assembly.dataset), "config": nested(assembly.config)}
        keepers: list[BestKeeper] = []
        fingerprint = assembly.dataset.fingerprint()
        recorder = Recorder(engine, assembly.dataset, folder, manifest, num_classes=assembly.num_classes)
        try:
            if resume:
                _restore(engine, assembly, folder, say)
                _compare_data(folder, fingerprint, say)
            before = engine.images_seen
            folder.write(
                with_homes(registry, assembly.config),
                {**facts, "started": _now(), "data": fingerprint},
            )
            recorder.reals()
            health = health_of(
                engine, assembly.dataset, num_classes=assembly.num_classes, past=folder.readings(), say=say
            )
            watched = bool(assembly.config.names("metric"))
            keepers += [BestKeeper(engine, assembly, registry, folder, manifest, say=say)] if watched else []
            end = fit(engine, [recorder, *health, *keepers, *observers(engine)], wish)
        except Diverged:
            report(folder)
            raise
        finally:
            for keeper in keepers:
                keeper.close()
            engine.close()
        report(folder)
        return Outcome(folder, end, engine.images_seen, before, wish.signal)


def describe(registry: Registry, config: Config) -> dict[str, object]:
    """Versions, commit, machine and command: what must be known to repeat a run."""
    used = [registry.find(kind, name) for kind in KINDS for name in config.names(kind)]
    core = [e for e in registry.entries if e.plugin.distribution == CORE][:1]
    return {
        "versions": {"python": platform.python_version(), "torch": torch.__version__, **versions([*core, *used])},
        "commit": commit_of(Path(__file__).parent),
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


def nested(config: Config) -> Mapping[str, object]:
    """A configuration as JSON writes it."""
    parts = {kind: setting.value for kind, setting in config.parts.items()}
    return {"recipe": config.recipe, "parts": parts, **nest({p: s.value for p, s in config.settings.items()})}


def run_name(config: Config) -> str:
    """Name a run by what it is made of: recipe, loss, data; own data by their file or folder."""
    path = config.settings.get("dataset.path")
    own = re.sub(r"[^\w.-]+", "-", Path(str(path.value)).stem)[:NAMED].strip("-.") if path and path.value else ""
    names = [config.recipe, config.name("loss"), own or config.name("dataset")]
    kept = [n for i, n in enumerate(names) if n not in names[:i]]
    return "-".join(kept).replace(":", "-")


def _restore(engine: Engine, assembly: Assembly, folder: RunFolder, say: Callable[[str], None]) -> None:
    """Go on from the newest intact checkpoint, or from the best where there is none; a damaged one is passed over."""
    sweep(folder.checkpoints)
    found = resumable(folder)
    for checkpoint in reversed(found):
        try:
            manifest = state.verify(checkpoint)
        except state.Damaged as error:
            say(f"{error.what} Falling back to the one before.")
            continue
        try:
            state.restore(engine, checkpoint)
        except state.OtherWeights as error:
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
    builds = ("generator", "discriminator", "dataset", "conditioning")
    paths = [path for path in config.settings if path.partition(".")[0] in builds]
    other = {path: saved[path].value for path in paths if path in saved and saved[path].value != config[path]}
    if not other:
        return ""
    were = " and ".join(f"{path} = {value}" for path, value in other.items())
    return (f"'{folder.path}' was trained with {were}; other weights cannot go on from there. "
            f"Drop {' and '.join(other)}, or start a new run.")  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
