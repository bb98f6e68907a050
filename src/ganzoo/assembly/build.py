"""Build the chosen parts: positional parameters are supplied by name, settings come from the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import nn

from ganzoo.assembly.scheduled_settings import find_scheduled_settings
from ganzoo.config.compatibility import assert_compatible, chosen_components
from ganzoo.config.layers import Config
from ganzoo.config.parameters import read_dependencies as positional
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
from ganzoo.registry.specs import Component, Shape
from ganzoo.training.data_loader import split_held_out
from ganzoo.training.device import pick_device, pick_precision, set_matmul_precision
from ganzoo.training.rng import mix_seeds
from ganzoo.training.scheduled_setting import ScheduledSetting
from ganzoo.training.step import Engine

_PARTS = 4  # the stream of randomness of the parts' first weights


DEPENDENCIES: Mapping[str, str] = {
    "shape": "of one sample: `(channels, height, width)` or `(dimensions,)`; to a discriminator as the discriminator sees it",
    "num_classes": "classes the players are told of; 0 without a conditioning that tells them",
    "dataset": "the real samples, opened",
    "augmentations": "by name, in the order in which they are applied",
    "losses": "makes any other loss: its name to the loss at its own defaults",
    "loss": "the adversarial loss",
    "feature_dim": "channels of the discriminator's features, for the conditioning",
    "discriminator": "the discriminator, with its conditioning as the last layer: images and labels to verdicts",
    "norm": "makes the generator's normalisation: channels and classes to a module",
    "generator": "the generator",
    "terms": "by name",
}
"""What a constructor may ask for by the name of a positional parameter, and what it gets, in the order of building."""


@dataclass(frozen=True)
class Assembly:
    """A run, built.

    Args:
        config: what it was built from.
        dataset: the real samples.
        trainer: players and phases.
        constraints: by player.
        stateful_modules: further modules with a state, by dotted name.
        num_classes: classes the players are told of; 0 when conditioning is off.
        dials: settings that follow the images seen.
    """

    config: Config
    dataset: Dataset
    trainer: Trainer
    constraints: Mapping[str, tuple[Constraint, ...]]
    stateful_modules: Mapping[str, nn.Module]
    num_classes: int
    scheduled: tuple[ScheduledSetting, ...] = ()


def assemble(registry: Registry, config: Config, *, dataset: Dataset | None = None) -> Assembly:
    """Check that the parts fit, then build them.

    Args:
        registry: where the parts come from.
        config: the resolved configuration.
        dataset: the data set, when it is open already.

    Raises:
        DoesNotFit: a need nobody meets; nothing but the data set was opened.
    """
    with plugin_errors(run_entries(registry, config)):
        run = run_settings(config)  # refuses a device this machine does not have
        assert_compatible(registry, chosen_components(registry, config, _assumed()))
        _assert_wanted(registry, config)
        if dataset is None:  # no `or`: data a checkpoint only remembers have length 0
            dataset = open_dataset(registry, config)
            split_held_out(len(dataset), run.held_out)  # refuses to keep everything back
        found = {"labels"} if dataset.num_classes else set()
        assert_compatible(registry, chosen_components(registry, config, {"dataset": frozenset(found)}))
        return _Builder(registry, config, dataset).build()


def _assert_wanted(registry: Registry, config: Config) -> None:
    """Refuse terms and augmentations that the trainer would never hear of."""
    name = config.name("trainer")
    asked = positional(load_class(registry.component("trainer", config.qualified_name("trainer"))))
    for kind, plural in _PLURALS.items():
        named = config.names(kind)
        if named and plural not in asked:
            raise DoesNotFit(f"trainer '{name}' takes no {plural}, so {kind} '{named[0]}' would do nothing. "
                             f"What fits: {TRAIN_OPTIONS[kind]} none; or another --trainer.")  # fmt: skip


def open_dataset(registry: Registry, config: Config) -> Dataset:
    """Open the run's data set.

    Raises:
        BadData: it is missing or broken.
    """
    entry = registry.find("dataset", config.qualified_name("dataset"))
    with plugin_errors([entry], called=entry):
        return cast(Dataset, load_class(cast(Component, entry.record))(**config.section("dataset")))


def build_engine(assembly: Assembly, registry: Registry) -> Engine:
    """Put the built parts on the device, under the engine."""
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
    """Builds parts in an order in which each finds those it asks for."""

    def __init__(self, registry: Registry, config: Config, dataset: Dataset) -> None:
        self._registry, self._config, self._dataset = registry, config, dataset
        self._supply: dict[str, object] = {"shape": dataset.shape}

    def build(self) -> Assembly:
        classes = self._num_classes()
        self._supply |= {"num_classes": classes, "dataset": self._dataset}
        self._supply["augmentations"] = packs_last(cast(dict[str, Augmentation], self._many("augmentation")))
        self._supply["losses"] = lambda name: self._make("loss", name, {})
        self._supply["loss"] = self._one("loss")
        self._networks()
        self._supply["terms"] = self._many("term")
        trainer = cast(Trainer, self._one("trainer"))
        self._assert_playable(trainer)
        constraints = self._constrain(trainer)
        stateful, scheduled = dict(self._stateful()), self._scheduled()
        return Assembly(self._config, self._dataset, trainer, constraints, stateful, classes, scheduled)

    def _networks(self) -> None:
        trunk = cast(Any, self._make("discriminator", self._config.qualified_name("discriminator"), shape=self._seen()))
        self._supply["feature_dim"] = trunk.feature_dim
        head = cast(Any, self._one("conditioning"))
        self._supply |= {"discriminator": DiscriminatorWithHead(trunk, head), "norm": head.norm}
        self._supply["generator"] = self._one("generator")

    def _seen(self) -> Shape:
        """The shape of one sample as the discriminator sees it."""
        shape = self._dataset.shape
        for augment in cast(dict[str, Augmentation], self._supply["augmentations"]).values():
            shape = augment.output_shape(shape) if packs(augment) else shape
        return shape

    def _scheduled(self) -> tuple[ScheduledSetting, ...]:
        schedules = cast(dict[str, Schedule], self._many("schedule"))
        parts: dict[str, object] = {kind: self._supply[kind] for kind in ("loss", "generator", "discriminator")}
        for kind, plural in _PLURALS.items():
            parts |= {section_name(kind, n): p for n, p in cast(dict[str, object], self._supply[plural]).items()}
        return find_scheduled_settings(self._registry, self._config, schedules, parts)

    def _num_classes(self) -> int:
        needs = self._registry.component("conditioning", self._config.qualified_name("conditioning")).needs
        return self._dataset.num_classes if "labels" in needs else 0

    def _constrain(self, trainer: Trainer) -> dict[str, tuple[Constraint, ...]]:
        holders = cast(dict[str, Constraint], self._many("constraint"))
        with self._seeded("constraint"):
            for constraint in holders.values():
                for name in constraint.players:
                    constraint.prepare(trainer.players[name])
        return {n: tuple(c for c in holders.values() if n in c.players) for n in trainer.players}

    def _assert_playable(self, trainer: Trainer) -> None:
        """Refuse a trainer nothing can be sampled from, and a term of a player it does not have."""
        who, players = f"trainer '{self._config.name('trainer')}'", ", ".join(trainer.players)
        if "generator" not in trainer.players or "generator" not in trainer.averaged:
            raise BadComponent(f"{who} must have a player 'generator' and average it: samples come from there. "
                          f"Its players are {players}; averaged: {', '.join(trainer.averaged) or 'none'}.")  # fmt: skip
        for name, term in cast(dict[str, Term], self._supply["terms"]).items():
            if not isinstance(term.every, int) or term.every < 1:
                raise BadComponent(f"term '{name}' is taken every {term.every!r} steps: every must be a whole number "
                              "from 1 on.")  # fmt: skip
            if term.player not in trainer.players:
                raise DoesNotFit(f"term '{name}' is a term of the player '{term.player}', which {who} "
                                 f"does not have. It has {players}.")  # fmt: skip

    def _stateful(self) -> list[tuple[str, nn.Module]]:
        """Parts beside the players whose tensors belong to the state; none of them is trained."""
        named = {"loss": self._supply["loss"]}
        for kind, plural in _PLURALS.items():
            named |= {f"{kind}.{n}": p for n, p in cast(dict[str, object], self._supply[plural]).items()}
        modules = [(name, part) for name, part in named.items() if isinstance(part, nn.Module)]
        for name, part in modules:
            learning = [n for n, parameter in part.named_parameters() if parameter.requires_grad]
            if learning:
                raise BadComponent(f"{name} has weights to learn ({learning[0]}), but only players are trained. "
                              "Its author makes them buffers, or part of a player.")  # fmt: skip
        return modules

    def _many(self, kind: Kind) -> dict[str, object]:
        return {strip_distribution(name): self._make(kind, name) for name in self._config.qualified_names(kind)}

    def _one(self, kind: Kind) -> object:
        return self._make(kind, self._config.qualified_name(kind))

    def _make(self, kind: Kind, name: str, settings: Mapping[str, object] | None = None, **instead: object) -> object:
        """Make one part, with the run's settings if none are given; its first weights depend on seed and kind only."""
        entry = self._registry.find(kind, name)
        target = load_class(cast(Component, entry.record))
        supply = self._supply | instead
        unknown = [p for p in positional(target) if p not in supply]
        if unknown:
            why = "is built after it." if unknown[0] in DEPENDENCIES else "this run does not have."
            hint = "" if unknown[0] in DEPENDENCIES else (
                f"{nearest(unknown[0], DEPENDENCIES)} If it is a setting, its author puts it behind a '*'.")  # fmt: skip
            raise DoesNotFit(f"{kind} '{name}' asks for the part '{unknown[0]}', which {why}{hint}")
        chosen = self._config.section(section_name(kind, name)) if settings is None else settings
        with self._seeded(kind), plugin_errors(run_entries(self._registry, self._config), called=entry):
            return target(*(supply[p] for p in positional(target)), **chosen)

    @contextmanager
    def _seeded(self, kind: Kind) -> Iterator[None]:
        seed = mix_seeds(self._config.run.seed, _PARTS, KINDS.index(kind))
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            yield


_PLURALS: Mapping[Kind, str] = {
    spec.name: spec.plural for spec in KIND_SPECS.values() if spec.many and spec.role == "objective"
}
"""What a trainer calls the parts of which it takes any number."""


def packs_last(augmentations: Mapping[str, Augmentation]) -> dict[str, Augmentation]:
    """Put augmentations after which the discriminator sees another shape behind those that need samples as they are."""
    return dict(sorted(augmentations.items(), key=lambda item: packs(item[1])))


def _assumed() -> dict[Kind, frozenset[str]]:
    """Capabilities taken for granted until the data set is opened."""
    return {"dataset": frozenset({"labels"})}
