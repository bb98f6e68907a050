"""What a differentiable augmentation must do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor

from ganzoo.checks.assertions import assert_close, assert_finite, assert_shape
from ganzoo.checks.subject import BATCH, SHAPES, Built, CheckFunction, Subject, make_rng
from ganzoo.interfaces.capabilities import pack_size, packs
from ganzoo.interfaces.networks import Augmentation
from ganzoo.registry.specs import Shape

SEEDS = range(4)


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one augmentation."""
    yield from (check_shape, check_differentiable, check_draw, check_split, check_input)


def check_shape(subject: Subject) -> None:
    """Shape (unless it packs) and type stay as they are, values stay finite and within reach of [-1, 1]."""
    for form in subject.forms or [""]:
        built = _at_work(subject, SHAPES.get(form))
        for seed in SEEDS:
            seen = _seen(built, built.images(), seed)
            assert_shape(seen, _promised(built), "augmented images")
            assert seen.dtype == torch.float32, f"augmented images are {seen.dtype}, not float32"
            assert_finite(seen, "an augmented image")
            assert float(seen.abs().max()) < 100, "augmented images reach beyond 100: they were in [-1, 1]"


def check_differentiable(subject: Subject) -> None:
    """The generator learns through it: the gradient of the images is finite and not zero."""
    built, reached = _at_work(subject), 0.0
    for seed in SEEDS:
        images = built.images().requires_grad_()
        (gradient,) = torch.autograd.grad(_seen(built, images, seed).sum(), images, materialize_grads=True)
        assert_finite(gradient, "the gradient of the images")
        reached += float(gradient.abs().sum())
    assert reached > 0, "no gradient passes through: the generator would learn nothing"


def check_draw(subject: Subject) -> None:
    """Its randomness comes from the draw alone: equal draws, equal images."""
    built = _at_work(subject)
    first = _seen(built, built.images(), 0)
    torch.manual_seed(1)
    assert torch.equal(_seen(built, built.images(), 0), first), "equal draws gave different images: use the draw only"


def check_split(subject: Subject) -> None:
    """A batch in two halves is augmented as it would be whole: each sample has its own random numbers."""
    built = _at_work(subject)
    images, half = built.images(), BATCH // 2
    augment = cast(Augmentation, built.part)
    parts = [augment(images[i : i + half], make_rng(0, start=i, stop=i + half)) for i in (0, half)]
    assert_close(torch.cat(parts), _seen(built, images, 0), "a batch in two halves and whole")


def check_input(subject: Subject) -> None:
    """The images it was given stay as they are."""
    built = _at_work(subject)
    images = built.images()
    _seen(built, images, 0)
    assert torch.equal(images, built.images()), "it changed the images in place"


def _at_work(subject: Subject, shape: Shape | None = None) -> Built:
    """Build it so that it always acts, if it is one that acts by chance."""
    return subject.build(shape, settings={"probability": 1.0} if "probability" in subject.params else None)


def _promised(built: Built) -> Shape:
    """The shape of a batch behind it: packs take several samples each."""
    if not packs(built.part):
        return (BATCH, *built.shape)
    return (BATCH // pack_size([built.part], built.shape), *built.part.output_shape(built.shape))


def _seen(built: Built, images: Tensor, seed: int) -> Tensor:
    return cast(Augmentation, built.part)(images, make_rng(seed))
