"""A metric suite: metrics and the features they use, chosen by name, with their settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from torch import nn

from ganzoo.config.compatibility import assert_compatible, chosen_components, find_missing
from ganzoo.config.layers import Config, Setting
from ganzoo.config.option_values import assert_set_once, read_features
from ganzoo.config.parameters import Parameter, find_parameter
from ganzoo.config.parameters import read_dependencies as positional
from ganzoo.config.resolution import ABSENT
from ganzoo.config.schema import component_parameters, section_name
from ganzoo.errors import BadSetting, UnknownName
from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.measurement import Features, Metric
from ganzoo.registry.kinds import EVALUATE_OPTIONS, EVALUATION_KINDS, KINDS, Kind
from ganzoo.registry.loader import UNPACKAGED
from ganzoo.registry.registry import Entry, Registry, load_class, strip_distribution
from ganzoo.registry.specs import Component, Shape, Value

METRICS = ("fd", "kid", "pr", "dc", "modes")
"""Default metrics, those that fit the data: ``modes`` where the data's modes are known."""

FEATURES = ("random", "raw")
"""Default features: the first that fit the data."""

_SOURCE = "evaluation"


@dataclass(frozen=True)
class ConfiguredComponent:
    """A metric or feature extractor with its resolved settings.

    Args:
        entry: its registry entry.
        settings: all of its settings by name.
        spelled: how it was asked for, such as ``fd`` or ``timm:mobilenetv2_100``.
    """

    entry: Entry
    settings: Mapping[str, Value]
    spelled: str

    @property
    def origin(self) -> str:
        """Distribution and version; for a plugin file, the file's hash."""
        plugin = self.entry.plugin
        if plugin.version != UNPACKAGED:
            return f"{plugin.distribution} {plugin.version}"
        return f"{plugin.distribution} {hashlib.sha256(Path(plugin.source).read_bytes()).hexdigest()[:16]}"

    @property
    def target(self) -> type:
        """The class."""
        return load_class(self.entry.record)  # type: ignore[arg-type]


@dataclass(frozen=True)
class MetricSuite:
    """Metrics, and the features they use.

    Args:
        features: the extractor.
        metrics: by name, in the order in which they are computed.
    """

    features: ConfiguredComponent
    metrics: Mapping[str, ConfiguredComponent]

    def features_for(self, shape: Shape) -> Features:
        """Build the extractor for samples of a shape, in evaluation mode."""
        target = self.features.target
        supplied = (shape for name in positional(target) if name == "shape")
        built = target(*supplied, **self.features.settings)
        return cast(Features, built.eval().requires_grad_(False) if isinstance(built, nn.Module) else built)

    def built(self) -> dict[str, Metric]:
        """Build the metrics, by name."""
        return {name: cast(Metric, chosen.target(**chosen.settings)) for name, chosen in self.metrics.items()}


def build_suite(
    registry: Registry, metrics: Sequence[str], features: str, settings: Mapping[str, object] | None = None
) -> MetricSuite:
    """Choose metrics and features by name.

    Args:
        registry: where they are found.
        metrics: names, at least one.
        features: a name, or ``name:argument`` for an extractor that takes one.
        settings: values by dotted path, ``metric.NAME.setting`` and ``features.setting``.

    Raises:
        UnknownName: no such metric, extractor or setting.
        BadSetting: a value of the wrong type or out of range.
    """
    if not metrics:
        raise BadSetting("no metric named: give at least one, such as --metrics fd,kid. See: ganzoo list metric")
    asked = read_features(features, registry)
    name = str(asked.pop("features"))
    entries = {section_name("metric", n): registry.find("metric", n) for n in metrics}
    entries["features"] = registry.find("features", name)
    schema = {
        f"{head}.{n}": param
        for head, entry in entries.items()
        for n, param in component_parameters(cast(Component, entry.record)).items()
    }
    for path in settings or {}:
        _assert_settings_of_suite(registry, path, entries)
    assert_set_once(settings or {}, asked)
    values = _values(entries, schema, asked | dict(settings or {}))
    return MetricSuite(
        ConfiguredComponent(entries["features"], values["features"], features),
        {
            n: ConfiguredComponent(entries[section_name("metric", n)], values[section_name("metric", n)], n)
            for n in metrics
        },
    )


def suite_from_config(registry: Registry, config: Config) -> MetricSuite:
    """Build the suite of a run's configuration."""
    settings: dict[str, object] = {f"features.{name}": value for name, value in config.section("features").items()}
    settings |= {f"metric.{path}": value for path, value in config.section("metric").items()}
    metrics = [registry.shorten("metric", name) for name in config.qualified_names("metric")]
    return build_suite(registry, metrics, registry.shorten("features", config.qualified_name("features")), settings)


