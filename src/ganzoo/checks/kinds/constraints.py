"""The checks of a constraint on a player's weights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from ganzoo.checks.assertions import assert_close, assert_copies, assert_finite, assert_restores, differ
from ganzoo.checks.subject import Built, CheckFunction, Subject
from ganzoo.interfaces.networks import Constraint
from ganzoo.nn.discriminator import DiscriminatorWithHead


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one constraint."""
    yield from (check_finite, check_learns, check_in_place, check_idempotent, check_copies, check_state)


def check_finite(subject: Subject) -> None:
    """The outputs of a prepared and projected player are finite."""
    for built, name, player in _constrained(subject):
        _constraint(built).project(player)
        assert_finite(_output(player, built), f"the output of the {name}")
        for key, tensor in player.state_dict().items():
            assert_finite(tensor, f"{key} of the {name}")


def check_learns(subject: Subject) -> None:
    """A prepared player still learns: a step of its optimiser and a projection change its output."""
    for built, name, player in _constrained(subject):
        before = _output(player.eval(), built).detach()
        optimizer = torch.optim.SGD(player.parameters(), lr=0.1)
        _output(player.train(), built).square().sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        _constraint(built).project(player)
        after = _output(player.eval(), built)
        assert_finite(after, f"the output of the {name} after a step")
        assert differ(before, after), f"the {name} no longer learns: a step changed nothing"


def check_in_place(subject: Subject) -> None:
    """Projecting keeps the parameters the optimiser holds, and adds none."""
    for built, name, player in _constrained(subject):
        before = [id(p) for p in player.parameters()]
        _constraint(built).project(player)
        assert [id(p) for p in player.parameters()] == before, f"project replaced parameters of the {name}"


def check_idempotent(subject: Subject) -> None:
    """Projecting twice is projecting once."""
    for built, name, player in _constrained(subject):
        states = []
        for _ in range(2):
            _constraint(built).project(player)
            states.append(torch.cat([p.detach().flatten().clone() for p in player.parameters()]))
        assert_close(states[0], states[1], f"parameters of the {name} after one projection and after two")


def check_copies(subject: Subject) -> None:
    """A prepared player can be deep-copied: the moving average starts from a copy."""
    for built, name, player in _constrained(subject):
        assert_copies(player, partial(_output, built=built), f"the {name} under {subject.label}")


def check_state(subject: Subject) -> None:
    """All that decides a prepared player's outputs is in its state_dict."""
    for (built, name, player), (_, _, other) in zip(_constrained(subject), _constrained(subject, seed=1), strict=True):
        _output(player.train(), built)
        assert_restores(player, other, partial(_output, built=built), f"the {name} under {subject.label}")


def _constrained(subject: Subject, *, seed: int = 0) -> Iterator[tuple[Built, str, nn.Module]]:
    """Build every player it constrains, without classes and with them."""
    for conditional in subject.conditional:
        built = subject.build(conditional=conditional, seed=seed)
        assert _constraint(built).players, "players is empty: it constrains nothing"
        for name in _constraint(built).players:
            yield built, name, built.assembly.trainer.players[name]


def _constraint(built: Built) -> Constraint:
    return cast(Constraint, built.component)


def _output(player: nn.Module, built: Built) -> Tensor:
    if isinstance(player, DiscriminatorWithHead):
        logits: Tensor = player(built.images(), built.labels()).logits
        return logits
    samples: Tensor = player(built.latents(), built.labels())
    return samples
