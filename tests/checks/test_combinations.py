"""Every combination that fits trains, and every other is refused by name.

What fits is computed from the records alone, not by ``ganzoo.config.compatibility``; all pairs of components are
covered.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
import torch

from ganzoo.assembly.build import Assembly, assemble, build_engine
from ganzoo.checks.assertions import perturb_weights
from ganzoo.checks.combinations import Row, cover_pairs
from ganzoo.checks.kinds.datasets import open_fixture
from ganzoo.checks.kit_trainer import RECIPE, add_kit_trainer
from ganzoo.checks.recording import assert_valid_phases, record_steps
from ganzoo.checks.resume import resume_differences
from ganzoo.checks.runs import candidates, shrink_config
from ganzoo.config.compatibility import chosen_components, find_missing
from ganzoo.config.layers import Config, Layer
from ganzoo.config.resolution import Request, change, resolve
from ganzoo.errors import DoesNotFit, GanzooError
from ganzoo.interfaces.data import Dataset
from ganzoo.registry.kinds import MANY
from ganzoo.registry.registry import load_class, load_registry
from ganzoo.registry.specs import Component, When

PLAIN = load_registry()
CATALOGUE = add_kit_trainer(PLAIN)
OPTIONAL = ("term", "constraint", "augmentation")
NONE = ""


@cache
def component(kind: str, name: str) -> Component:
    return PLAIN.component(kind, name)


def names(kind: str) -> list[str]:
    return [entry.record.name for entry in PLAIN.of_kind(kind)]


def axes() -> dict[str, list[str]]:
    """Every registered component, none where it is optional, and one data set for each set of capabilities."""
    single = {kind: names(kind) for kind in ("generator", "discriminator", "loss", "conditioning", "trainer")}
    return {**single, **{kind: [NONE, *names(kind)] for kind in OPTIONAL}, "dataset": candidates(PLAIN, "dataset")}


AXES = axes()


@cache
def default(kind: str, name: str, setting: str) -> object:
    return inspect.signature(load_class(component(kind, name))).parameters[setting].default


def chosen(row: Row) -> list[Component]:
    return [component(kind, name) for kind, name in row.items() if name != NONE]


def provided(part: Component, parts: list[Component], *, settled: bool) -> set[str]:
    """Capabilities of a component under what all recommend; all it could have while the row is incomplete."""
    laid = {path: value for each in parts for path, value in each.recommends.items()}
    found = {"labels"} if part.kind == "dataset" and not settles("labels", part) else set()
    for capability in part.provides:
        if isinstance(capability, str):
            found.add(capability)
        elif not settled or setting(part, capability, laid) in capability.values:
            found.add(capability.capability)
    return found


def settles(capability: str, part: Component) -> bool:
    """Whether a setting decides on a capability; else a data set shows its labels when it is opened."""
    return any(isinstance(when, When) and when.capability == capability for when in part.provides)


def opening(row: Row) -> set[str]:
    """Capabilities that the data set of a row shows when it is opened."""
    return set() if settles("labels", component("dataset", row["dataset"])) else {"labels"}


def setting(part: Component, when: When, laid: Mapping[str, object]) -> object:
    return laid.get(f"{part.kind}.{when.setting}", default(part.kind, part.name, when.setting))


def lacks(row: Row) -> set[tuple[str, str]]:
    """Which parts of a complete row need what no other part provides."""
    parts = chosen(row)
    offers = [(part, provided(part, parts, settled=True)) for part in parts]
    return {
        (part.name, need)
        for part in parts
        for need in part.needs
        if not any(need in offer for other, offer in offers if other is not part)
    }


def fits(row: Row) -> bool:
    """Whether a row fits; of an incomplete one, whether it might."""
    if len(row) == len(AXES):
        return not lacks(row)
    parts = chosen(row)
    offered = {capability for part in parts for capability in provided(part, parts, settled=False)}
    for kind in AXES.keys() - row.keys():
        for name in filter(None, AXES[kind]):
            offered |= provided(component(kind, name), parts, settled=False)
    return all(need in offered for part in parts for need in part.needs)


def resolved(row: Row) -> Config:
    parts = {kind: tuple(filter(None, [name])) for kind, name in row.items()}
    nothing = dict.fromkeys(MANY, ())
    return resolve(CATALOGUE, Request(RECIPE, (Layer("command line", nothing | parts),)))


@cache
def data(name: str) -> Dataset:
    row = {"generator": "mlp", "discriminator": "mlp", "loss": "non-saturating", "conditioning": "none"}
    config = resolved({**row, "trainer": "adversarial", "dataset": name})
    return open_fixture(CATALOGUE, shrink_config(CATALOGUE, config))[0]


def built(row: Row) -> Assembly:
    return assemble(CATALOGUE, shrink_config(CATALOGUE, resolved(row)), dataset=data(row["dataset"]))


ROWS = cover_pairs(AXES, fits)


def label(row: Row) -> str:
    return "+".join(filter(None, row.values()))


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_a_fitting_combination_trains_and_each_phase_moves_its_player_alone(row: Row) -> None:
    assert_valid_phases(record_steps(built(row), CATALOGUE))


@pytest.mark.parametrize("row", ROWS[::2], ids=label)
def test_a_trained_combination_resumes_exactly(row: Row, tmp_path: Path) -> None:
    assert resume_differences(lambda: build_engine(built(row), CATALOGUE), tmp_path) == []


LOTS = 1_000
"""Random combinations besides those that cover all pairs; of all there are, hundreds of thousands fit."""


def random_rows() -> Iterator[Row]:
    """Choose fitting combinations at random, each once."""
    choice, seen = random.Random(0), set[tuple[str, ...]]()
    while len(seen) < LOTS:
        row = {kind: choice.choice(values) for kind, values in AXES.items()}
        if fits(row) and tuple(row.values()) not in seen:
            seen.add(tuple(row.values()))
            yield row


@pytest.mark.timeout(1800)
def test_random_fitting_combinations_train() -> None:
    for row in random_rows():
        try:
            assert_valid_phases(record_steps(built(row), CATALOGUE))
        except (AssertionError, GanzooError, RuntimeError) as error:
            raise AssertionError(f"{label(row)}: {error}") from error


def conditional() -> list[Row]:
    """Every generator with every conditioning that uses labels."""
    return [
        next(wanted for row in ROWS if row["generator"] == generator and fits(wanted := {**row, "conditioning": head}))
        for generator in AXES["generator"]
        if "class-conditional" in component("generator", generator).provides
        for head in AXES["conditioning"]
        if "labels" in component("conditioning", head).needs
    ]


@pytest.mark.parametrize("row", conditional(), ids=lambda row: f"{row['generator']}+{row['conditioning']}")
def test_the_class_reaches_the_samples(row: Row) -> None:
    torch.manual_seed(0)
    generator = perturb_weights(built(row).trainer.players["generator"].eval(), scale=0.1)
    latents, labels = torch.randn(3, generator.latent_dim), torch.tensor([0, 1, 1])
    samples, others = generator(latents, labels), generator(latents, 1 - labels)
    assert ((samples - others).flatten(1).abs().amax(1) > 1e-5).all()


def test_every_component_is_in_some_trained_combination() -> None:
    assert {(kind, name) for kind, values in AXES.items() for name in values} == {c for r in ROWS for c in r.items()}


def test_the_assembler_finds_what_the_records_declare() -> None:
    choice = random.Random(0)
    rows = [{kind: choice.choice(values) for kind, values in AXES.items()} for _ in range(120)]
    assert {bool(lacks(row)) for row in rows} == {True, False}
    for row in rows:
        found = find_missing(chosen_components(CATALOGUE, resolved(row), {"dataset": frozenset(opening(row))}))
        assert {(part.component.name, need) for part, need in found} == lacks(row), label(row)


def refusals() -> Iterator[tuple[Row, Component, Component, str, dict[str, object]]]:
    """Every pair of which one needs what only components of the other's kind provide, and the other does not.

    The rest of the row is chosen so that nothing else is wrong.
    """
    for kind, values in AXES.items():
        for needy in (component(kind, name) for name in values if name):
            for need in needy.needs:
                for other, settings in not_providing(need):
                    row = row_of(needy, other)
                    if row is not None:
                        yield row, needy, other, need, settings


def not_providing(need: str) -> Iterator[tuple[Component, dict[str, object]]]:
    """Components of the kinds that can provide a capability but do not, or not under some setting."""
    givers = {kind for kind in AXES for name in filter(None, AXES[kind]) if need in may(component(kind, name))}
    for other in (component(kind, name) for kind in givers for name in filter(None, AXES[kind])):
        if need not in may(other):
            yield other, {}
        for when in (w for w in other.provides if isinstance(w, When) and w.capability == need):
            own = default(other.kind, other.name, when.setting)
            if own not in when.values:
                yield other, {f"{other.kind}.{when.setting}": own}
    if need == "labels":
        yield component("dataset", "sprites"), {"dataset.label": "none"}


def may(part: Component) -> set[str]:
    return provided(part, [part], settled=False) - {"labels"}


def row_of(needy: Component, other: Component) -> Row | None:
    """The first complete row of two components in which only the first may lack something."""
    for candidate in ROWS:
        row = {**candidate, needy.kind: needy.name, other.kind: other.name}
        if {name for name, _ in lacks(row)} <= {needy.name}:
            return row
    return None


REFUSALS = list(refusals())


@pytest.mark.parametrize(
    ("row", "needy", "other", "need", "settings"),
    REFUSALS,
    ids=[f"{needy.name}+{other.name}-{need}" for _, needy, other, need, _ in REFUSALS],
)
def test_a_refusal_names_both_components_and_the_missing_capability(
    row: Row, needy: Component, other: Component, need: str, settings: dict[str, object]
) -> None:
    config = change(CATALOGUE, resolved(row), settings, "command line")
    with pytest.raises(DoesNotFit) as refused:
        assemble(CATALOGUE, config)
    for word in (f"{needy.kind} '{needy.name}'", f"{other.kind} '{other.name}'", f"'{need}'"):
        assert word in str(refused.value)


def test_every_need_is_refused_somewhere() -> None:
    parts = {kind: [component(kind, name) for name in filter(None, values)] for kind, values in AXES.items()}
    needs = {(kind, part.name, need) for kind, listed in parts.items() for part in listed for need in part.needs}
    assert {(needy.kind, needy.name, need) for _, needy, _, need, _ in REFUSALS} == needs
