"""What may change when a saved run goes on."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from ganzoo.config.layers import Config
from ganzoo.errors import BadSetting, OtherRun
from ganzoo.registry.kinds import EVALUATION_KINDS, KINDS, NETWORK_KINDS, TRAIN_OPTIONS
from ganzoo.registry.registry import strip_distribution

FREE = (
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
"""Settings that may always change: a run that differs in no others is the same run."""

FIXED = (
    "recipe",
    *(kind for kind in KINDS if kind not in EVALUATION_KINDS),
    "run.batch_size",
    "run.seed",
    "run.held_out",
    *(f"{kind}.*" for kind in NETWORK_KINDS),
)
"""Components and settings that never change: they decide which images and random numbers come next, or what the weights
mean. All others may change if the run to go on with is named."""


def changed_values(saved: Config, wanted: Config) -> dict[str, object]:
    """Return the values of a saved run that a wanted one does not share: recipe, components and settings by path."""
    values, others = _list_values(saved), _list_values(wanted)
    return {path: values.get(path) for path in {**values, **others} if values.get(path, ...) != others.get(path, ...)}


def assert_resumable(folder: Path, saved: Config, wanted: Config, *, named: bool) -> None:
    """Refuse to go on with a saved run as another one.

    Args:
        folder: of the saved run.
        saved: its configuration.
        wanted: the configuration it would go on with.
        named: the user named the run to go on with. Then all but ``FIXED`` may change, otherwise ``FREE`` only.

    Raises:
        OtherRun: the run was not named, and is another one.
        BadSetting: the run was named, and something changes that cannot.
    """
    changed = changed_values(saved, wanted)
    for path in (path for path in changed if not named and path not in FREE):
        raise OtherRun(f"'{folder}' is a run of another configuration: {path} = {_show(changed[path])} there. "
                       f"Go on with --resume {folder}, or choose another --out.")  # fmt: skip
    fixed = [path for path in changed if any(fnmatchcase(path, pattern) for pattern in FIXED)]
    if fixed:
        were = " and ".join(f"{path} = {_show(changed[path])}" for path in fixed)
        options = {path: option for path, option in TRAIN_OPTIONS.items() if path in fixed}
        drop = " and ".join([*options.values(), *(path for path in fixed if path not in options)])
        raise BadSetting(f"'{folder}' was trained with {were}, which cannot change while resuming. Drop {drop}, or "
                         f"start a new run with --config {folder / 'config.toml'} in place of --resume.")  # fmt: skip


def _list_values(config: Config) -> dict[str, object]:
    components: dict[str, object] = {kind: setting.value for kind, setting in config.components.items()}
    return {"recipe": config.recipe, **components, **{path: setting.value for path, setting in config.settings.items()}}


def _show(value: object) -> object:
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(strip_distribution(str(each)) for each in values) or "none"
