"""The checks of a generator."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, cast

import torch
from torch.export import Dim, export

from ganzoo.checks.assertions import (
    assert_close,
    assert_finite,
    assert_gradients,
    assert_shape,
    differ,
    perturb_weights,
)
from ganzoo.checks.kinds.networks import SIZES, check_copies, check_state
from ganzoo.checks.subject import BATCH, SHAPES, Built, CheckFunction, Subject, seeded

_STYLE_MEMBERS = ("mapping", "synthesis", "make_noise", "num_styles", "style_dim", "mean_style")
"""What a generator that provides ``styles`` has besides."""


def checks(subject: Subject) -> Iterator[CheckFunction]:
    """Choose the checks of one generator."""
    yield check_shape
    if "image" in subject.forms:
        yield check_every_size
        yield check_range
    yield from (check_gradients, check_latents_matter, check_repeats, check_batch_independence)
    yield from (check_copies, check_state, check_exports)
    if True in subject.conditional and subject.takes("num_classes", "norm"):
        yield check_labels_matter
    if subject.variants("styles"):
        yield check_styles


def check_shape(subject: Subject) -> None:
    """Samples have the shape of the data, with classes and without."""
    for form in subject.forms or [""]:
        for conditional in subject.conditional:
            built = subject.build(SHAPES.get(form), conditional=conditional)
            _assert_samples(built)


def check_styles(subject: Subject) -> None:
    """With styles, samples are the synthesis of mapped latents, one style a layer, and noise is that of its seed."""
    for settings in subject.variants("styles"):
        built = subject.build(settings=settings)
        generator = cast(Any, perturb_weights(built.generator).eval())
        lacking = [name for name in _STYLE_MEMBERS if not hasattr(generator, name)]
        assert not lacking, f"it provides 'styles', but has no {' and no '.join(lacking)}"
        latents, labels = built.latents(), built.labels()
        styles = generator.mapping(latents, labels)
        assert_shape(styles, (BATCH, generator.num_styles, generator.style_dim), "styles")
        assert_shape(generator.mean_style, (generator.style_dim,), "mean_style")
        assert_close(generator.synthesis(styles), generator(latents, labels), "the synthesis of styles and the samples")
        one, same = (generator.synthesis(styles, generator.make_noise(3)) for _ in range(2))
        assert_close(one, same, "samples with the noise of one seed")


def check_every_size(subject: Subject) -> None:
    """Any image size base * 2^k with base 3 to 7, any number of channels."""
    for shape in SIZES:
        _assert_samples(subject.build(shape))


def check_range(subject: Subject) -> None:
    """In evaluation mode images lie in [-1, 1], however large the weights are."""
    built = subject.build(SHAPES["image"])
    generator = perturb_weights(built.generator, scale=1.0).eval()
    samples = generator(10 * built.latents(), built.labels())
    far = float(samples.detach().abs().max())
    assert far <= 1, f"an image holds values as far as {far:.3g} from 0: end in a tanh, or clamp in evaluation mode"


def check_gradients(subject: Subject) -> None:
    """Every parameter gets a finite gradient, with classes and without."""
    for conditional in subject.conditional:
        built = subject.build(conditional=conditional)
        samples = built.run_network(built.generator.train())
        (samples * torch.randn(samples.shape, generator=seeded(1))).sum().backward()  # type: ignore[no-untyped-call]
        assert_gradients(built.generator, subject.label)


def check_latents_matter(subject: Subject) -> None:
    """Different latents give different samples."""
    built = subject.build()
    samples = built.run_network(built.use_network())
    assert differ(samples[0], samples[1]), "two latents give the same sample: the latent is not used"


def check_repeats(subject: Subject) -> None:
    """In evaluation mode equal latents give equal samples: noise inside is fixed."""
    built = subject.build()
    generator = built.use_network()
    first = built.run_network(generator)
    torch.manual_seed(1)
    assert_close(built.run_network(generator), first, "samples of equal latents in evaluation mode")


def check_batch_independence(subject: Subject) -> None:
    """In evaluation mode a sample does not depend on what else is in the batch."""
    built = subject.build()
    generator, latents, labels = built.use_network(), built.latents(), built.labels()
    alone = torch.cat([generator(latents[i : i + 1], labels[i : i + 1]) for i in range(BATCH)])
    assert_close(generator(latents, labels), alone, "samples made together and one by one in evaluation mode")


def check_exports(subject: Subject) -> None:
    """torch.export takes it with a batch of any size, and the exported module makes the same samples."""
    for conditional in subject.conditional:
        built = subject.build(conditional=conditional)
        generator, batch = built.use_network(), Dim("batch", min=2)
        inputs = built.latents(3), built.labels(3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exported = export(generator, inputs, dynamic_shapes=({0: batch}, {0: batch})).module()
        with torch.no_grad():
            samples, others = (run(built.latents(), built.labels()) for run in (generator, exported))
        assert_close(others, samples, "samples of the generator and of its torch.export")


def check_labels_matter(subject: Subject) -> None:
    """The class reaches the samples: through num_classes, or through the norm it was given."""
    built = subject.build(conditional=True)
    generator = perturb_weights(built.use_network())
    samples, others = (generator(built.latents(), built.labels(shift=shift)) for shift in (0, 1))
    assert differ(samples, others), "the class has no influence on the samples"


def _assert_samples(built: Built) -> None:
    samples = built.run_network(built.generator)
    assert_shape(samples, (BATCH, *built.shape), f"samples for data of shape {built.shape}")
    assert samples.dtype == torch.float32, f"samples are {samples.dtype}, not float32"
    assert_finite(samples, "a sample")
