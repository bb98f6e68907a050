"""The checks of a feature extractor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import torch
from torch import Tensor, nn

from ganzoo.checks.assertions import assert_close, assert_finite, assert_shape
from ganzoo.checks.subject import BATCH, SHAPES, CheckFunction, Skip, Subject, seeded
from ganzoo.errors import GanzooError
from ganzoo.interfaces.measurement import Features


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one extractor."""
    yield from (check_rows, check_alone, check_repeats, check_fingerprint, check_name, check_input)
    if subject.variants("probabilities"):
        yield check_probabilities
    if subject.variants("maps"):
        yield from (check_maps, check_maps_are_smooth)


def check_rows(subject: Subject) -> None:
    """Samples become finite float32 rows of the length it states."""
    for features, images in _build(subject):
        rows = features(images)
        assert_shape(rows, (BATCH, features.dim), "features")
        assert rows.dtype == torch.float32, f"features are {rows.dtype}, not float32"
        assert_finite(rows, "a feature")
        assert float((rows - rows[:1]).abs().max()) > 0, "all samples have the same features"


def check_alone(subject: Subject) -> None:
    """A sample's features do not depend on what else is in the batch."""
    for features, images in _build(subject):
        rows = features(images)
        singles = torch.cat([features(image[None]) for image in images])
        assert_close(singles, rows, "samples one by one and together")


def check_repeats(subject: Subject) -> None:
    """Called again, and built again under another random state, it returns the same features."""
    for (one, images), (other, _) in zip(_build(subject), _build(subject, seed=1), strict=True):
        wanted = one(images)
        torch.manual_seed(2)
        assert torch.equal(one(images), wanted), "called twice, it returned different features"
        assert torch.equal(other(images), wanted), "built twice, it returned different features: fix its weights"


def check_fingerprint(subject: Subject) -> None:
    """The fingerprint is a text, and the same each time it is built."""
    for (one, _), (other, _) in zip(_build(subject), _build(subject, seed=1), strict=True):
        first, second = one.fingerprint(), other.fingerprint()
        assert isinstance(first, str), f"fingerprint() returns {first!r}, not a text"
        assert first, "the fingerprint is empty"
        assert first == second, "built twice, it has two fingerprints"


def check_name(subject: Subject) -> None:
    """Name and resizer, which every score's protocol contains, are texts; the name begins with the component's."""
    for features, _ in _build(subject):
        named = isinstance(features.name, str) and features.name.partition(":")[0] == subject.component.name
        assert named, f"its name is {features.name!r}, which does not begin with '{subject.component.name}'"
        assert isinstance(features.resizer, str), f"its resizer is {features.resizer!r}, not a text"
        assert features.resizer, "its resizer is empty: say 'none' where images keep their size"


def check_input(subject: Subject) -> None:
    """The samples passed to it stay as they are."""
    for features, images in _build(subject):
        before = images.clone()
        features(images)
        assert torch.equal(images, before), "it changed the samples in place"


def check_probabilities(subject: Subject) -> None:
    """Probabilities are rows of non-negative numbers that sum to 1."""
    for features, images in _build(subject):
        rows = _method(features, "probabilities")(images)
        assert isinstance(rows, Tensor), f"probabilities() returns {type(rows).__name__}, not a tensor"
        assert rows.ndim == 2, f"probabilities have shape {tuple(rows.shape)}, not (N, K)"
        assert_shape(rows, (BATCH, rows.shape[1]), "probabilities")
        assert float(rows.min()) >= 0, "a probability is below 0"
        assert_close(rows.sum(1), torch.ones(BATCH), "the sums of the probabilities and 1")


def check_maps(subject: Subject) -> None:
    """Maps of images are activations ``(N, C, H, W)`` of one or more depths, finite."""
    for features, images in _build(subject):
        if images.ndim == 4:
            found = _method(features, "maps")(images)
            assert isinstance(found, list), f"maps() returns {type(found).__name__}, not a list"
            assert found, "maps() returns no activations"
            for each in found:
                assert_shape(each, (BATCH, *each.shape[1:]), "a map")
                assert each.ndim == 4, f"a map has shape {tuple(each.shape)}, not (N, C, H, W)"
                assert_finite(each, "a map")


def check_maps_are_smooth(subject: Subject) -> None:
    """Half a change of the images, below a level of 8 bits, changes the maps half as much: nothing is rounded."""
    for features, images in _build(subject):
        if images.ndim == 4:
            way = torch.where(torch.rand(images.shape, generator=seeded(1)) < 0.5, -1.0, 1.0)
            near, far = (_map_distance(features, images, images + length * way) for length in (1e-3, 2e-3))
            assert near > 0, "maps() stay the same whatever the images"
            assert 3 < far / near < 5, (
                f"twice the change of the images gives {far / near:.2g} times the squared change of the maps, not 4: "
                "maps() must not round the images"
            )


def _map_distance(features: Features, *images: Tensor) -> float:
    """Return the squared distance between the maps of two batches."""
    found = (cast(list[Tensor], _method(features, "maps")(each)) for each in images)
    return sum(float((b - a).double().square().sum()) for a, b in zip(*found, strict=True))


def _build(subject: Subject, seed: int = 0) -> list[tuple[Features, Tensor]]:
    """Build the extractor for each form of data it takes, and samples of that form.

    Raises:
        Skip: it takes none, for instance because its weights were not downloaded.
    """
    found: list[tuple[Features, Tensor]] = []
    reasons: list[str] = []
    torch.manual_seed(seed)
    for shape in (SHAPES[form] for form in subject.forms or SHAPES):
        try:
            features = subject.target(*([shape] if subject.takes("shape") else []))
        except GanzooError as error:
            reasons.append(str(error).splitlines()[0])
            continue
        images = 2 * torch.rand(BATCH, *shape, generator=seeded(0)) - 1
        found.append((cast(Features, features.eval() if isinstance(features, nn.Module) else features), images))
    if not found:
        raise Skip(f"it cannot be built with its default settings: {reasons[0]}")
    return found


def _method(features: Features, name: str) -> Callable[[Tensor], object]:
    method = getattr(features, name, None)
    assert callable(method), f"it provides '{name}', but has no method {name}(images)"
    return cast(Callable[[Tensor], object], method)
