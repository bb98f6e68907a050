"""What a trainer, players and phases, must do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch
from torch import nn

from ganzoo.assembly.build import build_engine
from ganzoo.checks.recording import assert_orderly, record_steps
from ganzoo.checks.runs import registry_name
from ganzoo.checks.subject import SHAPES, CheckFunction, Skip, Subject
from ganzoo.errors import GanzooError
from ganzoo.interfaces.training import Trainer
from ganzoo.registry.registry import load_class, strip_distribution
from ganzoo.registry.specs import Component


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one trainer."""
    yield from (check_players, check_has_no_state, check_phases, check_terms_pure, check_phases_move_their_player)
    if subject.takes("terms"):
        yield check_carries_terms
    if subject.takes("loss"):
        yield check_shows_reals


def check_players(subject: Subject) -> None:
    """The class attribute roles names the players; averaged names some of them."""
    roles = getattr(subject.target, "roles", None)
    assert roles is not None, "the class has no attribute roles: names of its players"
    trainer = _trainer(subject)
    assert set(trainer.players) == set(roles), f"players are {sorted(trainer.players)}, but roles {sorted(roles)}"
    strange = set(trainer.averaged) - set(trainer.players)
    assert not strange, f"averaged names {', '.join(sorted(strange))}, which is no player"


def check_phases(subject: Subject) -> None:
    """Phases have names of their own and real players, take a fresh batch first, and leave nobody out."""
    trainer = _trainer(subject)
    phases = trainer.phases()
    assert phases, "there are no phases"
    first = phases[0]
    assert first.new_batch, f"the first phase, '{first.name}', must take a fresh batch"
    assert first.every == 1, f"the first phase, '{first.name}', must be due at every step"
    names = [phase.name for phase in phases]
    assert len(set(names)) == len(names), f"two phases share a name: {', '.join(names)}"
    for phase in phases:
        assert phase.player in trainer.players, f"phase '{phase.name}' moves '{phase.player}', which is no player"
        assert min(phase.every, phase.repeat) >= 1, f"phase '{phase.name}' has every or repeat below 1"
    idle = set(trainer.players) - {phase.player for phase in phases}
    assert not idle, f"no phase moves the {' and the '.join(sorted(idle))}"


def check_has_no_state(subject: Subject) -> None:
    """It holds no tensors beside its players': they would be neither saved nor trained nor brought to the device."""
    trainer = _trainer(subject)
    assert not isinstance(trainer, nn.Module), "it is an nn.Module: put what moves into a player, or into a part"
    loose = [name for name, value in vars(trainer).items() if isinstance(value, torch.Tensor)]
    assert not loose, f"it holds the tensor '{loose[0]}': put it into a player, or into a part"


def check_carries_terms(subject: Subject) -> None:
    """It asks for terms, so a term of each player is among the terms of its phases, under its name."""
    carried = 0
    for entry in subject.registry.of_kind("term"):
        name = registry_name(subject.registry, entry)
        try:
            assembly = subject.game({"term": name})
        except GanzooError:  # of a player it does not have, or in need of what its parts do not provide
            continue
        told = {term for moment in record_steps(assembly, subject.registry) for term in moment.losses}
        assert strip_distribution(name) in told, f"term '{name}' is not among its terms, {', '.join(sorted(told))}"
        carried += 1
    if not carried:
        raise Skip("no term fits beside it")


def check_shows_reals(subject: Subject) -> None:
    """It asks for the loss, so it shows the generator's half the logits of reals where that is relativistic."""
    for entry in subject.registry.of_kind("loss"):
        if isinstance(entry.record, Component) and getattr(load_class(entry.record), "relativistic", False):
            assembly = subject.game({"loss": registry_name(subject.registry, entry)})
            assert_orderly(record_steps(assembly, subject.registry))
            return
    raise Skip("no relativistic loss is installed")


def check_terms_pure(subject: Subject) -> None:
    """Terms of one batch and one draw are the same twice, whatever the global random state."""
    assembly = subject.build().assembly
    engine = build_engine(assembly, subject.registry)
    for phase in engine.phases:
        first = engine.losses(phase)
        torch.manual_seed(1)
        again = engine.losses(phase)
        assert first.keys() == again.keys(), f"phase '{phase.name}' gives other terms the second time"
        for name, term in first.items():
            assert torch.equal(term, again[name]), f"term '{name}' of phase '{phase.name}' differs the second time"


def check_phases_move_their_player(subject: Subject) -> None:
    """Each phase moves its player and nobody else, with classes and without, on every form of data it takes."""
    for form in subject.forms or [""]:
        for conditional in subject.conditional:
            built = subject.build(SHAPES.get(form), conditional=conditional)
            assert_orderly(record_steps(built.assembly, subject.registry, steps=2))


def _trainer(subject: Subject) -> Trainer:
    return cast(Trainer, subject.build().part)
