"""Build the chosen components: positional parameters are supplied by name, settings come from the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from ganzoo.assembly.scheduled_settings import find_scheduled_settings
from ganzoo.config.compatibility import assert_compatible, chosen_components
from ganzoo.config.layers import Config
from ganzoo.config.parameters import read_dependencies
from ganzoo.config.plugin_errors import plugin_errors, run_entries
from ganzoo.config.run_settings import RunSettings
from ganzoo.config.schema import section_name
from ganzoo.errors import BadComponent, BadSetting, DoesNotFit, nearest
from ganzoo.interfaces.capabilities import packs
from ganzoo.interfaces.data import Dataset
from ganzoo.interfaces.losses import Term
from ganzoo.interfaces.networks import Augmentation, Constraint
from ganzoo.interfaces.training import Schedule, Trainer
from ganzoo.nn.discriminator import DiscriminatorWithHead
from ganzoo.registry.kinds import KIND_SPECS, KINDS, TRAIN_OPTIONS, Kind
from ganzoo.registry.registry import Registry, load_class, strip_distribution
from ganzoo.training.data_loader import split_held_out
from ganzoo.training.device import pick_device, pick_precision, set_matmul_precision
from ganzoo.training.rng import mix_seeds
from ganzoo.training.scheduled_setting import ScheduledSetting
from ganzoo.training.step import Engine

DEPENDENCIES: Mapping[str, str] = {
    "shape": "of one sample: `(channels, height, width)` or `(dimensions,)`; for a discriminator after augmentations",
    "num_classes": "classes the players are conditioned on; 0 without conditioning on labels",
    "dataset": "the real samples, opened",
    "augmentations": "by name, in the order in which they are applied",
    "losses": "makes any other loss: its name to the loss at its own defaults",
    "loss": "the adversarial loss",
    "feature_dim": "channels of the discriminator's features, for the conditioning",
    "discriminator": "the discriminator with its conditioning as the last layer: images and labels to its output",
    "norm": "makes the generator's normalisation: channels and classes to a module",
    "generator": "the generator",
    "terms": "by name",
}
"""What a constructor may ask for by the name of a positional parameter, and what it gets, in the order of building."""

_WEIGHTS_STREAM = 4  # of the random numbers for first weights


@dataclass(frozen=True)
class Assembly:
    """A run, built.

    Args:
        config: what it was built from.
        dataset: the real samples.
        trainer: players and phases.
        constraints: by player.
        stateful_modules: further modules with a state, by dotted name.
        num_classes: classes the players are conditioned on; 0 without conditioning.
        scheduled: settings that change with the images seen.
    """

    config: Config
    dataset: Dataset
    trainer: Trainer
    constraints: Mapping[str, tuple[Constraint, ...]]
    stateful_modules: Mapping[str, nn.Module]
    num_classes: int
    scheduled: tuple[ScheduledSetting, ...] = ()


def assemble(registry: Registry, config: Config, *, dataset: Dataset | None = None) -> Assembly:
    """Check that the components fit, then build them.

    Args:
        registry: where the components come from.
        config: the resolved configuration.
        dataset: the data set, when it is open already.

    Raises:
        DoesNotFit: no component provides what another needs; nothing but the data set was opened.
    """
    with plugin_errors(run_entries(registry, config)):
        run = run_settings(config)  # refuses a device this machine does not have
        assumed: dict[Kind, frozenset[str]] = {"dataset": frozenset({"labels"})}  # until the data set is opened
        assert_compatible(registry, chosen_components(registry, config, assumed))
        _assert_trainer_takes(registry, config)
        if dataset is None:  # no `or`: the data set of a saved run has length 0
            dataset = open_dataset(registry, config)
            split_held_out(len(dataset), run.held_out)  # refuses to keep everything back
        found = frozenset({"labels"} if dataset.num_classes else ())
        assert_compatible(registry, chosen_components(registry, config, {"dataset": found}))
        return _Builder(registry, config, dataset).build()


def _assert_trainer_takes(registry: Registry, config: Config) -> None:
    """Refuse terms and augmentations if the constructor of the trainer does not ask for them."""
    asked = read_dependencies(load_class(registry.component("trainer", config.qualified_name("trainer"))))
    for kind, plural in _PLURALS.items():
        names = config.names(kind)
        if names and plural not in asked:
            raise DoesNotFit(f"trainer '{config.name('trainer')}' takes no {plural}, so {kind} '{names[0]}' would do "
                             f"nothing. What fits: {TRAIN_OPTIONS[kind]} none; or another --trainer.")  # fmt: skip


def open_dataset(registry: Registry, config: Config) -> Dataset:
    """Open the run's data set.

    Raises:
        BadData: it is missing or broken.
    """
    entry = registry.find("dataset", config.qualified_name("dataset"))
    target: Callable[..., Dataset] = load_class(registry.component("dataset", entry.qualified))
    with plugin_errors([entry], called=entry):
        return target(**config.section("dataset"))


def build_engine(assembly: Assembly, registry: Registry) -> Engine:
    """Move the built components to the device and make the engine that trains them."""
    run = run_settings(assembly.config)
    device = pick_device(run.device)
    set_matmul_precision(run.precision)
    layout = torch.channels_last if run.channels_last and len(assembly.dataset.shape) == 3 else torch.preserve_format
    for module in [*assembly.trainer.players.values(), *assembly.stateful_modules.values()]:
        module.to(device=device, memory_format=layout)  # type: ignore[call-overload]
    return Engine(
        assembly.trainer, assembly.dataset, assembly.config.optimizer, assembly.constraints, assembly.stateful_modules,
        run=run, device=device, scheduled=assembly.scheduled,
    )  # fmt: skip


def run_settings(config: Config) -> RunSettings:
    """Return the run's own settings, with ``auto`` resolved for this machine."""
    run = config.run
    if run.accumulate > run.batch_size:
        raise BadSetting(f"run.accumulate splits a batch of {run.batch_size} into {run.accumulate} parts, less than an "
                         "image each. Lower it.")  # fmt: skip
    return replace(run, precision=pick_precision(run.precision, pick_device(run.device)))


