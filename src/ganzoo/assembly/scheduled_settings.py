"""Which settings of a run its schedules turn."""

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

_KEPT = ("run.ema_half_life",)
"""Settings of the run that may move; of the others the engine has made use before the first step."""


def find_scheduled_settings(
    registry: Registry, config: Config, schedules: Mapping[str, Schedule], components: Mapping[str, object]
) -> tuple[ScheduledSetting, ...]:
    """Find what each schedule turns.

    A recipe's schedule for a part that was swapped away turns nothing; one the user chose must turn something.

    Args:
        registry: where the parts are found.
        config: the resolved configuration.
        schedules: the built ones, by name.
        parts: the built parts by the section of their settings, such as ``term.r1``.

    Raises:
        BadSetting: a schedule turns nothing, two turn the same setting, or a setting cannot take its values.
    """
    schema, found = build_schema(registry, config.components), dict[str, ScheduledSetting]()
    for qualified, (name, given) in zip(config.qualified_names("schedule"), schedules.items(), strict=True):
        entry = registry.find("schedule", qualified)
        with plugin_errors([entry], called=entry):
            _assert_paths(name, given)
            schedule = _for_this_run(name, given, config)
            turned = [p for p in schema if any(fnmatchcase(p, pattern) for pattern in schedule.patterns)]
            idle = [pattern for pattern in schedule.patterns if not any(fnmatchcase(p, pattern) for p in turned)]
            if idle and (_listed(name, config) or (not turned and _asked_for(name, config))):
                raise BadSetting(_idle(name, idle))
            for setting in _scheduled(name, schedule, turned, config, components):
                _assert_turnable(entry, setting, schema[setting.path], found)
                found[setting.path] = setting
    return tuple(found.values())


def _assert_paths(name: str, schedule: Schedule) -> None:
    if not isinstance(schedule.patterns, tuple) or not all(isinstance(path, str) for path in schedule.patterns):
        raise BadComponent(f"schedule '{name}' has patterns = {schedule.patterns!r}, and not a tuple of dotted paths.")


def _for_this_run(name: str, schedule: Schedule, config: Config) -> Schedule:
    """Let a schedule that was told no length last as long as the run; a recipe's may begin after a shorter one."""
    if not isinstance(schedule, RunLengthAware):
        return schedule
    try:
        return schedule.for_run(config.run.images)
    except BadSetting as error:
        if _asked_for(name, config):
            raise BadSetting(f"schedule '{name}': {error}") from error
        return schedule


def _idle(name: str, patterns: Sequence[str]) -> str:
    text = f"schedule '{name}' turns {' and '.join(patterns)}, which this run does not have."
    heads = [pattern.split(".") for pattern in patterns]
    added = [f"{TRAIN_OPTIONS['term']} {head[1]}" for head in heads if head[0] == "term" and "*" not in head[1]]
    add = f"Add {' '.join(added)}, or drop it" if added else "Drop it"
    return f"{text} {add}: --schedule none."


def _asked_for(name: str, config: Config) -> bool:
    """Whether the user chose a schedule, or told the recipe's what to turn."""
    return any(_typed(setting) for setting in (*_own(name, config), config.components["schedule"]))


def _listed(name: str, config: Config) -> bool:
    """Whether the user listed what a schedule shall turn: then all of it must be there."""
    return any(_typed(setting) and isinstance(setting.value, tuple) for setting in _own(name, config))


def _own(name: str, config: Config) -> list[Setting]:
    section = f"{section_name('schedule', name)}."
    return [setting for path, setting in config.settings.items() if path.startswith(section)]


def _typed(setting: Setting) -> bool:
    return setting.source.partition(" ")[0] not in ("recipe", "default")


def _scheduled(
    name: str, schedule: Schedule, paths: list[str], config: Config, components: Mapping[str, object]
) -> Iterator[ScheduledSetting]:
    deaf = dict(unused_optimizer_settings(config))
    for path in paths:
        base = config[path]
        if path in deaf:
            raise BadSetting(f"schedule '{name}' turns {path}, which {deaf[path]} does not look at. Take another "
                             f"optimizer, or drop it: --schedule none.")  # fmt: skip
        if isinstance(base, bool) or not isinstance(base, int | float):
            raise BadSetting(f"schedule '{name}' cannot turn {path}, which is {base!r} and no number.")
        yield ScheduledSetting(path, float(base), schedule, components.get(path.rpartition(".")[0]))


def _assert_turnable(
    schedule: Entry, setting: ScheduledSetting, param: Parameter, found: Mapping[str, ScheduledSetting]
) -> None:
    """Refuse a second schedule, a setting nothing reads later, and a course that leaves the setting's range."""
    name = schedule.record.name
    if setting.path in found:
        raise BadSetting(f"two schedules turn {setting.path}; drop one of them: {name}.")
    kept = setting.path in _KEPT or setting.path.startswith("optimizer.") or hasattr(setting.part, setting.name)
    if not kept:
        raise BadSetting(f"schedule '{name}' cannot turn {setting.path}: it is read once, when the part is built.")
    for seen in (0, 2**62):
        try:
            param.coerce(_like(setting, seen), setting.path)
        except BadSetting as error:
            raise BadSetting(f"schedule '{name}': {error} See: {schedule.command('show')}") from error


def _like(setting: ScheduledSetting, seen: int) -> float | int:
    """The dial's value as the setting's own type would be written."""
    value = setting.value(seen)
    return int(value) if value == int(value) else value
