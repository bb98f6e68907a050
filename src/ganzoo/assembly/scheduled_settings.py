"""Which settings of a run its schedules change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from ganzoo.config.layers import Config, Setting
from ganzoo.config.parameters import Parameter
from ganzoo.config.plugin_errors import plugin_errors
from ganzoo.config.schema import build_schema, section_name
from ganzoo.config.unused import unused_optimizer_settings
from ganzoo.errors import BadComponent, BadSetting
from ganzoo.interfaces.capabilities import RunLengthAware
from ganzoo.interfaces.training import Schedule
from ganzoo.registry.kinds import TRAIN_OPTIONS
from ganzoo.registry.registry import Entry, Registry
from ganzoo.training.scheduled_setting import ScheduledSetting

_LIVE = ("run.ema_half_life",)
"""Settings of the run that are read at every step; the others are read once, before the first."""


def find_scheduled_settings(
    registry: Registry, config: Config, schedules: Mapping[str, Schedule], components: Mapping[str, object]
) -> tuple[ScheduledSetting, ...]:
    """Find the settings that each schedule changes.

    A recipe's schedule for a component that was replaced changes nothing; one the user chose must change something.

    Args:
        registry: where the records are found.
        config: the resolved configuration.
        schedules: the built ones, by name.
        components: the built ones by the section of their settings, such as ``term.r1``.

    Raises:
        BadSetting: a schedule changes nothing, two change the same setting, or a setting cannot take its values.
    """
    schema, found = build_schema(registry, config.components), dict[str, ScheduledSetting]()
    for qualified, (name, given) in zip(config.qualified_names("schedule"), schedules.items(), strict=True):
        entry = registry.find("schedule", qualified)
        with plugin_errors([entry], called=entry):
            if not isinstance(given.patterns, tuple) or not all(isinstance(path, str) for path in given.patterns):
                what = f"schedule '{name}' has patterns = {given.patterns!r}, and not a tuple of dotted paths."
                raise BadComponent(what)
            schedule = _fit_to_run(name, given, config)
            changed = [p for p in schema if any(fnmatchcase(p, pattern) for pattern in schedule.patterns)]
            missing = [pattern for pattern in schedule.patterns if not any(fnmatchcase(p, pattern) for p in changed)]
            if missing and (_is_listed(name, config) or (not changed and _is_chosen(name, config))):
                raise BadSetting(_explain_missing(name, missing))
            for setting in _make_scheduled(name, schedule, changed, config, components):
                _assert_changeable(entry, setting, schema[setting.path], found)
                found[setting.path] = setting
    return tuple(found.values())


def _fit_to_run(name: str, schedule: Schedule, config: Config) -> Schedule:
    """Let a schedule without a length last as long as the run; a recipe's may begin after a shorter one has ended."""
    if not isinstance(schedule, RunLengthAware):
        return schedule
    try:
        return schedule.for_run(config.run.images)
    except BadSetting as error:
        if _is_chosen(name, config):
            raise BadSetting(f"schedule '{name}': {error}") from error
        return schedule


def _explain_missing(name: str, patterns: Sequence[str]) -> str:
    text = f"schedule '{name}' changes {' and '.join(patterns)}, which this run does not have."
    heads = [pattern.split(".") for pattern in patterns]
    added = [f"{TRAIN_OPTIONS['term']} {head[1]}" for head in heads if head[0] == "term" and "*" not in head[1]]
    add = f"Add {' '.join(added)}, or drop it" if added else "Drop it"
    return f"{text} {add}: --schedule none."


def _is_chosen(name: str, config: Config) -> bool:
    """Whether the user chose a schedule, or set a setting of the recipe's."""
    return any(_is_users(setting) for setting in (*_list_settings(name, config), config.components["schedule"]))


def _is_listed(name: str, config: Config) -> bool:
    """Whether the user listed what a schedule changes: then all of it must be there."""
    return any(_is_users(setting) and isinstance(setting.value, tuple) for setting in _list_settings(name, config))


def _list_settings(name: str, config: Config) -> list[Setting]:
    section = f"{section_name('schedule', name)}."
    return [setting for path, setting in config.settings.items() if path.startswith(section)]


def _is_users(setting: Setting) -> bool:
    return setting.source.partition(" ")[0] not in ("recipe", "default")


def _make_scheduled(
    name: str, schedule: Schedule, paths: list[str], config: Config, components: Mapping[str, object]
) -> Iterator[ScheduledSetting]:
    unused = dict(unused_optimizer_settings(config))
    for path in paths:
        base = config[path]
        if path in unused:
            raise BadSetting(f"schedule '{name}' changes {path}, which {unused[path]} does not use. Take another "
                             f"optimizer, or drop it: --schedule none.")  # fmt: skip
        if isinstance(base, bool) or not isinstance(base, int | float):
            raise BadSetting(f"schedule '{name}' cannot change {path}, which is {base!r} and no number.")
        yield ScheduledSetting(path, float(base), schedule, components.get(path.rpartition(".")[0]))


def _assert_changeable(
    schedule: Entry, setting: ScheduledSetting, param: Parameter, found: Mapping[str, ScheduledSetting]
) -> None:
    """Refuse a second schedule, a setting that is read only once, and values out of the setting's range."""
    name = schedule.record.name
    if setting.path in found:
        raise BadSetting(f"two schedules change {setting.path}; drop one of them: {name}.")
    is_live = setting.path in _LIVE or setting.path.startswith("optimizer.") or hasattr(setting.component, setting.name)
    if not is_live:
        raise BadSetting(
            f"schedule '{name}' cannot change {setting.path}: it is read once, when the component is built."
        )
    for seen in (0, 2**62):
        try:
            value = setting.value(seen)
            param.coerce(int(value) if value == int(value) else value, setting.path)
        except BadSetting as error:
            raise BadSetting(f"schedule '{name}': {error} See: {schedule.command('show')}") from error
