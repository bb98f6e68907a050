"""The checks of a trainer: players and phases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch
from torch import nn

from ganzoo.assembly.build import build_engine
from ganzoo.checks.recording import assert_valid_phases, record_steps
from ganzoo.checks.runs import registry_name
from ganzoo.checks.subject import SHAPES, CheckFunction, Skip, Subject
from ganzoo.errors import GanzooError
from ganzoo.interfaces.training import Trainer
from ganzoo.registry.registry import load_class, strip_distribution
from ganzoo.registry.specs import Component


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one trainer."""
    yield from (check_players, check_has_no_state, check_phases, check_losses_pure, check_phases_move_their_player)
    if subject.takes("terms"):
        yield check_carries_terms
    if subject.takes("loss"):
        yield check_passes_reals


def check_players(subject: Subject) -> None:
    """The class attribute roles names the players; averaged names some of them."""
    roles = getattr(subject.target, "roles", None)
    assert roles is not None, "the class has no attribute roles: names of its players"
    trainer = _trainer(subject)
    assert set(trainer.players) == set(roles), f"players are {sorted(trainer.players)}, but roles {sorted(roles)}"
    strange = set(trainer.averaged) - set(trainer.players)
    assert not strange, f"averaged names {', '.join(sorted(strange))}, which is no player"


def check_phases(subject: Subject) -> None:
    """Phases have distinct names and existing players, begin with a new batch, and move every player."""
    trainer = _trainer(subject)
    phases = trainer.phases()
    assert phases, "there are no phases"
    first = phases[0]
    assert first.new_batch, f"the first phase, '{first.name}', must take a new batch"
    assert first.every == 1, f"the first phase, '{first.name}', must be due at every step"
    names = [phase.name for phase in phases]
    assert len(set(names)) == len(names), f"two phases share a name: {', '.join(names)}"
    for phase in phases:
        assert phase.player in trainer.players, f"phase '{phase.name}' moves '{phase.player}', which is no player"
        assert min(phase.every, phase.repeat) >= 1, f"phase '{phase.name}' has every or repeat below 1"
    idle = set(trainer.players) - {phase.player for phase in phases}
    assert not idle, f"no phase moves the {' and the '.join(sorted(idle))}"


def check_has_no_state(subject: Subject) -> None:
    """It holds no tensors but its players': they would be neither saved nor trained nor moved to the device."""
    trainer = _trainer(subject)
    assert not isinstance(trainer, nn.Module), "it is an nn.Module: put its tensors into a player, or into a component"
    loose = [name for name, value in vars(trainer).items() if isinstance(value, torch.Tensor)]
    assert not loose, f"it holds the tensor '{loose[0]}': put it into a player, or into a component"


def check_carries_terms(subject: Subject) -> None:
    """It takes terms, so a term of each player is among the losses of its phases, under its name."""
    carried = 0
    for entry in subject.registry.of_kind("term"):
        name = registry_name(subject.registry, entry)
        try:
            assembly = subject.build_run({"term": name})
        except GanzooError:  # the term is of another player, or needs what the run does not provide
            continue
        losses = {loss for record in record_steps(assembly, subject.registry) for loss in record.losses}
        assert strip_distribution(name) in losses, f"term '{name}' is not among its losses, {', '.join(sorted(losses))}"
        carried += 1
    if not carried:
        raise Skip("no term fits it")


def check_passes_reals(subject: Subject) -> None:
    """It takes the loss, so it passes the logits of reals to the generator's loss where that is relativistic."""
    for entry in subject.registry.of_kind("loss"):
        if isinstance(entry.record, Component) and getattr(load_class(entry.record), "relativistic", False):
            assembly = subject.build_run({"loss": registry_name(subject.registry, entry)})
            assert_valid_phases(record_steps(assembly, subject.registry))
            return
    raise Skip("no relativistic loss is installed")


def check_losses_pure(subject: Subject) -> None:
    """Losses of one batch and one rng are the same twice, whatever the global random state."""
    assembly = subject.build().assembly
    engine = build_engine(assembly, subject.registry)
    for phase in engine.phases:
        first = engine.losses(phase)
        torch.manual_seed(1)
        again = engine.losses(phase)
        assert first.keys() == again.keys(), f"phase '{phase.name}' has other losses the second time"
        for name, loss in first.items():
            assert torch.equal(loss, again[name]), f"loss '{name}' of phase '{phase.name}' differs the second time"


def check_phases_move_their_player(subject: Subject) -> None:
    """Each phase moves its player alone, with classes and without, on every form of data it takes."""
    for form in subject.forms or [""]:
        for conditional in subject.conditional:
            built = subject.build(SHAPES.get(form), conditional=conditional)
            assert_valid_phases(record_steps(built.assembly, subject.registry, steps=2))


def _trainer(subject: Subject) -> Trainer:
    return cast(Trainer, subject.build().component)
