"""The checks of a differentiable augmentation."""

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
    yield from (check_shape, check_differentiable, check_rng, check_split, check_input)


def check_shape(subject: Subject) -> None:
    """Shape (unless it packs) and type stay as they are, values stay finite and near [-1, 1]."""
    for form in subject.forms or [""]:
        built = _build(subject, SHAPES.get(form))
        for seed in SEEDS:
            seen = _apply(built, built.images(), seed)
            assert_shape(seen, _expected_shape(built), "augmented images")
            assert seen.dtype == torch.float32, f"augmented images are {seen.dtype}, not float32"
            assert_finite(seen, "an augmented image")
            assert float(seen.abs().max()) < 100, "augmented images reach beyond 100: they were in [-1, 1]"


def check_differentiable(subject: Subject) -> None:
    """The generator learns through it: the gradient of the images is finite and not zero."""
    built, reached = _build(subject), 0.0
    for seed in SEEDS:
        images = built.images().requires_grad_()
        (gradient,) = torch.autograd.grad(_apply(built, images, seed).sum(), images, materialize_grads=True)
        assert_finite(gradient, "the gradient of the images")
        reached += float(gradient.abs().sum())
    assert reached > 0, "no gradient passes through: the generator would learn nothing"


def check_rng(subject: Subject) -> None:
    """Its random numbers come from rng alone: equal rng, equal images."""
    built = _build(subject)
    first = _apply(built, built.images(), 0)
    torch.manual_seed(1)
    assert torch.equal(_apply(built, built.images(), 0), first), (
        "equal rng gave different images: take random numbers from rng only"
    )


def check_split(subject: Subject) -> None:
    """A batch in two halves is augmented like the whole batch: each sample has its own random numbers."""
    built = _build(subject)
    images, half = built.images(), BATCH // 2
    augment = cast(Augmentation, built.component)
    halves = [augment(images[i : i + half], make_rng(0, start=i, stop=i + half)) for i in (0, half)]
    assert_close(torch.cat(halves), _apply(built, images, 0), "a batch in two halves and whole")


def check_input(subject: Subject) -> None:
    """The images passed to it stay as they are."""
    built = _build(subject)
    images = built.images()
    _apply(built, images, 0)
    assert torch.equal(images, built.images()), "it changed the images in place"


def _build(subject: Subject, shape: Shape | None = None) -> Built:
    """Build it with probability 1, where it has that setting."""
    return subject.build(shape, settings={"probability": 1.0} if "probability" in subject.params else None)


def _expected_shape(built: Built) -> Shape:
    """Return the shape of a batch after it: a pack is several samples."""
    if not packs(built.component):
        return (BATCH, *built.shape)
    return (BATCH // pack_size([built.component], built.shape), *built.component.output_shape(built.shape))


def _apply(built: Built, images: Tensor, seed: int) -> Tensor:
    return cast(Augmentation, built.component)(images, make_rng(seed))
