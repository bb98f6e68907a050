"""Whose a saved run's parts are, so that no other plugin takes their place, and where its data went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ganzoo.assembly.choose import DEFAULTS
from ganzoo.assembly.schema import schema_of, section_of
from ganzoo.config import Config, Setting, names_of
from ganzoo.errors import BadData, BadSetting, UnknownName
from ganzoo.params import parts_of, settings_of
from ganzoo.registry import Registry, load_target
from ganzoo.specs import JUDGING, Kind


def with_homes(registry: Registry, config: Config) -> Config:
    """Note the distribution of every part, by the section of its settings."""
    named = ((kind, name) for kind in config.parts for name in names_of(config.parts, kind))
    homes = {section_of(kind, name): registry.find(kind, name).plugin.distribution for kind, name in named}
    return replace(config, homes={"recipe": registry.find("recipe", config.recipe).plugin.distribution, **homes})


def at_home(registry: Registry, config: Config) -> Config:
    """Spell a saved run's parts so that they are found where they came from, whatever is installed beside them.

    Raises:
        UnknownName: a distribution that a part came from is not installed.
    """
    parts = {}
    for kind, setting in config.parts.items():
        names = spelled(registry, kind, names_of(config.parts, kind), config.homes)
        parts[kind] = replace(setting, value=names if isinstance(setting.value, tuple) else names[0])
    return replace(config, parts=parts)


def spelled(registry: Registry, kind: Kind, names: tuple[str, ...], homes: Mapping[str, str]) -> tuple[str, ...]:
    """Spell the names of one kind so that they are found where they came from; see ``at_home``."""
    found = []
    for name in names:
        home = homes.get(section_of(kind, name), "")
        if home and not any(entry.plugin.distribution == home for entry in registry.entries):
            raise UnknownName(f"{kind} '{name}' came from {home}, which is not here: pip install {home}, or add its "
                              f"file with --plugin.{registry.not_loaded()}")  # fmt: skip
        found.append(registry.spelling(kind, name, home) if home else name)
    return tuple(found)


_BESIDE: tuple[Kind, ...] = ("loss", "penalty", "augmentation", "schedule", "metric")
"""Kinds that leave nothing in a trained generator."""


def without_lost(registry: Registry, config: Config) -> Config:
    """Leave out of a saved run what is not here any more and no sample depends on; a lost loss is the usual one."""
    parts, settings, homes = dict(config.parts), dict(config.settings), dict(config.homes)
    for kind in (kind for kind in _BESIDE if kind in parts):
        names = names_of(config.parts, kind)
        lost = [name for name in names if not _here(registry, config, kind, name)]
        kept = tuple(name for name in names if name not in lost)
        if lost:
            parts[kind] = replace(parts[kind], value=DEFAULTS.parts["loss"][0] if kind == "loss" else kept)
        sections = [section_of(kind, name) for name in lost]
        heads = tuple(f"{section}." for section in sections)
        settings = {path: setting for path, setting in settings.items() if not path.startswith(heads)}
        homes = {section: home for section, home in homes.items() if section not in sections}
    return replace(config, parts=parts, settings=settings, homes=homes)


def _here(registry: Registry, config: Config, kind: Kind, name: str) -> bool:
    try:
        (spelling,) = spelled(registry, kind, (name,), config.homes)
        registry.find(kind, spelling)
        return kind != "loss" or not _lent_is_lost(registry, spelling, config.settings)
    except UnknownName:
        return False


def _lent_is_lost(registry: Registry, name: str, settings: Mapping[str, Setting]) -> bool:
    """Whether a loss that takes its form from another names one that is gone."""
    target = load_target(registry.component("loss", name))
    if "losses" not in parts_of(target):
        return False
    known = {spelling for entry in registry.of_kind("loss") for spelling in (entry.record.name, entry.qualified)}
    for path, param in ((f"loss.{name}", param) for name, param in settings_of(target).items()):
        value = settings[path].value if path in settings else None
        if isinstance(value, str) and value not in known and repr(value) not in param.type_name:
            return True
    return False


def up_to_date(registry: Registry, config: Config) -> tuple[Config, list[str]]:
    """Give a saved run the settings its parts have got since, at their defaults.

    Returns:
        The configuration without what nothing has any more, and of that what the trained parts were built with.

    Raises:
        BadSetting: a value is none that its part takes.
    """
    schema = schema_of(registry, config.parts)
    new = {path: Setting(param.default, "default") for path, param in schema.items() if path not in config.settings}
    kept = {path: replace(setting, value=schema[path].coerce(setting.value, path))
            for path, setting in config.settings.items() if path in schema}  # fmt: skip
    gone = [path for path in config.settings if path not in schema]
    return replace(config, settings={**kept, **new}), [p for p in gone if p.partition(".")[0] not in ("run", *JUDGING)]


def moved(config: Config, error: BadData) -> BadData:
    """Add to what is wrong with a run's data how to name their new place, if they are no longer where they were."""
    path = config.settings.get("dataset.path")
    gone = path is not None and path.value and not Path(str(path.value)).exists()
    return BadData(f"{error} If the data lie elsewhere now: --set dataset.path=PATH") if gone else error


def assert_apart(registry: Registry, config: Config, place: Path, what: str) -> None:
    """Keep pictures out of a folder of images a run is trained on: they would become some of them.

    Args:
        registry: where its data set is found.
        config: the run's.
        place: where they would be written.
        what: they are, for the message.

    Raises:
        BadSetting: it lies there.
    """
    path = config.settings.get("dataset.path")
    if path is None or not path.value:
        return
    if "collects" not in registry.component("dataset", config.name("dataset")).provides:
        return
    home = Path(str(path.value)).resolve()
    if place.resolve().is_relative_to(home):
        raise BadSetting(f"{place} lies in {home}, among the images to train on, and a {what} there would add some. "
                         "Choose an --out elsewhere.")  # fmt: skip
