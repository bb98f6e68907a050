"""Which settings of a run its schedules turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from ganzoo.abilities import Spanning
from ganzoo.assembly.fit import FLAGS
from ganzoo.assembly.idle import unheeded
from ganzoo.assembly.schema import schema_of, section_of
from ganzoo.config import Config, Setting
from ganzoo.engine.dials import Dial
from ganzoo.errors import BadPart, BadSetting
from ganzoo.params import Param
from ganzoo.protocols import Schedule
from ganzoo.registry import Registry

_KEPT = ("run.ema_half_life",)
"""Settings of the run that may move; of the others the engine has made use before the first step."""


def dials_of(
    registry: Registry, config: Config, schedules: Mapping[str, Schedule], parts: Mapping[str, object]
) -> tuple[Dial, ...]:
    """Find what each schedule turns.

    A recipe's schedule for a part that was swapped away turns nothing; one the user chose must turn something.

    Args:
        registry: where the parts are found.
        config: the resolved configuration.
        schedules: the built ones, by name.
        parts: the built parts by the section of their settings, such as ``penalty.r1``.

    Raises:
        BadSetting: a schedule turns nothing, two turn the same setting, or a setting cannot take its values.
    """
    schema, found = schema_of(registry, config.parts), dict[str, Dial]()
    for name, given in schedules.items():
        _assert_paths(name, given)
        schedule = _for_this_run(name, given, config)
        turned = [p for p in schema if any(fnmatchcase(p, pattern) for pattern in schedule.turns)]
        idle = [pattern for pattern in schedule.turns if not any(fnmatchcase(p, pattern) for p in turned)]
        if idle and (_listed(name, config) or (not turned and _asked_for(name, config))):
            raise BadSetting(_idle(name, idle))
        for dial in _dials(name, schedule, turned, config, parts):
            _assert_turnable(name, dial, schema[dial.path], found)
            found[dial.path] = dial
    return tuple(found.values())


def _assert_paths(name: str, schedule: Schedule) -> None:
    if not isinstance(schedule.turns, tuple) or not all(isinstance(path, str) for path in schedule.turns):
        raise BadPart(f"schedule '{name}' has turns = {schedule.turns!r}, and not a tuple of dotted paths.")


def _for_this_run(name: str, schedule: Schedule, config: Config) -> Schedule:
    """Let a schedule that was told no length last as long as the run; a recipe's may begin after a shorter one."""
    if not isinstance(schedule, Spanning):
        return schedule
    try:
        return schedule.within(int(str(config["run.images"])))
    except BadSetting as error:
        if _asked_for(name, config):
            raise BadSetting(f"schedule '{name}': {error}") from error
        return schedule


def _idle(name: str, patterns: Sequence[str]) -> str:
    text = f"schedule '{name}' turns {' and '.join(patterns)}, which this run does not have."
    heads = [pattern.split(".") for pattern in patterns]
    added = [f"{FLAGS['penalty']} {head[1]}" for head in heads if head[0] == "penalty" and "*" not in head[1]]
    add = f"Add {' '.join(added)}, or drop it" if added else "Drop it"
    return f"{text} {add}: --schedule none."


def _asked_for(name: str, config: Config) -> bool:
    """Whether the user chose a schedule, or told the recipe's what to turn."""
    return any(_typed(setting) for setting in (*_own(name, config), config.parts["schedule"]))


def _listed(name: str, config: Config) -> bool:
    """Whether the user listed what a schedule shall turn: then all of it must be there."""
    return any(_typed(setting) and isinstance(setting.value, tuple) for setting in _own(name, config))


def _own(name: str, config: Config) -> list[Setting]:
    section = f"{section_of('schedule', name)}."
    return [setting for path, setting in config.settings.items() if path.startswith(section)]


def _typed(setting: Setting) -> bool:
    return setting.source.partition(" ")[0] not in ("recipe", "default")


def _dials(
    name: str, schedule: Schedule, paths: list[str], config: Config, parts: Mapping[str, object]
) -> Iterator[Dial]:
    deaf = dict(unheeded(config))
    for path in paths:
        base = config[path]
        if path in deaf:
            raise BadSetting(f"schedule '{name}' turns {path}, which {deaf[path]} does not look at. Take another "
                             f"optimizer, or drop it: --schedule none.")  # fmt: skip
        if isinstance(base, bool) or not isinstance(base, int | float):
            raise BadSetting(f"schedule '{name}' cannot turn {path}, which is {base!r} and no number.")
        yield Dial(path, float(base), schedule, parts.get(path.rpartition(".")[0]))


def _assert_turnable(name: str, dial: Dial, param: Param, found: Mapping[str, Dial]) -> None:
    """Refuse a second schedule, a setting nothing reads later, and a course that leaves the setting's range."""
    if dial.path in found:
        raise BadSetting(f"two schedules turn {dial.path}; drop one of them: {name}.")
    kept = dial.path in _KEPT or dial.path.startswith("optimizer.") or hasattr(dial.part, dial.name)
    if not kept:
        raise BadSetting(f"schedule '{name}' cannot turn {dial.path}: it is read once, when the part is built.")
    for seen in (0, 2**62):
        try:
            param.coerce(_like(dial, seen), dial.path)
        except BadSetting as error:
            raise BadSetting(f"schedule '{name}': {error} See: ganzoo show {name}") from error


def _like(dial: Dial, seen: int) -> float | int:
    """The dial's value as the setting's own type would be written."""
    value = dial.value(seen)
    return int(value) if value == int(value) else value
