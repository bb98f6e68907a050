"""What a check gets: one record of the registry, and its component built in a tiny run of components that fit it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, cast

import torch
from torch import Tensor, nn

from ganzoo.assembly.build import Assembly, assemble
from ganzoo.checks.data import Noise
from ganzoo.checks.kit_trainer import KitTrainer
from ganzoo.checks.runs import KIT, LABELS, find_fitting_run, registry_name, shrink_config
from ganzoo.config.layers import Config
from ganzoo.config.parameters import Parameter, read_dependencies, read_parameters
from ganzoo.config.resolution import change
from ganzoo.config.schema import section_name
from ganzoo.errors import DoesNotFit, GanzooError
from ganzoo.interfaces.losses import TermContext
from ganzoo.nn.discriminator import DiscriminatorWithHead
from ganzoo.registry.kinds import KIND_SPECS, Kind
from ganzoo.registry.registry import Entry, Registry, load_class, strip_distribution
from ganzoo.registry.specs import Component, Recipe, Shape, Value, When
from ganzoo.training.rng import BatchRng

SHAPES: Mapping[str, Shape] = {"image": (3, 16, 16), "point": (2,)}
"""A tiny sample of each form of data, by the capability of the data sets that hold it."""

BATCH = 4


class Skip(Exception):
    """A check that cannot run here; the text says why."""


@dataclass(frozen=True, repr=False)
class Subject:
    """A record under check.

    Args:
        registry: every other component, with the kit's own trainer among them.
        entry: the record and its plugin.
    """

    registry: Registry
    entry: Entry

    def __repr__(self) -> str:
        """Name the component, not the whole registry."""
        return f"<{self.label}>"

    @property
    def component(self) -> Component:
        """The record of a component."""
        return cast(Component, self.entry.record)

    @property
    def recipe(self) -> Recipe:
        """The record of a recipe."""
        return cast(Recipe, self.entry.record)

    @property
    def name(self) -> str:
        """The name under which the registry finds it."""
        return registry_name(self.registry, self.entry)

    @property
    def label(self) -> str:
        """Kind and name, for messages."""
        return f"{self.entry.kind} '{self.entry.record.name}'"

    @cached_property
    def target(self) -> type:
        """The class the record points to."""
        return load_class(self.component)

    @cached_property
    def params(self) -> dict[str, Parameter]:
        """Its settings by name."""
        return read_parameters(self.target)

    def takes(self, *names: str) -> bool:
        """Whether its constructor has one of these positional parameters, which the assembler supplies."""
        return any(name in read_dependencies(self.target) for name in names)

    def variants(self, capability: str) -> list[dict[str, Value]]:
        """List the settings under which it provides a capability; none where it never does."""
        found: list[dict[str, Value]] = []
        for provided in self.component.provides:
            if isinstance(provided, When) and provided.capability == capability:
                found += [{provided.setting: value} for value in provided.values]
            elif provided == capability:
                found.append({})
        return found

    @cached_property
    def forms(self) -> list[str]:
        """The forms of data, ``image`` and ``point``, that it can be built for."""
        return [form for form in SHAPES if self._fits(form, conditional=False)]

    @cached_property
    def conditional(self) -> tuple[bool, ...]:
        """False, and True where a conditioning that uses labels fits it."""
        return (False, True) if self.forms and self._fits(self.forms[0], conditional=True) else (False,)

    def build(
        self,
        shape: Shape | None = None,
        *,
        conditional: bool = False,
        settings: Mapping[str, Value] | None = None,
        seed: int = 0,
    ) -> Built:
        """Build the component and a tiny run around it, with the kit's own trainer.

        Args:
            shape: of one sample; None takes a tiny one.
            conditional: with a conditioning that uses labels.
            settings: of the component, by name.
            seed: of the first weights.

        Raises:
            GanzooError: the assembler refuses it.
        """
        form = ("image" if len(shape) == 3 else "point") if shape else self._form()
        section = section_name(cast(Kind, self.entry.kind), self.name)
        own: dict[str, Value] = {f"{section}.{name}": value for name, value in (settings or {}).items()}
        config = change(self.registry, self.config(form, conditional), {**own, "run.seed": seed}, KIT)
        return Built(self, assemble(self.registry, config, dataset=Noise(shape or SHAPES[form])))

    def build_run(self, others: Mapping[str, str] | None = None, *, conditional: bool = False) -> Assembly:
        """Build a tiny run around the component that trains, with the default trainer, on noise.

        Args:
            others: names of further components, by kind.
            conditional: with a conditioning that uses labels.

        Raises:
            GanzooError: the assembler refuses it.
        """
        default = self.registry.qualify("trainer", KIND_SPECS["trainer"].default)
        own = self.name if self.entry.kind == "trainer" else default
        chosen = self._resolve(self._form(), conditional, {"trainer": own, **(others or {})})
        return assemble(self.registry, shrink_config(self.registry, chosen), dataset=Noise(SHAPES[self._form()]))

    def config(self, form: str, conditional: bool) -> Config:
        """Resolve a tiny run around the component.

        Raises:
            DoesNotFit: no other components fit it.
        """
        key = (form, conditional)
        if key not in self._configs:
            self._configs[key] = shrink_config(self.registry, self._resolve(form, conditional))
        return self._configs[key]

    def _form(self) -> str:
        if not self.forms:
            self.config(next(iter(SHAPES)), conditional=False)  # raises, and says why
        return self.forms[0]

    @cached_property
    def _configs(self) -> dict[tuple[str, bool], Config]:
        return {}

    def _resolve(self, form: str, conditional: bool, others: Mapping[str, str] | None = None) -> Config:
        fixed: dict[Kind, tuple[str, ...]] = {"dataset": (self._dataset(form),)}
        fixed |= {cast(Kind, kind): (name,) for kind, name in (others or {}).items()}
        fixed[cast(Kind, self.entry.kind)] = (self.name,)
        if not conditional or self.entry.kind == "conditioning":
            return find_fitting_run(self.registry, fixed)
        for head in self.registry.of_kind("conditioning"):
            if isinstance(head.record, Component) and LABELS in head.record.needs:
                try:
                    return find_fitting_run(
                        self.registry, {**fixed, "conditioning": (registry_name(self.registry, head),)}
                    )
                except GanzooError:
                    continue
        raise DoesNotFit(f"no conditioning that uses labels fits {self.label}")

    def _dataset(self, form: str) -> str:
        for entry in self.registry.of_kind("dataset"):
            if isinstance(entry.record, Component) and form in entry.record.provides:
                return registry_name(self.registry, entry)
        raise DoesNotFit(f"no data set provides '{form}'")

    def _fits(self, form: str, *, conditional: bool) -> bool:
        try:
            self.config(form, conditional)
        except GanzooError:
            return False
        return True


@dataclass(frozen=True)
class Built:
    """A built run, and inputs for its components.

    Args:
        subject: the component under check.
        assembly: the run.
    """

    subject: Subject
    assembly: Assembly

    @property
    def component(self) -> object:
        """The loss, term, augmentation, constraint or trainer under check."""
        kind, name, bench = self.subject.entry.kind, self.subject.name, self.assembly.trainer
        if kind == "constraint":
            return next(c for constraints in self.assembly.constraints.values() for c in constraints)
        if not isinstance(bench, KitTrainer):
            return bench
        many = {"term": bench.terms, "augmentation": bench.augmentations}
        return many[kind][strip_distribution(name)] if kind in many else bench.loss

    @property
    def generator(self) -> nn.Module:
        """The player that makes samples."""
        return self.assembly.trainer.players["generator"]

    @property
    def discriminator(self) -> DiscriminatorWithHead:
        """The player that scores samples."""
        return cast(DiscriminatorWithHead, self.assembly.trainer.players["discriminator"])

    @property
    def network(self) -> nn.Module:
        """The generator, discriminator or conditioning under check."""
        networks = {"discriminator": self.discriminator.trunk, "conditioning": self.discriminator.head}
        return networks.get(self.subject.entry.kind, self.generator)

    def run_network(self, network: nn.Module, *, seed: int = 0) -> Tensor:
        """Return samples of a generator, features of a discriminator, or logits of a conditioning, on fixed inputs."""
        output: Tensor
        if self.subject.entry.kind == "generator":
            output = network(self.latents(seed=seed), self.labels())
        elif self.subject.entry.kind == "discriminator":
            output = network(self.images(seed=seed))
        else:
            features = torch.randn(BATCH, int(cast(Any, self.discriminator.trunk).feature_dim), generator=seeded(seed))
            output = network(features, self.labels()).logits
        return output

    def use_network(self) -> nn.Module:
        """Return the network in evaluation mode, after a forward pass in training that moved running statistics."""
        self.run_network(self.network.train(), seed=7)
        return self.network.eval()

    @property
    def shape(self) -> Shape:
        """Shape of one sample."""
        return self.assembly.dataset.shape

    def latents(self, count: int = BATCH, *, seed: int = 0) -> Tensor:
        """Return standard normal latents ``(count, latent_dim)``."""
        return torch.randn(count, int(cast(Any, self.generator).latent_dim), generator=seeded(seed))

    def images(self, count: int = BATCH, *, seed: int = 0) -> Tensor:
        """Return samples ``(count, *shape)`` uniform in [-1, 1]."""
        return 2 * torch.rand(count, *self.shape, generator=seeded(seed)) - 1

    def labels(self, count: int = BATCH, *, shift: int = 0) -> Tensor:
        """Return the classes in turn, starting at ``shift``; zeros without classes."""
        classes = self.assembly.num_classes
        return (torch.arange(count) + shift) % classes if classes else torch.zeros(count, dtype=torch.int64)

    def context(self, player: str, *, seed: int = 0) -> TermContext:
        """Make the context of a player's term, as the adversarial trainer does."""
        latents, labels = self.latents(), self.labels()
        with torch.set_grad_enabled(player == "generator"):
            fakes = self.generator(latents, labels)
        return TermContext(
            lambda images, labels: self.discriminator(images, labels).logits,
            cast(Any, self.generator), self.images(), lambda: fakes, labels, latents, make_rng(seed),
            self.discriminator.trunk,
        )  # fmt: skip


def make_rng(seed: int = 0, *, total: int = BATCH, start: int = 0, stop: int | None = None) -> BatchRng:
    """Make the random numbers of a batch, or of a slice of it."""
    return BatchRng(seed, total, start, total if stop is None else stop, torch.device("cpu"))


def seeded(seed: int) -> torch.Generator:
    """Make a random number generator on the CPU."""
    return torch.Generator().manual_seed(seed)


CheckFunction: TypeAlias = Callable[[Subject], None]
"""``check_*(subject)`` returns when the rule holds, and raises ``AssertionError`` with the reason when it does not."""
