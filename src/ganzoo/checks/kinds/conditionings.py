"""What a conditioning must do: the discriminator's last layer, its terms, and the generator's normalisation."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import cast

import torch
from torch import Tensor, nn

from ganzoo.checks.assertions import (
    assert_close,
    assert_copies,
    assert_finite,
    assert_gradients,
    assert_restores,
    assert_scalar,
    assert_shape,
    moves_outputs,
    perturb_weights,
)
from ganzoo.checks.runs import LABELS
from ganzoo.checks.subject import BATCH, Built, CheckFunction, Subject, seeded
from ganzoo.interfaces.networks import Conditioning, DiscriminatorOutput

PLACES = ((), (3, 3))
"""Features of an ordinary discriminator, and of one that classifiers patches."""

CHANNELS = 6


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one conditioning."""
    yield from (check_verdict, check_terms, check_per_sample, check_gradients, check_norm, check_copies, check_state)
    yield check_labels_matter if LABELS in subject.component.needs else check_labels_ignored


def check_verdict(subject: Subject) -> None:
    """Logits are (B, ...), finite, for features (B, F) and (B, F, H, W)."""
    built = subject.build()
    for places in PLACES:
        output = built.discriminator.head(_features(built, places), built.labels())
        assert isinstance(output, DiscriminatorOutput), f"it returns a {type(output).__name__}, not a Verdict"
        assert output.logits.shape[0] == BATCH, f"logits are {tuple(output.logits.shape)}, not (B, ...)"
        for name, tensor in {"logits": output.logits, **output.extras}.items():
            assert_finite(tensor, name)


def check_terms(subject: Subject) -> None:
    """Its own terms are named finite scalars, and no name is that of the adversarial loss."""
    built = subject.build()
    for places in PLACES:
        for player, terms in _terms(built.discriminator.head, built, places).items():
            assert "loss" not in terms, f"a {player}'s term is called 'loss', which is the adversarial loss"
            for name, term in terms.items():
                assert_scalar(term, f"the {player}'s term '{name}'")


def check_per_sample(subject: Subject) -> None:
    """A sample's logits do not depend on what else is in the batch: terms on the discriminator's slope need it."""
    built = subject.build()
    some, others = _features(built, ()), _features(built, (), seed=1)
    mixed = torch.cat([some[:2], others[2:]])
    one, other = (_score(copy.deepcopy(built.discriminator.head), f, built.labels()).logits[:2] for f in (some, mixed))
    assert_close(one, other, "logits with other batch mates")


def check_gradients(subject: Subject) -> None:
    """Every parameter, and the features, get a finite gradient from the logits and terms together."""
    built = subject.build()
    features = _features(built, ()).requires_grad_()
    logits = _score(built.discriminator.head, features, built.labels()).logits
    terms = [t for half in _terms(built.discriminator.head, built, ()).values() for t in half.values()]
    torch.stack([logits.sum(), *terms]).sum().backward()  # type: ignore[no-untyped-call]
    assert_gradients(built.discriminator.head, subject.label)
    assert features.grad is not None, "the features get no gradient"
    assert_finite(features.grad, "the gradient of the features")


def check_norm(subject: Subject) -> None:
    """Norm(num_features, num_classes) makes a module that keeps the shape of (x, labels) and can be copied."""
    built = subject.build()
    norm, x = _norm(built), _maps()
    normal = copy.deepcopy(norm)(x, built.labels())
    assert_shape(normal, tuple(x.shape), "what the norm returns")
    assert_finite(normal, "what the norm returns")


def check_copies(subject: Subject) -> None:
    """A deep copy classifiers alike."""
    built = subject.build()
    assert_copies(built.discriminator.head, lambda head: _logits(head, built), subject.label)


def check_state(subject: Subject) -> None:
    """All that decides the logits is in the state_dict."""
    built, fresh = (subject.build(seed=seed) for seed in (0, 1))
    _logits(built.discriminator.head.train(), built)
    assert_restores(
        built.discriminator.head, fresh.discriminator.head, lambda head: _logits(head, built), subject.label
    )


def check_labels_matter(subject: Subject) -> None:
    """Where it needs labels: they change the logits or the terms."""
    built = subject.build()
    head = perturb_weights(built.discriminator.head).eval()
    assert moves_outputs(_seen(head, built, 0), _seen(head, built, 1)), "it needs labels, but nothing depends on them"


def check_labels_ignored(subject: Subject) -> None:
    """Where it does not need labels: nothing depends on them."""
    built = subject.build()
    features = _features(built, ())
    one, other = (
        _score(built.discriminator.head.eval(), features, torch.full((BATCH,), label)).logits for label in (0, 1)
    )
    assert not moves_outputs(one, other), "the logits depend on the labels: declare needs=('labels',)"


def _seen(head: nn.Module, built: Built, shift: int) -> Tensor:
    """Logits and terms as one vector."""
    logits = _score(head, _features(built, ()), built.labels(shift=shift)).logits.flatten()
    terms = [t.reshape(1) for half in _terms(head, built, (), shift).values() for t in half.values()]
    return torch.cat([logits, *terms])


def _terms(head: nn.Module, built: Built, places: tuple[int, ...], shift: int = 0) -> Mapping[str, dict[str, Tensor]]:
    labels = built.labels(shift=shift)
    real, fake = (_score(head, _features(built, places, seed=seed), labels) for seed in (0, 1))
    spoken = cast(Conditioning, head)
    return {
        "discriminator": spoken.discriminator_losses(real, fake, labels),
        "generator": spoken.generator_losses(fake, labels),
    }


def _features(built: Built, places: tuple[int, ...], *, seed: int = 0) -> Tensor:
    return torch.randn(BATCH, cast(int, built.discriminator.trunk.feature_dim), *places, generator=seeded(seed))


def _score(head: nn.Module, features: Tensor, labels: Tensor) -> DiscriminatorOutput:
    output: DiscriminatorOutput = head(features, labels)
    return output


def _logits(head: nn.Module, built: Built) -> Tensor:
    return _score(head, _features(built, ()), built.labels()).logits


def _norm(built: Built) -> nn.Module:
    return cast(Conditioning, built.discriminator.head).norm(CHANNELS, built.assembly.num_classes)


def _maps() -> Tensor:
    return torch.randn(BATCH, CHANNELS, 4, 4, generator=seeded(0))
