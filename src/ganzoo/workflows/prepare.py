"""From options to a run that is ready to start: new, resumed, or the one an interrupted run left."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ganzoo.assembly.build import Assembly, assemble
from ganzoo.config.layers import COMMAND_LINE, Config, Layer, read_toml
from ganzoo.config.provenance import advise_data_path, assert_outside_data, drop_unavailable, update_settings
from ganzoo.config.recommendations import overlay_qualified
from ganzoo.config.resolution import change, resolve
from ganzoo.config.resuming import assert_resumable
from ganzoo.config.unused import assert_settings_used
from ganzoo.errors import BadData, BadRun, BadSetting, GanzooError, UnknownName
from ganzoo.evaluation.during_training import assert_evaluation_fits
from ganzoo.evaluation.generator import images_seen_at
from ganzoo.registry.loader import UNPACKAGED
from ganzoo.registry.registry import Registry, load_registry
from ganzoo.runs.folder import BASE, RunFolder, create_run, list_runs
from ganzoo.runs.incomplete import is_incomplete, list_resumable_checkpoints, remove_incomplete
from ganzoo.workflows.options import RunOptions, build_request, command_line_layer
from ganzoo.workflows.train import run_name


@dataclass(frozen=True)
class PreparedRun:
    """A run that is ready to start.

    Args:
        registry: every component there is.
        assembly: the built components.
        resumed: the folder to go on in, or None for a new run.
        replaces: whether the run takes the place of one that was killed before its first checkpoint.
    """

    registry: Registry
    assembly: Assembly
    resumed: RunFolder | None = None
    replaces: bool = False

    def folder(self, out: Path | None) -> RunFolder:
        """Return the folder to train in; a new one unless the run is resumed.

        Raises:
            BadRun: it exists, or cannot be made.
        """
        if self.resumed is None and self.replaces and out is not None:
            remove_incomplete(RunFolder(out))
        return self.resumed or create_run(run_name(self.assembly.config), out=out, base=BASE)


def prepare_run(flags: RunOptions, *, resume: str = "never", out: Path | None = None) -> PreparedRun:
    """Resolve, check and build what the options ask for; nothing is written.

    Args:
        flags: the user's options.
        resume: ``never``, ``auto``, or the folder of a run.
        out: the exact folder of the run.

    Raises:
        GanzooError: anything the user can fix.
    """
    flags = replace(flags, plugins=_find_plugin_files(flags))
    if resume not in ("never", "auto"):
        if out is not None:
            raise BadSetting(f"--resume {resume} goes on in that folder; drop --out {out}.")
        return _resume(RunFolder(Path(resume)), flags)
    registry = _load_registry(flags.plugins)
    config = resolve(registry, build_request(flags, registry))
    found = _find_unfinished(registry, config, out) if resume == "auto" else None
    replaces = found is None and out is not None and _is_replaceable(out, resume)
    if found is None and not replaces and out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadRun(f"'{out}' exists. {_advise(out)} another --out.")
    if found is None:
        assert_outside_data(registry, config, out or BASE, "run")
    assembly = assemble(registry, config)
    if found is None:
        assert_settings_used(config, assembly.dataset)
    assert_evaluation_fits(registry, assembly, resumed=found is not None)
    return PreparedRun(registry, assembly, found, replaces)


def _advise(out: Path) -> str:
    """Begin the sentence on what to do with a folder that exists already."""
    if not RunFolder(out).readable:
        return "It is no run: choose"
    if is_incomplete(RunFolder(out)):
        return "The run in it ended before its first checkpoint. Start it again with --resume auto, or choose"
    return f"Continue it with --resume {out}, or choose"


def _is_replaceable(out: Path, resume: str) -> bool:
    """Whether a killed run in ``out`` left nothing to lose: not even its configuration, unless it is to be resumed."""
    return is_incomplete(RunFolder(out)) and (resume == "auto" or not (out / "config.toml").exists())


def open_saved_run(folder: RunFolder, plugins: Sequence[str] = (), *, whole: bool = False) -> tuple[Registry, Config]:
    """Read a run's configuration, and load the plugins it names.

    Args:
        folder: of the run.
        plugins: files that lie elsewhere now.
        whole: require every component; otherwise those that no sample depends on may be gone, and are left out.

    Raises:
        GanzooError: a plugin is gone, or its components no longer take the run's settings.
    """
    config, file = folder.config(), folder.path / "config.toml"
    given = [str(Path(plugin).resolve()) for plugin in plugins]
    here = [plugin for plugin in config.plugins if Path(plugin).is_file()]
    gone = [plugin for plugin in config.plugins if plugin not in here and not given]
    refusal = BadRun(f"'{folder.path}' was trained with the plugin {', '.join(gone)}, which is gone. "
                     "If it lies elsewhere now, add --plugin FILE.")  # fmt: skip
    if gone and whole:
        raise refusal
    registry = _load_registry([*here, *(plugin for plugin in given if plugin not in here)])
    try:
        config, lost = update_settings(registry, config if whole else drop_unavailable(registry, config))
    except UnknownName as error:
        raise refusal if gone else error from error
    except BadSetting as error:
        raise BadRun(f"'{file}': {error} Fix it, or train the run again.") from error
    if lost:
        raise BadRun(f"'{folder.path}' was trained with {', '.join(lost)}, which its components no longer have. "
                     f"Install the versions that {folder.path / 'environment.json'} names.")  # fmt: skip
    return registry, config


def _load_registry(plugins: Sequence[str]) -> Registry:
    """Load every plugin; a file that was asked for by name must load."""
    registry = load_registry(plugins)
    for broken in registry.broken:
        if broken.plugin.version == UNPACKAGED:
            raise UnknownName(
                f"plugin {broken.plugin.source} cannot be loaded: {broken.reason}. To fix it: {broken.fix}."
            )
    return registry


def _find_plugin_files(flags: RunOptions) -> tuple[str, ...]:
    """Return the full paths of the plugin files that the options and their configuration files name."""
    named = [read_toml(file).get("plugins") for file in flags.config]
    asked = [*flags.plugins, *(str(name) for names in named if isinstance(names, list) for name in names)]
    return tuple(dict.fromkeys(str(Path(path).resolve()) for path in asked))


def _resume(folder: RunFolder, flags: RunOptions) -> PreparedRun:
    """Prepare to go on with the run that the user named."""
    registry, saved = open_saved_run(folder, flags.plugins, whole=True)
    if flags.data is not None or flags.config:
        what = "--config" if flags.config else "--data"
        raise BadSetting(f"a run keeps its components: drop {what} while resuming '{folder.path}', or start a new run "
                         f"with --config {folder.path / 'config.toml'} in place of --resume.")  # fmt: skip
    config = _lay_over(registry, saved, command_line_layer(flags, registry))
    if flags.recipe not in (None, saved.recipe, saved.recipe_name):
        config = replace(config, recipe=flags.recipe)
    assert_resumable(folder.path, saved, config, named=True)
    seen = _count_images_seen(folder, saved)
    if config.run.images < seen and config.run.images != saved.run.images:
        raise BadSetting(f"'{folder.path}' has seen {seen:,} images already: ask for more than "
                         f"--images {config.run.images}.")  # fmt: skip
    try:
        assembly = assemble(registry, config)
    except BadData as error:
        raise advise_data_path(config, error) from error
    assert_evaluation_fits(registry, assembly, resumed=True)
    return PreparedRun(registry, assembly, folder)


def _lay_over(registry: Registry, saved: Config, layer: Layer) -> Config:
    """Lay the command line over a saved run; other features begin at their defaults, what stays keeps its settings."""
    components, _ = overlay_qualified(registry, [layer])
    gone = ("features.",) if "features" in components else ()
    settings = {path: setting for path, setting in saved.settings.items() if not path.startswith(gone)}
    config = replace(saved, components={**saved.components, **components}, settings=settings)
    return change(registry, update_settings(registry, config)[0], layer.settings, COMMAND_LINE)


def _find_unfinished(registry: Registry, config: Config, out: Path | None) -> RunFolder | None:
    """Find the run ``--resume auto`` goes on with: the one in ``out``, or the newest that was interrupted.

    Raises:
        OtherRun: ``out`` holds a run of another configuration.
    """
    if out is not None:
        if not (out / "config.toml").is_file():
            return None
        _assert_same(registry, RunFolder(out), config)
        return None if is_incomplete(RunFolder(out)) else RunFolder(out)
    for folder in reversed(list_runs(BASE)):
        try:
            _assert_same(registry, folder, config)
        except GanzooError:
            continue
        if list_resumable_checkpoints(folder):
            return folder if _count_images_seen(folder, config) < config.run.images else None
    return None


def _assert_same(registry: Registry, folder: RunFolder, config: Config) -> None:
    """Refuse to go on with a saved run of another configuration, or of components that changed since.

    Raises:
        BadRun: the configuration cannot be read.
        OtherRun: it is another run.
    """
    saved = folder.config()
    with suppress(GanzooError):  # a component is gone: the runs differ in it
        updated, lost = update_settings(registry, saved)
        saved = saved if lost else updated
    assert_resumable(folder.path, saved, config, named=False)


def _count_images_seen(folder: RunFolder, config: Config) -> int:
    """Count the images that the newest intact checkpoint had seen; 0 when none is intact."""
    for checkpoint in reversed(list_resumable_checkpoints(folder)):
        try:
            return images_seen_at(checkpoint, config)
        except BadRun:
            continue
    return 0
