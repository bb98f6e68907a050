"""What a saved run was made with: components that are gone since, settings that are new, data that moved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ganzoo.config.layers import Config, Setting
from ganzoo.config.parameters import read_dependencies, read_parameters
from ganzoo.config.schema import build_schema, section_name
from ganzoo.errors import BadData, BadSetting, UnknownName
from ganzoo.registry.kinds import EVALUATION_KINDS, KIND_SPECS, Kind
from ganzoo.registry.registry import Registry, load_class


def drop_unavailable(registry: Registry, config: Config) -> Config:
    """Leave out of a saved run the components that are no longer installed and that no sample depends on."""
    components, settings = dict(config.components), dict(config.settings)
    for kind, setting in config.components.items():
        if not KIND_SPECS[kind].dispensable:
            continue
        names = config.qualified_names(kind)
        kept = tuple(name for name in names if _is_available(registry, config, kind, name))
        if kept == names:
            continue
        default = KIND_SPECS[kind].default
        components[kind] = replace(setting, value=registry.qualify(kind, default) if default else kept)
        lost = tuple(f"{section_name(kind, name)}." for name in names if name not in kept)
        settings = {path: setting for path, setting in settings.items() if not path.startswith(lost)}
    return replace(config, components=components, settings=settings)


def _is_available(registry: Registry, config: Config, kind: Kind, name: str) -> bool:
    """Whether a component is installed, and with it the loss that one of its settings names."""
    try:
        component = registry.component(kind, name)
    except UnknownName:
        return False
    if kind != "loss" or "losses" not in read_dependencies(load_class(component)):
        return True
    known = {spelling for entry in registry.of_kind("loss") for spelling in (entry.record.name, entry.qualified)}
    values = config.section("loss")
    return not any(
        isinstance(values.get(setting), str)
        and values[setting] not in known
        and repr(values[setting]) not in param.type_name
        for setting, param in read_parameters(load_class(component)).items()
    )


def update_settings(registry: Registry, config: Config) -> tuple[Config, list[str]]:
    """Add to a saved run, at their defaults, the settings that its components have got since.

    Returns:
        The configuration without the settings that no component has any more, and the paths of those the run was
        trained with.

    Raises:
        BadSetting: a component does not take the value of a setting.
    """
    schema = build_schema(registry, config.components)
    new = {path: Setting(param.default, "default") for path, param in schema.items() if path not in config.settings}
    kept = {
        path: replace(setting, value=schema[path].coerce(setting.value, path))
        for path, setting in config.settings.items()
        if path in schema
    }
    trained_with = [path for path in config.settings if path.partition(".")[0] not in ("run", *EVALUATION_KINDS)]
    return replace(config, settings={**kept, **new}), [path for path in trained_with if path not in schema]


def advise_data_path(config: Config, error: BadData) -> BadData:
    """Add to an error in a run's data how to name their new place, if they are no longer where they were."""
    path = config.settings.get("dataset.path")
    gone = path is not None and path.value and not Path(str(path.value)).exists()
    return BadData(f"{error} If the data lie elsewhere now: --set dataset.path=PATH") if gone else error


def assert_outside_data(registry: Registry, config: Config, place: Path, what: str) -> None:
    """Refuse to write images into a folder of images that a run is trained on.

    Args:
        registry: where the data set is found.
        config: of the run.
        place: where the images would be written.
        what: the images belong to, for the message.

    Raises:
        BadSetting: the place lies in the data.
    """
    path = config.settings.get("dataset.path")
    if path is None or not path.value:
        return
    if "collects" not in registry.component("dataset", config.qualified_name("dataset")).provides:
        return
    home = Path(str(path.value)).resolve()
    if place.resolve().is_relative_to(home):
        raise BadSetting(f"{place} lies in {home}, among the images to train on, and a {what} there would add some. "
                         "Choose an --out elsewhere.")  # fmt: skip
