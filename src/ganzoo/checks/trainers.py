"""What a trainer, players and phases, must do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch

from ganzoo.assembly.build import engine_of
from ganzoo.checks.subject import SHAPES, Subject
from ganzoo.checks.types import CheckFunction
from ganzoo.checks.watch import assert_orderly, watched_steps
from ganzoo.protocols import Trainer


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one trainer."""
    yield from (check_players, check_phases, check_terms_pure, check_phases_move_their_player)


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
    assert first.fresh, f"the first phase, '{first.name}', must take a fresh batch"
    assert first.every == 1, f"the first phase, '{first.name}', must be due at every step"
    names = [phase.name for phase in phases]
    assert len(set(names)) == len(names), f"two phases share a name: {', '.join(names)}"
    for phase in phases:
        assert phase.player in trainer.players, f"phase '{phase.name}' moves '{phase.player}', which is no player"
        assert min(phase.every, phase.repeat) >= 1, f"phase '{phase.name}' has every or repeat below 1"
    idle = set(trainer.players) - {phase.player for phase in phases}
    assert not idle, f"no phase moves the {' and the '.join(sorted(idle))}"


def check_terms_pure(subject: Subject) -> None:
    """Terms of one batch and one draw are the same twice, whatever the global random state."""
    assembly = subject.build().assembly
    engine = engine_of(assembly, subject.registry)
    for phase in engine.phases:
        first = engine.terms(phase)
        torch.manual_seed(1)
        again = engine.terms(phase)
        assert first.keys() == again.keys(), f"phase '{phase.name}' gives other terms the second time"
        for name, term in first.items():
            assert torch.equal(term, again[name]), f"term '{name}' of phase '{phase.name}' differs the second time"


def check_phases_move_their_player(subject: Subject) -> None:
    """Each phase moves its player and nobody else, with classes and without, on every form of data it takes."""
    for form in subject.forms or [""]:
        for conditional in subject.conditional:
            built = subject.build(SHAPES.get(form), conditional=conditional)
            assert_orderly(watched_steps(built.assembly, subject.registry, steps=2))


def _trainer(subject: Subject) -> Trainer:
    return cast(Trainer, subject.build().part)
