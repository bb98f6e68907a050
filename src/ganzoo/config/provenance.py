"""Whose a saved run's parts are, so that no other plugin takes their place, and where its data went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ganzoo.config.layers import Config, Setting, component_names
from ganzoo.config.parameters import read_dependencies, read_parameters
from ganzoo.config.schema import build_schema, section_name
from ganzoo.errors import BadData, BadSetting, UnknownName
from ganzoo.registry.kinds import EVALUATION_KINDS, KIND_SPECS, Kind
from ganzoo.registry.registry import Registry, load_class


def record_origins(registry: Registry, config: Config) -> Config:
    """Note the distribution of every part, by the section of its settings."""
    named = ((kind, name) for kind in config.components for name in component_names(config.components, kind))
    origins = {section_name(kind, name): registry.find(kind, name).plugin.distribution for kind, name in named}
    return replace(config, origins={"recipe": registry.find("recipe", config.recipe).plugin.distribution, **origins})


def qualify_components(registry: Registry, config: Config) -> Config:
    """Spell a saved run's parts so that they are found where they came from, whatever is installed beside them.

    Raises:
        UnknownName: a distribution that a part came from is not installed.
    """
    components = {}
    for kind, setting in config.components.items():
        names = qualify_names(registry, kind, component_names(config.components, kind), config.origins)
        components[kind] = replace(setting, value=names if isinstance(setting.value, tuple) else names[0])
    return replace(config, components=components)


def qualify_names(
    registry: Registry, kind: Kind, names: tuple[str, ...], origins: Mapping[str, str]
) -> tuple[str, ...]:
    """Spell the names of one kind so that they are found where they came from; see ``qualify_components``."""
    found = []
    for name in names:
        home = origins.get(section_name(kind, name), "")
        if home and not any(entry.plugin.distribution == home for entry in registry.entries):
            raise UnknownName(f"{kind} '{name}' came from {home}, which is not here: pip install {home}, or add its "
                              f"file with --plugin.{registry.not_loaded()}")  # fmt: skip
        found.append(registry.spelling(kind, name, home) if home else name)
    return tuple(found)




def drop_unavailable(registry: Registry, config: Config) -> Config:
    """Leave out of a saved run what is not here any more and no sample depends on; a lost loss is the usual one."""
    components, settings, origins = dict(config.components), dict(config.settings), dict(config.origins)
    for kind in (kind for kind in components if KIND_SPECS[kind].dispensable):
        names = component_names(config.components, kind)
        lost = [name for name in names if not _here(registry, config, kind, name)]
        kept = tuple(name for name in names if name not in lost)
        if lost:
            components[kind] = replace(
                components[kind], value=KIND_SPECS[kind].default or kept
            )
        sections = [section_name(kind, name) for name in lost]
        heads = tuple(f"{section}." for section in sections)
        settings = {path: setting for path, setting in settings.items() if not path.startswith(heads)}
        origins = {section: home for section, home in origins.items() if section not in sections}
    return replace(config, components=components, settings=settings, origins=origins)


def _here(registry: Registry, config: Config, kind: Kind, name: str) -> bool:
    try:
        (spelling,) = qualify_names(registry, kind, (name,), config.origins)
        registry.find(kind, spelling)
        return kind != "loss" or not _lent_is_lost(registry, spelling, config.settings)
    except UnknownName:
        return False


def _lent_is_lost(registry: Registry, name: str, settings: Mapping[str, Setting]) -> bool:
    """Whether a loss that takes its form from another names one that is gone."""
    target = load_class(registry.component("loss", name))
    if "losses" not in read_dependencies(target):
        return False
    known = {spelling for entry in registry.of_kind("loss") for spelling in (entry.record.name, entry.qualified)}
    for path, param in ((f"loss.{name}", param) for name, param in read_parameters(target).items()):
        value = settings[path].value if path in settings else None
        if isinstance(value, str) and value not in known and repr(value) not in param.type_name:
            return True
    return False


def update_settings(registry: Registry, config: Config) -> tuple[Config, list[str]]:
    """Give a saved run the settings its parts have got since, at their defaults.

    Returns:
        The configuration without what nothing has any more, and of that what the trained parts were built with.

    Raises:
        BadSetting: a value is none that its part takes.
    """
    schema = build_schema(registry, config.components)
    new = {path: Setting(param.default, "default") for path, param in schema.items() if path not in config.settings}
    kept = {path: replace(setting, value=schema[path].coerce(setting.value, path))
            for path, setting in config.settings.items() if path in schema}  # fmt: skip
    gone = [path for path in config.settings if path not in schema]
    return replace(config, settings={**kept, **new}), [
        p for p in gone if p.partition(".")[0] not in ("run", *EVALUATION_KINDS)
    ]


def advise_data_path(config: Config, error: BadData) -> BadData:
    """Add to what is wrong with a run's data how to name their new place, if they are no longer where they were."""
    path = config.settings.get("dataset.path")
    gone = path is not None and path.value and not Path(str(path.value)).exists()
    return BadData(f"{error} If the data lie elsewhere now: --set dataset.path=PATH") if gone else error


def assert_outside_data(registry: Registry, config: Config, place: Path, what: str) -> None:
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