class _Builder:
    """Builds components in an order in which each finds those it asks for."""

    def __init__(self, registry: Registry, config: Config, dataset: Dataset) -> None:
        self._registry, self._config, self._dataset = registry, config, dataset
        self._supply: dict[str, Any] = {"shape": dataset.shape}

    def build(self) -> Assembly:
        classes = self._dataset.num_classes if self._is_conditional() else 0
        augmentations = packs_last(self._make_all("augmentation"))
        self._supply |= {"num_classes": classes, "dataset": self._dataset, "augmentations": augmentations}
        self._supply["losses"] = lambda name: self._make("loss", name, {})
        self._supply["loss"] = self._make_one("loss")
        self._build_networks(augmentations)
        self._supply["terms"] = self._make_all("term")
        trainer: Trainer = self._make_one("trainer")
        self._assert_trainer_fits(trainer)
        constraints = self._constrain(trainer)
        return Assembly(
            self._config, self._dataset, trainer, constraints, self._find_stateful_modules(), classes,
            self._find_scheduled(),
        )  # fmt: skip

    def _is_conditional(self) -> bool:
        name = self._config.qualified_name("conditioning")
        return "labels" in self._registry.component("conditioning", name).needs

    def _build_networks(self, augmentations: Mapping[str, Augmentation]) -> None:
        shape = self._dataset.shape
        for augment in augmentations.values():
            shape = augment.output_shape(shape) if packs(augment) else shape
        trunk = self._make("discriminator", self._config.qualified_name("discriminator"), shape=shape)
        self._supply["feature_dim"] = trunk.feature_dim
        head = self._make_one("conditioning")
        self._supply |= {"discriminator": DiscriminatorWithHead(trunk, head), "norm": head.norm}
        self._supply["generator"] = self._make_one("generator")

    def _find_scheduled(self) -> tuple[ScheduledSetting, ...]:
        schedules: dict[str, Schedule] = self._make_all("schedule")
        components = {kind: self._supply[kind] for kind in ("loss", "generator", "discriminator")} | self._list_many()
        return find_scheduled_settings(self._registry, self._config, schedules, components)

    def _constrain(self, trainer: Trainer) -> dict[str, tuple[Constraint, ...]]:
        constraints: dict[str, Constraint] = self._make_all("constraint")
        with self._seeded("constraint"):
            for constraint in constraints.values():
                for name in constraint.players:
                    constraint.prepare(trainer.players[name])
        return {name: tuple(c for c in constraints.values() if name in c.players) for name in trainer.players}

    def _assert_trainer_fits(self, trainer: Trainer) -> None:
        """Refuse a trainer that nothing can be sampled from, and a term of a player it does not have."""
        who, players = f"trainer '{self._config.name('trainer')}'", ", ".join(trainer.players)
        if "generator" not in trainer.players or "generator" not in trainer.averaged:
            raise BadComponent(f"{who} must have a player 'generator' and average it: samples come from there. "
                               f"Its players are {players}; averaged: "
                               f"{', '.join(trainer.averaged) or 'none'}.")  # fmt: skip
        terms: dict[str, Term] = self._supply["terms"]
        for name, term in terms.items():
            if not isinstance(term.every, int) or term.every < 1:
                raise BadComponent(f"term '{name}' is computed every {term.every!r} steps: every must be a whole "
                                   "number of at least 1.")  # fmt: skip
            if term.player not in trainer.players:
                raise DoesNotFit(f"term '{name}' is a term of the player '{term.player}', which {who} "
                                 f"does not have. It has {players}.")  # fmt: skip

    def _find_stateful_modules(self) -> dict[str, nn.Module]:
        """Find the components beside the players whose tensors belong to the state; none of them is trained."""
        named = {"loss": self._supply["loss"]} | self._list_many()
        modules = {name: component for name, component in named.items() if isinstance(component, nn.Module)}
        for name, module in modules.items():
            learning = [n for n, parameter in module.named_parameters() if parameter.requires_grad]
            if learning:
                raise BadComponent(f"{name} has weights to learn ({learning[0]}), but only players are trained. "
                                   "Its author makes them buffers, or part of a player.")  # fmt: skip
        return modules

    def _list_many(self) -> dict[str, Any]:
        """List terms and augmentations by the section of their settings."""
        return {
            section_name(kind, name): component
            for kind, plural in _PLURALS.items()
            for name, component in self._supply[plural].items()
        }

    def _make_all(self, kind: Kind) -> dict[str, Any]:
        return {strip_distribution(name): self._make(kind, name) for name in self._config.qualified_names(kind)}

    def _make_one(self, kind: Kind) -> Any:  # noqa: ANN401 - its kind says what it is
        return self._make(kind, self._config.qualified_name(kind))

    def _make(self, kind: Kind, name: str, settings: Mapping[str, object] | None = None, **instead: object) -> Any:  # noqa: ANN401 - its kind says what it is
        """Make one component; its first weights depend on seed and kind only.

        Args:
            kind: of the component.
            name: as the registry finds it.
            settings: those of the run if None.
            instead: dependencies that differ from what other components get.
        """
        entry = self._registry.find(kind, name)
        target = load_class(self._registry.component(kind, entry.qualified))
        supply, asked = self._supply | instead, read_dependencies(target)
        unknown = next((dependency for dependency in asked if dependency not in supply), None)
        if unknown in DEPENDENCIES:
            raise DoesNotFit(f"{kind} '{entry.record.name}' asks for '{unknown}', which is built after it.")
        if unknown is not None:
            raise DoesNotFit(f"{kind} '{entry.record.name}' asks for '{unknown}', which this run does not have."
                             f"{nearest(unknown, DEPENDENCIES)} If it is a setting, its author puts it behind a '*'."
                             )  # fmt: skip
        chosen = self._config.section(section_name(kind, name)) if settings is None else settings
        with self._seeded(kind), plugin_errors(run_entries(self._registry, self._config), called=entry):
            return target(*(supply[dependency] for dependency in asked), **chosen)

    @contextmanager
    def _seeded(self, kind: Kind) -> Iterator[None]:
        """Seed the random numbers of torch for the components of a kind."""
        seed = mix_seeds(self._config.run.seed, _WEIGHTS_STREAM, KINDS.index(kind))
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            yield


_PLURALS: Mapping[Kind, str] = {
    spec.name: spec.plural for spec in KIND_SPECS.values() if spec.many and spec.role == "objective"
}
"""What a trainer calls the components of which it takes any number."""


def packs_last(augmentations: Mapping[str, Augmentation]) -> dict[str, Augmentation]:
    """Sort augmentations that change the shape of a sample behind all others, which need samples as they are."""
    return dict(sorted(augmentations.items(), key=lambda item: packs(item[1])))
