"""From flags to a run that is ready to start: new, resumed, or the one an interrupted run left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ganzoo.assembly.build import Assembly, assemble
from ganzoo.config.layers import COMMAND_LINE, Config, overlay, read_toml, split_layer
from ganzoo.config.option_values import assert_set_once
from ganzoo.config.provenance import (
    advise_data_path,
    assert_outside_data,
    drop_unavailable,
    qualify_components,
    update_settings,
)
from ganzoo.config.resolution import change, resolve
from ganzoo.config.unused import assert_settings_used
from ganzoo.errors import BadData, BadRun, BadSetting, GanzooError, OtherRun, UnknownName
from ganzoo.evaluation.during_training import assert_evaluation_fits
from ganzoo.registry.kinds import NETWORK_KINDS
from ganzoo.registry.loader import UNPACKAGED
from ganzoo.registry.registry import Registry, load_registry
from ganzoo.runs.folder import BASE, RunFolder, all_runs, create
from ganzoo.runs.incomplete import is_incomplete, remove_incomplete, resumable_checkpoints
from ganzoo.training import checkpoints
from ganzoo.workflows.options import RunOptions, build_request, evaluation_settings, read_set_options
from ganzoo.workflows.train import run_name

_FIXED = ("run.batch_size", "run.seed", "run.held_out")
"""Settings that decide which images and which noise come next; they cannot change within a run."""

_FREE = (
    "run.images",
    "run.time",
    "run.device",
    "run.workers",
    "run.log_every",
    "run.keep",
    "run.evaluate_every",
    "run.evaluate_samples",
    "run.health",
)
"""Settings that may differ between a run and its continuation."""


@dataclass(frozen=True)
class PreparedRun:
    """A run that is ready to start.

    Args:
        registry: every part there is.
        assembly: the built parts.
        resumed: the folder to go on in, or None for a new run.
        replaces: whether the run takes the place of one that was killed before its first checkpoint.
    """

    registry: Registry
    assembly: Assembly
    resumed: RunFolder | None = None
    replaces: bool = False

    def folder(self, out: Path | None) -> RunFolder:
        """The folder to train in; a new one unless the run is resumed.

        Raises:
            BadRun: it exists, or cannot be made.
        """
        if self.resumed is None and self.replaces and out is not None:
            remove_incomplete(RunFolder(out))
        return self.resumed or create(run_name(self.assembly.config), out=out, base=BASE)


def prepare_run(flags: RunOptions, *, resume: str = "never", out: Path | None = None) -> PreparedRun:
    """Resolve, check and build what the flags ask for; nothing is written.

    Args:
        flags: what the user said.
        resume: ``never``, ``auto``, or the folder of a run.
        out: the exact folder of the run.

    Raises:
        GanzooError: anything the user can mend.
    """
    flags = replace(flags, plugins=_plugin_paths(flags))
    if resume not in ("never", "auto"):
        if out is not None:
            raise BadSetting(f"--resume {resume} goes on in that folder; drop --out {out}.")
        return _continued(RunFolder(Path(resume)), flags)
    catalogue = _catalogue(flags.plugins)
    config = resolve(catalogue, build_request(flags, catalogue))
    found = _unfinished(catalogue, config, out) if resume == "auto" else None
    replaces = found is None and out is not None and _replaceable(out, resume)
    if found is None and not replaces and out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadRun(f"'{out}' exists. {_instead(out)} another --out.")
    if found is None:
        assert_outside_data(catalogue, config, out or BASE, "run")
    assembly = assemble(catalogue, config)
    if found is None:
        assert_settings_used(config, assembly.dataset)
    return replace(_ready(catalogue, assembly, found), replaces=replaces)


def _instead(out: Path) -> str:
    """Say what to do with a folder that is there already, as the beginning of a sentence."""
    if not RunFolder(out).readable:
        return "It is no run: choose"
    if is_incomplete(RunFolder(out)):
        return "The run in it ended before its first checkpoint. Begin it anew with --resume auto, or choose"
    return f"Continue it with --resume {out}, or choose"


def _replaceable(out: Path, resume: str) -> bool:
    """Whether a killed run in ``out`` left nothing to lose: not even its configuration, unless it shall be resumed."""
    return is_incomplete(RunFolder(out)) and (resume == "auto" or not (out / "config.toml").exists())


def open_saved_run(folder: RunFolder, plugins: Sequence[str] = (), *, whole: bool = False) -> tuple[Registry, Config]:
    """Read a run's configuration, and load the plugins it names.

    Args:
        folder: of the run.
        plugins: files that lie elsewhere now.
        whole: with every part; else those that are gone are left out where no sample depends on them.

    Raises:
        GanzooError: a plugin is gone, or its parts no longer take the run's settings.
    """
    config = folder.config()
    at_hand = [str(Path(plugin).resolve()) for plugin in plugins]
    here = [plugin for plugin in config.plugins if Path(plugin).is_file()]
    gone = [plugin for plugin in config.plugins if plugin not in here and not at_hand]
    if gone and whole:
        raise _gone(folder, gone[0])
    catalogue = _catalogue([*here, *(plugin for plugin in at_hand if plugin not in here)])
    try:
        config = qualify_components(catalogue, config if whole else drop_unavailable(catalogue, config))
    except UnknownName as error:
        if gone:
            raise _gone(folder, gone[0]) from error
        raise
    try:
        config, lost = update_settings(catalogue, config)
    except BadSetting as error:
        raise BadRun(f"'{folder.path / 'config.toml'}': {error} Mend it, or train anew.") from error
    if lost:
        raise BadRun(f"'{folder.path}' was trained with {', '.join(lost)}, which its parts no longer have. Install the "
                     f"versions that {folder.path / 'environment.json'} names.")  # fmt: skip
    return catalogue, config


def _gone(folder: RunFolder, plugin: str) -> BadRun:
    return BadRun(f"'{folder.path}' was trained with the plugin {plugin}, which is gone. "
                  "If it lies elsewhere now, add --plugin FILE.")  # fmt: skip


def _catalogue(plugins: Sequence[str]) -> Registry:
    """Load every plugin; a file that was asked for by name must load."""
    catalogue = load_registry(plugins)
    for broken in catalogue.broken:
        if broken.plugin.version == UNPACKAGED:
            raise UnknownName(
                f"plugin {broken.plugin.source} cannot be loaded: {broken.reason}. To mend: {broken.mend}."
            )
    return catalogue


def _plugin_paths(flags: RunOptions) -> tuple[str, ...]:
    """Full paths of the plugin files the flags and their configuration file name."""
    named = [read_toml(file).get("plugins") for file in flags.config]
    asked = [*flags.plugins, *(str(name) for names in named if isinstance(names, list) for name in names)]
    return tuple(dict.fromkeys(str(Path(path).resolve()) for path in asked))


def _continued(folder: RunFolder, flags: RunOptions) -> PreparedRun:
    catalogue, saved = open_saved_run(folder, flags.plugins, whole=True)
    others = {"data": flags.data, "config": flags.config}
    asked = [*flags.components, *(name for name, value in others.items() if value)]
    if asked or flags.recipe not in (None, saved.recipe):
        what = f"--{asked[0]}" if asked else f"recipe {flags.recipe}"
        raise BadSetting(
            f"a run keeps its parts: {what} cannot change while resuming '{folder.path}'. "
            f"Drop it, or start a new run with --config {folder.path / 'config.toml'} in place of --resume."
        )
    own = read_set_options(flags)
    assert_set_once(own, evaluation_settings(flags, catalogue))
    config = change(catalogue, _measured_by(catalogue, saved, flags), own, COMMAND_LINE)
    for path in _FIXED:
        if config[path] != saved[path]:
            raise BadSetting(f"{path} is {saved[path]} in '{folder.path}' and cannot change while resuming; drop it.")
    _assert_same_networks(folder, saved, config)
    _assert_more(folder, saved, config)
    return _ready(catalogue, _assembled(catalogue, config), folder)


def _measured_by(catalogue: Registry, saved: Config, flags: RunOptions) -> Config:
    """Let a run that goes on be evaluated by other metrics or features; what is kept keeps its settings."""
    layer = split_layer(COMMAND_LINE, evaluation_settings(flags, catalogue))
    components, _ = overlay([layer])
    gone = ("features.",) if "features" in components else ()
    settings = {path: setting for path, setting in saved.settings.items() if not path.startswith(gone)}
    whole, _ = update_settings(
        catalogue, replace(saved, components={**saved.components, **components}, settings=settings)
    )
    return change(catalogue, whole, layer.settings, COMMAND_LINE)


def _assert_same_networks(folder: RunFolder, saved: Config, config: Config) -> None:
    """Refuse another setting of the networks: their weights would not fit, or would mean something else."""
    own = [path for path in config.settings if path.partition(".")[0] in NETWORK_KINDS and config[path] != saved[path]]
    if own:
        were = " and ".join(f"{path} = {saved[path]}" for path in own)
        raise BadSetting(f"'{folder.path}' was trained with {were}, and a run keeps its networks. "
                         f"Drop {' and '.join(own)}, or start a new run.")  # fmt: skip


def _assembled(catalogue: Registry, config: Config) -> Assembly:
    """Build a run that goes on; where its data are gone, say how to name their new place."""
    try:
        return assemble(catalogue, config)
    except BadData as error:
        raise advise_data_path(config, error) from error


def _assert_more(folder: RunFolder, saved: Config, config: Config) -> None:
    """Refuse to go on to fewer images than the run has seen; to as many as it was told to see is no mistake."""
    wanted, seen = int(str(config["run.images"])), _images_of(folder, saved)
    if wanted < seen and wanted != saved["run.images"]:
        raise BadSetting(f"'{folder.path}' has seen {seen:,} images already: ask for more than --images {wanted}.")


def _ready(catalogue: Registry, assembly: Assembly, found: RunFolder | None) -> PreparedRun:
    assert_evaluation_fits(catalogue, assembly, resumed=found is not None)
    return PreparedRun(catalogue, assembly, found)


def _unfinished(catalogue: Registry, config: Config, out: Path | None) -> RunFolder | None:
    """The run ``--resume auto`` goes on with: the one in ``out``, or the newest that was interrupted.

    Raises:
        OtherRun: ``out`` holds a run of another configuration.
    """
    if out is None or not (out / "config.toml").is_file():
        return _interrupted(catalogue, config) if out is None else None
    if not _same(catalogue, RunFolder(out).config(), config):
        raise OtherRun(
            f"'{out}' is a run of another configuration. Go on with --resume {out}, or choose another --out."
        )
    return None if is_incomplete(RunFolder(out)) else RunFolder(out)


def _interrupted(catalogue: Registry, config: Config) -> RunFolder | None:
    """The newest run of the same configuration that has a checkpoint but has not seen all its images."""
    for folder in reversed(all_runs(BASE)):
        if folder.readable and _same(catalogue, folder.config(), config) and resumable_checkpoints(folder):
            return folder if _images_of(folder, config) < int(str(config["run.images"])) else None
    return None


def _images_of(folder: RunFolder, config: Config) -> int:
    """Images the newest intact checkpoint had seen; 0 when none is intact."""
    for checkpoint in reversed(resumable_checkpoints(folder)):
        try:
            counters = checkpoints.read_manifest(checkpoint)["counters"]
        except BadRun:
            continue
        return int(counters["batches_seen"]) * int(str(config["run.batch_size"]))
    return 0


def _same(catalogue: Registry, saved: Config, config: Config) -> bool:
    """Whether a saved run is of this configuration, read as it would be now; of parts that are gone it is not."""
    if saved.recipe != config.recipe:
        return False
    try:
        saved, lost = update_settings(catalogue, qualify_components(catalogue, saved))
    except GanzooError:
        return False
    return not lost and _values(saved) == _values(config)


def _values(config: Config) -> dict[str, object]:
    return {path: setting.value for path, setting in config.everything().items() if path not in _FREE}
