"""Which settings of a run its schedules turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from ganzoo.abilities import Spanning
from ganzoo.assembly.fit import FLAGS
from ganzoo.assembly.schema import bare, schema_of, section_of
from ganzoo.config import Config
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
        if not turned and _asked_for(name, config):
            raise BadSetting(_idle(name, schedule))
        _assert_all_found(name, config)
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


def _assert_all_found(name: str, config: Config) -> None:
    """Refuse a list of penalties, typed by somebody, of which one is not in this run."""
    told = config.settings.get(f"{section_of('schedule', name)}.of")
    if told is None or not isinstance(told.value, tuple) or told.source.partition(" ")[0] in ("recipe", "default"):
        return
    here = {bare(penalty) for penalty in config.names("penalty")}
    for missing in (penalty for penalty in told.value if penalty not in here):
        raise BadSetting(f"schedule '{name}' shall turn the weight of penalty '{missing}', which this run does not "
                         f"have: add {FLAGS['penalty']} {missing}, or leave it out.")  # fmt: skip


def _idle(name: str, schedule: Schedule) -> str:
    text = f"schedule '{name}' turns {' and '.join(schedule.turns)}, which this run does not have."
    heads = [pattern.split(".") for pattern in schedule.turns]
    added = [f"{FLAGS['penalty']} {head[1]}" for head in heads if head[0] == "penalty" and "*" not in head[1]]
    add = f"Add {' '.join(added)}, or drop it" if added else "Drop it"
    return f"{text} {add}: --schedule none."


def _asked_for(name: str, config: Config) -> bool:
    """Whether the user chose a schedule, or told the recipe's what to turn."""
    section = f"{section_of('schedule', name)}."
    own = [setting.source for path, setting in config.settings.items() if path.startswith(section)]
    return any(source.partition(" ")[0] not in ("recipe", "default") for source in (*own, _source(config)))


def _source(config: Config) -> str:
    return config.parts["schedule"].source


def _dials(
    name: str, schedule: Schedule, paths: list[str], config: Config, parts: Mapping[str, object]
) -> Iterator[Dial]:
    for path in paths:
        base = config[path]
        if path.startswith("optimizer.") and path.endswith(".beta2") and config[f"{path[:-5]}name"] == "sgd":
            raise BadSetting(f"schedule '{name}' turns {path}, and sgd has no second moment. Take another "
                             f"{path[:-5]}name, or drop it: --schedule none.")  # fmt: skip
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
