"""The checks of a term: one weighted scalar of one player."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import product
from typing import cast

import torch
from torch import Tensor, nn

from ganzoo.checks.assertions import assert_close, assert_finite, assert_scalar, changed_modules, copy_parameters
from ganzoo.checks.subject import SHAPES, Built, CheckFunction, Subject
from ganzoo.interfaces.losses import Term

SCALES = (1.0, 4.0)
"""Factors on the player's first weights: a one-sided term may be zero at the first, not at the last."""


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one term."""
    yield from (check_declares, check_scalar, check_moves_its_player, check_touches_nothing, check_input, check_pure)
    if "weight" in subject.params:
        yield check_weight
    if "every" in subject.params:
        yield check_every


def check_declares(subject: Subject) -> None:
    """The attributes player and every name its player, and how many steps lie between two evaluations."""
    built = subject.build()
    players, term = built.assembly.trainer.players, _term(built)
    assert term.player in players, f"player is {term.player!r}, expected one of {', '.join(players)}"
    assert isinstance(term.every, int), f"every is {term.every!r}, not a whole number"
    assert term.every >= 1, f"every is {term.every}, 1 at least"


def check_scalar(subject: Subject) -> None:
    """It is one finite number, with every form of data, with classes and without."""
    for form, conditional, scale in product(subject.forms or [""], subject.conditional, SCALES):
        built = subject.build(SHAPES.get(form), conditional=conditional)
        assert_scalar(_value(_scale(built, scale)), subject.label)


def check_moves_its_player(subject: Subject) -> None:
    """Its gradient reaches the player's parameters, and is finite."""
    reached = 0.0
    for scale in SCALES:
        built = _scale(subject.build(), scale)
        player = _player(built)
        gradients = torch.autograd.grad(_value(built), list(player.parameters()), materialize_grads=True)
        for gradient in gradients:
            assert_finite(gradient, f"the gradient of {subject.label}")
            reached += float(gradient.abs().sum())
    assert reached > 0, f"its gradient does not reach the parameters of its player '{_term(built).player}'"


def check_touches_nothing(subject: Subject) -> None:
    """No parameter, gradient or requires_grad flag of any player changes."""
    built = subject.build()
    players = built.assembly.trainer.players
    before = copy_parameters(players)
    _value(built)
    moved = changed_modules(before, copy_parameters(players))
    assert not moved, f"it changed the parameters of {', '.join(sorted(moved))}"
    for name, parameter in ((n, p) for n, player in players.items() for p in player.parameters()):
        assert parameter.grad is None, f"it left a gradient in the {name}: use torch.autograd.grad, not backward()"
        assert parameter.requires_grad, f"it switched requires_grad off in the {name}: only the engine may"


def check_input(subject: Subject) -> None:
    """The samples, labels and latents of the context stay as they are."""
    built = subject.build()
    term = copy.deepcopy(_term(built))
    context = built.context(term.player)
    given = {"reals": context.real, "labels": context.labels, "latents": context.latents}
    before = {name: tensor.clone() for name, tensor in given.items()}
    term(context)
    edited = [name for name, tensor in given.items() if not torch.equal(tensor, before[name])]
    assert not edited, f"it changed the {' and '.join(edited)} in place"


def check_pure(subject: Subject) -> None:
    """Its random numbers come from context.rng alone."""
    built = subject.build()
    first = _value(built)
    torch.manual_seed(1)
    assert_close(_value(built), first, "values of one context (take random numbers from context.rng)")


def check_weight(subject: Subject) -> None:
    """Twice the weight is twice the value."""
    for scale in SCALES:
        one, two = (_value(_scale(subject.build(settings={"weight": weight}), scale)) for weight in (1.0, 2.0))
        assert_close(two, 2 * one, "values at weight 2 and twice those at weight 1")


def check_every(subject: Subject) -> None:
    """The setting every shows in the attribute; the trainer scales the value, not the term."""
    often, seldom = (subject.build(settings={"every": every}) for every in (1, 4))
    assert _term(seldom).every == 4, f"every was set to 4, but the attribute is {_term(seldom).every}"
    assert_close(_value(seldom), _value(often), "values at every=4 and every=1 (the trainer multiplies)")


def _value(built: Built) -> Tensor:
    """Evaluate a copy, so that a term with buffers starts from their initial values."""
    term = copy.deepcopy(_term(built))
    return term(built.context(term.player))


def _term(built: Built) -> Term:
    return cast(Term, built.component)


def _player(built: Built) -> nn.Module:
    return built.assembly.trainer.players[_term(built).player]


@torch.no_grad()
def _scale(built: Built, scale: float) -> Built:
    for parameter in _player(built).parameters():
        parameter.mul_(scale)
    return built
