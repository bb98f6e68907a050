"""The checks of an adversarial loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor

from ganzoo.checks.assertions import assert_close, assert_finite, assert_scalar
from ganzoo.checks.subject import CheckFunction, Subject
from ganzoo.interfaces.capabilities import HasMidpoint
from ganzoo.interfaces.losses import Loss

HUGE = 1e4
SHAPES = ((8,), (8, 1), (2, 2, 2))


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one loss."""
    yield from (check_any_shape, check_mean, check_finite, check_pure, check_discriminator_direction)
    yield from (check_generator_direction, check_relativistic, check_midpoint)


def check_any_shape(subject: Subject) -> None:
    """Both losses are scalars for logits (B,), (B, 1) and (B, H, W)."""
    loss = _loss(subject)
    for shape in SHAPES:
        for name, value in _losses(loss, *_logits(shape)).items():
            assert_scalar(value, f"{name} for logits of shape {shape}")
    flat, column = (_losses(loss, *_logits(shape)) for shape in SHAPES[:2])
    for name in flat:
        assert_close(flat[name], column[name], f"{name} for logits (8,) and the same as (8, 1)")


def check_mean(subject: Subject) -> None:
    """It averages over the batch: twice the same batch changes nothing."""
    loss, (real, fake) = _loss(subject), _logits((8,))
    twice = _losses(loss, torch.cat([real, real]), torch.cat([fake, fake]))
    for name, value in _losses(loss, real, fake).items():
        assert_close(twice[name], value, f"{name} of a batch and of the batch twice over (take the mean)")


def check_finite(subject: Subject) -> None:
    """Values and gradients stay finite for logits as large as 1e4, of either sign."""
    loss = _loss(subject)
    for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        real, fake = (torch.full((4,), sign * HUGE, requires_grad=True) for sign in signs)
        for name, value in _losses(loss, real, fake).items():
            at = f"{name} at real logits {signs[0] * HUGE:g} and fake logits {signs[1] * HUGE:g}"
            assert_finite(value, at)
            for gradient in torch.autograd.grad(value, (real, fake), allow_unused=True, materialize_grads=True):
                assert_finite(gradient, f"the gradient of {at}")


def check_pure(subject: Subject) -> None:
    """Equal logits give equal values, whatever the global random state; the logits stay as they are."""
    loss, (real, fake) = _loss(subject), _logits((8,))
    first = _losses(loss, real, fake)
    torch.manual_seed(1)
    again = _losses(loss, real, fake)
    for name, value in first.items():
        assert torch.equal(value, again[name]), f"{name} differs between two calls with the same logits"
    assert all(torch.equal(*pair) for pair in zip((real, fake), _logits((8,)), strict=True)), "logits were changed"


def check_discriminator_direction(subject: Subject) -> None:
    """Minimising the discriminator's loss raises real logits and lowers fake ones."""
    loss, (real, fake) = _loss(subject), (torch.full((8,), side, requires_grad=True) for side in (-0.5, 0.5))
    pulls = torch.autograd.grad(loss.discriminator(real, fake), (real, fake), materialize_grads=True)
    up, down = (float(pull.sum()) for pull in pulls)
    assert up < 0, f"the discriminator's loss does not raise the logits of reals (gradient {up:.3g}, expected below 0)"
    assert down > 0, (
        f"the discriminator's loss does not lower the logits of fakes (gradient {down:.3g}, expected above 0)"
    )


def check_generator_direction(subject: Subject) -> None:
    """Minimising the generator's loss raises fake logits."""
    loss, (real, fake) = _loss(subject), (torch.full((8,), side, requires_grad=True) for side in (0.5, -0.5))
    value = loss.generator(fake, real if loss.relativistic else None)
    (pull,) = torch.autograd.grad(value, fake, materialize_grads=True)
    up = float(pull.sum())
    assert up < 0, f"the generator's loss does not raise the logits of fakes (gradient {up:.3g}, expected below 0)"


def check_relativistic(subject: Subject) -> None:
    """The flag relativistic says whether the generator's loss uses the logits of reals; otherwise it gets None."""
    loss, (real, fake) = _loss(subject), _logits((8,))
    assert isinstance(loss.relativistic, bool), "relativistic must be True or False"
    values = [loss.generator(fake, shifted) for shifted in _reals(loss, real)]
    same = torch.equal(values[0], values[1])
    assert not (loss.relativistic and same), "relativistic is True, but the generator's loss ignores the reals"
    assert loss.relativistic or same, "relativistic is False, but the generator's loss uses the reals"


def check_midpoint(subject: Subject) -> None:
    """Equal logits of reals and fakes cost the discriminator least at the midpoint, if there is one."""
    loss = _loss(subject)
    if not isinstance(loss, HasMidpoint):
        return
    midpoint = loss.midpoint
    least, *others = (_cost_of_equal(loss, midpoint + offset) for offset in (0.0, -8.0, -0.5, 0.5, 8.0))
    lowest = min(others)
    assert least <= lowest + 1e-6 * abs(lowest), f"logits at its midpoint, {midpoint:g}, do not cost it least"
    assert least < min(others[0], others[-1]), f"its midpoint is {midpoint:g}, but no logit costs more: drop it"


def _cost_of_equal(loss: Loss, logit: float) -> float:
    logits = torch.full((8,), logit, dtype=torch.float64)
    return float(loss.discriminator(logits, logits))


def _reals(loss: Loss, real: Tensor) -> tuple[Tensor | None, Tensor]:
    return (real if loss.relativistic else None), real + 1.0


def _loss(subject: Subject) -> Loss:
    return cast(Loss, subject.build().component)


def _logits(shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Return the same eight logits of reals, and eight of fakes, in any shape."""
    values = torch.randn(2, 8, generator=torch.Generator().manual_seed(0))
    return values[0].reshape(shape), values[1].reshape(shape)


def _losses(loss: Loss, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    generator = loss.generator(fake, real if loss.relativistic else None)
    return {"the discriminator's loss": loss.discriminator(real, fake), "the generator's loss": generator}