def choose_suite(
    registry: Registry,
    config: Config,
    metrics: Sequence[str] | None,
    features: str | None,
    settings: Mapping[str, object],
) -> MetricSuite:
    """Choose a suite for a run; None takes the default that fits the run's data."""
    named = _first_fitting(registry, config) if features is None else features
    if metrics is None:
        known = {entry.record.name for entry in registry.of_kind("metric")}
        ours = [registry.shorten("metric", registry.qualify("metric", m)) for m in METRICS if m in known]
        metrics = [m for m in ours if not _unmet(registry, config, build_suite(registry, [m], named))]
    suite = build_suite(registry, metrics, named, settings)
    said = ":" in named or any(path.startswith("features.") for path in settings)
    assert_made_for(config, suite.features, said=said)
    return suite


def assert_suite_fits(
    registry: Registry,
    config: Config,
    suite: MetricSuite,
    dataset: Dataset | None = None,
    *,
    options: Mapping[str, str] = EVALUATE_OPTIONS,
) -> None:
    """Refuse a suite that needs what the run's components do not provide.

    Args:
        registry: registry of the components.
        config: configuration of the run.
        suite: metrics and features of the evaluation.
        dataset: the data, if it is open; until then it is taken to have labels.
        options: of the command at hand, by the kind they choose.

    Raises:
        DoesNotFit: names the metric or the features, the need, and what fits.
    """
    labels = {"labels"} if dataset is None or dataset.num_classes else set()
    assert_compatible(
        registry, chosen_components(registry, _with(config, suite), {"dataset": frozenset(labels)}), options
    )


def assert_made_for(config: Config, features: ConfiguredComponent, *, said: bool) -> None:
    """Refuse features made for another data set unless they were asked for explicitly.

    Args:
        config: the run's.
        features: the extractor.
        said: whether its argument was given, not left at its default.

    Raises:
        BadSetting: they were made for other data.
    """
    made_for, name = getattr(features.target, "made_for", None), features.entry.record.name
    if made_for is not None and not said and strip_distribution(config.name("dataset")) != made_for:
        raise BadSetting(
            f"features '{name}' alone were made for {made_for}, and this run's data are others. Name your own, "
            f"--features {name}:FILE, or mean them: --features {name}:{made_for}."
        )


def _first_fitting(registry: Registry, config: Config) -> str:
    known = {entry.record.name for entry in registry.of_kind("features")}
    for name in FEATURES:
        if name in known:
            components = _with(config, MetricSuite(ConfiguredComponent(registry.find("features", name), {}, name), {}))
            if not find_missing(chosen_components(registry, components, _LABELLED)):
                return name
    return FEATURES[0]


def _unmet(registry: Registry, config: Config, suite: MetricSuite) -> bool:
    return bool(find_missing(chosen_components(registry, _with(config, suite), _LABELLED)))


_LABELLED: Mapping[Kind, frozenset[str]] = {"dataset": frozenset({"labels"})}


def _with(config: Config, suite: MetricSuite) -> Config:
    """Replace the run's metrics and features by those of a suite."""
    chosen = {"features": suite.features} | {f"metric.{name}": metric for name, metric in suite.metrics.items()}
    own = {p: s for p, s in config.settings.items() if p.partition(".")[0] not in ("features", "metric")}
    values = {f"{head}.{n}": Setting(v, _SOURCE) for head, part in chosen.items() for n, v in part.settings.items()}
    components = {
        **config.components,
        "features": Setting(suite.features.entry.qualified, _SOURCE),
        "metric": Setting(tuple(suite.metrics), _SOURCE),
    }
    return replace(config, components=components, settings=own | values)


def _assert_settings_of_suite(registry: Registry, path: str, heads: Iterable[str]) -> None:
    """Refuse settings of a metric that is not in the suite, and settings of the run."""
    unread = [section_name("metric", entry.record.name) for entry in registry.of_kind("metric")]
    head, kind = path.rpartition(".")[0], path.partition(".")[0]
    if head in unread and head not in heads:
        raise UnknownName(f"no setting '{path}': metric '{head.partition('.')[2]}' is not computed. Add it to "
                          "--metrics, or drop it.")  # fmt: skip
    if kind in (*KINDS, "run", "optimizer") and kind not in EVALUATION_KINDS:
        raise UnknownName(f"'{path}' is no setting of a metric or of features, and a run keeps its settings: drop it.")


def _values(
    heads: Iterable[str], schema: Mapping[str, Parameter], asked: Mapping[str, object]
) -> dict[str, dict[str, Value]]:
    """Coerce the given values over the defaults, by section."""
    values: dict[str, Value] = {path: param.default for path, param in schema.items()}
    for path, value in asked.items():
        if path in ABSENT and path not in schema:
            raise UnknownName(ABSENT[path])
        values[path] = find_parameter(path, schema, "See: ganzoo list metric").coerce(value, path)
    return {
        head: {path.rpartition(".")[2]: value for path, value in values.items() if path.rpartition(".")[0] == head}
        for head in heads
    }
