"""The checks of a conditioning: the discriminator's last layer, its losses, and the generator's normalisation."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import cast

import torch
from torch import Tensor, nn

from ganzoo.checks.assertions import (
    assert_close,
    assert_finite,
    assert_gradients,
    assert_scalar,
    assert_shape,
    differ,
    perturb_weights,
)
from ganzoo.checks.kinds.networks import check_copies, check_state
from ganzoo.checks.runs import LABELS
from ganzoo.checks.subject import BATCH, Built, CheckFunction, Subject, seeded
from ganzoo.interfaces.networks import Conditioning, DiscriminatorOutput

PLACES = ((), (3, 3))
"""Trailing shape of the features of an ordinary discriminator, and of one that scores patches."""

CHANNELS = 6


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one conditioning."""
    yield from (check_output, check_losses, check_per_sample, check_gradients, check_norm, check_copies, check_state)
    yield check_labels_matter if LABELS in subject.component.needs else check_labels_ignored


def check_output(subject: Subject) -> None:
    """Logits are (B, ...), finite, for features (B, F) and (B, F, H, W)."""
    built = subject.build()
    for places in PLACES:
        output = built.discriminator.head(_features(built, places), built.labels())
        assert isinstance(output, DiscriminatorOutput), (
            f"it returns a {type(output).__name__}, not a DiscriminatorOutput"
        )
        assert output.logits.shape[0] == BATCH, f"logits are {tuple(output.logits.shape)}, not (B, ...)"
        for name, tensor in {"logits": output.logits, **output.extras}.items():
            assert_finite(tensor, name)


def check_losses(subject: Subject) -> None:
    """Its own losses are finite scalars, none of them named like the adversarial loss."""
    built = subject.build()
    for places in PLACES:
        for player, losses in _losses(built.discriminator.head, built, places).items():
            assert "loss" not in losses, f"a {player}'s loss is called 'loss', which is the adversarial loss"
            for name, loss in losses.items():
                assert_scalar(loss, f"the {player}'s loss '{name}'")


def check_per_sample(subject: Subject) -> None:
    """A sample's logits do not depend on what else is in the batch: gradient penalties need it."""
    built = subject.build()
    some, others = _features(built, ()), _features(built, (), seed=1)
    mixed = torch.cat([some[:2], others[2:]])
    one, other = (_score(copy.deepcopy(built.discriminator.head), f, built.labels()).logits[:2] for f in (some, mixed))
    assert_close(one, other, "logits in another batch")


def check_gradients(subject: Subject) -> None:
    """Every parameter, and the features, get a finite gradient from the logits and losses together."""
    built = subject.build()
    features = _features(built, ()).requires_grad_()
    logits = _score(built.discriminator.head, features, built.labels()).logits
    losses = [t for half in _losses(built.discriminator.head, built, ()).values() for t in half.values()]
    torch.stack([logits.sum(), *losses]).sum().backward()  # type: ignore[no-untyped-call]
    assert_gradients(built.discriminator.head, subject.label)
    assert features.grad is not None, "the features get no gradient"
    assert_finite(features.grad, "the gradient of the features")


def check_norm(subject: Subject) -> None:
    """norm(num_features, num_classes) makes a module that keeps the shape of x and can be copied."""
    built = subject.build()
    norm = cast(Conditioning, built.discriminator.head).norm(CHANNELS, built.assembly.num_classes)
    x = torch.randn(BATCH, CHANNELS, 4, 4, generator=seeded(0))
    normal = copy.deepcopy(norm)(x, built.labels())
    assert_shape(normal, tuple(x.shape), "what the norm returns")
    assert_finite(normal, "what the norm returns")


def check_labels_matter(subject: Subject) -> None:
    """Where it needs labels: they change the logits or the losses."""
    built = subject.build()
    head = perturb_weights(built.discriminator.head).eval()
    assert differ(_outputs(head, built, 0), _outputs(head, built, 1)), "it needs labels, but nothing depends on them"


def check_labels_ignored(subject: Subject) -> None:
    """Where it does not need labels: nothing depends on them."""
    built = subject.build()
    features = _features(built, ())
    one, other = (
        _score(built.discriminator.head.eval(), features, torch.full((BATCH,), label)).logits for label in (0, 1)
    )
    assert not differ(one, other), "the logits depend on the labels: declare needs=('labels',)"


def _outputs(head: nn.Module, built: Built, shift: int) -> Tensor:
    """Return logits and losses as one vector."""
    logits = _score(head, _features(built, ()), built.labels(shift=shift)).logits.flatten()
    losses = [t.reshape(1) for half in _losses(head, built, (), shift).values() for t in half.values()]
    return torch.cat([logits, *losses])


def _losses(head: nn.Module, built: Built, places: tuple[int, ...], shift: int = 0) -> Mapping[str, dict[str, Tensor]]:
    labels = built.labels(shift=shift)
    real, fake = (_score(head, _features(built, places, seed=seed), labels) for seed in (0, 1))
    conditioning = cast(Conditioning, head)
    return {
        "discriminator": conditioning.discriminator_losses(real, fake, labels),
        "generator": conditioning.generator_losses(fake, labels),
    }


def _features(built: Built, places: tuple[int, ...], *, seed: int = 0) -> Tensor:
    return torch.randn(BATCH, cast(int, built.discriminator.trunk.feature_dim), *places, generator=seeded(seed))


def _score(head: nn.Module, features: Tensor, labels: Tensor) -> DiscriminatorOutput:
    output: DiscriminatorOutput = head(features, labels)
    return output
