"""The checks of a discriminator, which ends in features: the conditioning is its last layer."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor, nn

from ganzoo.checks.assertions import (
    assert_close,
    assert_finite,
    assert_gradients,
)
from ganzoo.checks.kinds.networks import SIZES, check_copies, check_state
from ganzoo.checks.subject import BATCH, SHAPES, Built, CheckFunction, Subject

PER_SAMPLE = "per-sample"
"""The capability that gradient penalties need."""


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one discriminator; a capability that is off under all settings is not checked."""
    yield check_features
    if "image" in subject.forms:
        yield check_every_size
    yield from (check_gradients, check_images_matter, check_copies, check_state)
    if subject.variants(PER_SAMPLE):
        yield from (check_per_sample, check_double_backward)


def check_features(subject: Subject) -> None:
    """Features are (B, F, ...) with F the attribute feature_dim, for every form of data it takes."""
    for form in subject.forms or [""]:
        _assert_features(subject.build(SHAPES.get(form)))


def check_every_size(subject: Subject) -> None:
    """Any image size base * 2^k with base 3 to 7, any number of channels."""
    for shape in SIZES:
        _assert_features(subject.build(shape))


def check_gradients(subject: Subject) -> None:
    """Every parameter gets a finite gradient."""
    built = subject.build()
    _weighted_sum(built.discriminator.trunk.train()(built.images())).backward()  # type: ignore[no-untyped-call]
    assert_gradients(built.discriminator.trunk, subject.label)


def check_images_matter(subject: Subject) -> None:
    """Every image gets a finite gradient that is not zero: the generator learns through it."""
    built = subject.build()
    images = built.images().requires_grad_()
    (gradient,) = torch.autograd.grad(_weighted_sum(built.discriminator.trunk.train()(images)), images)
    assert_finite(gradient, "the gradient of the images")
    assert bool(gradient.flatten(1).abs().sum(1).gt(0).all()), "an image has no gradient: the features ignore it"


def check_per_sample(subject: Subject) -> None:
    """Where it provides per-sample: in training too, features do not depend on what else is in the batch."""
    for settings in subject.variants(PER_SAMPLE):
        for form in subject.forms:
            built = subject.build(SHAPES[form], settings=settings)
            kept, some, others = built.images(2), built.images(2, seed=1), built.images(2, seed=2)
            one, other = (
                _run_in_training(built.discriminator.trunk, torch.cat([kept, rest]))[:2] for rest in (some, others)
            )
            assert_close(one, other, f"per-sample is claimed{_under(settings)}, but features in another batch")


def check_double_backward(subject: Subject) -> None:
    """Where it provides per-sample: the gradient of a gradient norm is finite."""
    for settings in subject.variants(PER_SAMPLE):
        built = subject.build(settings=settings)
        images = built.images().requires_grad_()
        (slope,) = torch.autograd.grad(
            _weighted_sum(built.discriminator.trunk.train()(images)), images, create_graph=True
        )
        slope.square().sum().backward()  # type: ignore[no-untyped-call]
        gradients = [p.grad for p in built.discriminator.trunk.parameters() if p.grad is not None]
        assert gradients, f"per-sample is claimed{_under(settings)}, but a gradient penalty moves no parameter"
        for gradient in gradients:
            assert_finite(gradient, f"the gradient of a gradient penalty{_under(settings)}")


def _assert_features(built: Built) -> None:
    trunk = built.discriminator.trunk
    features = trunk(built.images())
    assert isinstance(features, Tensor), f"features are a {type(features).__name__}, not a tensor"
    shape, head = tuple(features.shape), (BATCH, cast(int, trunk.feature_dim))
    assert shape[:2] == head, f"features are {shape}; (B, F, ...) starts with {head}, F being feature_dim"
    assert features.dtype == torch.float32, f"features are {features.dtype}, not float32"
    assert_finite(features, "a feature")


def _weighted_sum(features: Tensor) -> Tensor:
    """Sum the features with a different weight each."""
    weights = torch.linspace(-1.0, 1.3, features[0].numel()).view(features.shape[1:])
    return (features * weights).sum()


def _run_in_training(trunk: nn.Module, images: Tensor) -> Tensor:
    """Compute features in training mode by a copy, since running statistics change."""
    torch.manual_seed(0)
    features: Tensor = copy.deepcopy(trunk).train()(images)
    return features


def _under(settings: object) -> str:
    return f" under {settings}" if settings else ""
