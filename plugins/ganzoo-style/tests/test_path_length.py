from __future__ import annotations

import copy
import math
from dataclasses import replace

import pytest
import torch
from ganzoo_style.path_length import PathLength
from torch import Tensor, nn

from ganzoo import TermContext

SHAPE = (2, 3, 4)


class Toy(nn.Module):
    """A style generator of two layers: images are a smooth map of both styles."""

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self.coarse, self.fine = (nn.Parameter(scale * torch.randn(5, math.prod(SHAPE))) for _ in range(2))

    def mapping(self, latents: Tensor, labels: Tensor) -> Tensor:
        return latents[:, None].expand(-1, 2, -1)

    def synthesis(self, styles: Tensor, noise: object = None) -> Tensor:
        return torch.sin(styles[:, 0] @ self.coarse + (styles[:, 1] @ self.fine).square()).view(-1, *SHAPE)

    def make_noise(self, seed: int) -> tuple[Tensor, ...]:
        return ()


@pytest.fixture
def context(make_rng):
    """Make a context of a generator and latents."""

    def make(generator, latents, seed=0) -> TermContext:
        size, nothing = len(latents), torch.zeros(len(latents), 1)
        labels = torch.zeros(size, dtype=torch.int64)
        fields = (lambda x, y: x, generator, nothing, lambda: nothing, labels, latents, make_rng(size, seed))
        return TermContext(*fields, lambda x: x)

    return make


def term(**settings) -> PathLength:
    return PathLength(**{"weight": 1.0, "decay": 0.5, "batch_shrink": 1} | settings)


def lengths_by_finite_differences(generator, latents, y) -> Tensor:
    """|J^T y| of each sample, its Jacobian by central differences in double precision."""
    generator = copy.deepcopy(generator).double()
    styles, step = generator.mapping(latents.double(), None).contiguous(), 1e-5
    squares = torch.zeros(len(latents), 2, dtype=torch.float64)
    for layer in range(2):
        for axis in range(styles.shape[2]):
            shift = torch.zeros_like(styles)
            shift[:, layer, axis] = step
            slope = (generator.synthesis(styles + shift) - generator.synthesis(styles - shift)) / (2 * step)
            squares[:, layer] += (slope * y).sum((1, 2, 3)).square()
    return squares.mean(1).sqrt()


def test_lengths_are_those_of_a_finite_difference_jacobian(context, make_rng) -> None:
    generator, latents = Toy(), torch.randn(4, 5)
    y = make_rng(4).normal(*SHAPE) / math.sqrt(12)
    lengths = lengths_by_finite_differences(generator, latents, y)
    expected = (lengths - 0.5 * lengths.mean()).square().mean()  # a = 0 + 0.5 (mean - 0)
    torch.testing.assert_close(term()(context(generator, latents.requires_grad_())), expected.float())


def test_its_gradient_is_that_of_the_finite_difference_term(context, make_rng) -> None:
    """The mean is a target: no gradient goes through it."""
    generator, latents = Toy(0.3), torch.randn(3, 5)
    y = make_rng(3).normal(*SHAPE) / math.sqrt(12)
    term()(context(generator, latents.requires_grad_())).backward()
    target = 0.5 * lengths_by_finite_differences(generator, latents.detach(), y).mean()
    for index in (0, 7, 50):
        sides = []
        for step in (1e-4, -1e-4):
            moved = copy.deepcopy(generator).double()
            moved.fine.data.view(-1)[index] += step
            sides.append((lengths_by_finite_differences(moved, latents.detach(), y) - target).square().mean())
        expected = (sides[0] - sides[1]) / 2e-4
        found = generator.fine.grad.view(-1)[index]
        torch.testing.assert_close(found.double(), expected, rtol=1e-3, atol=1e-5)


def test_the_mean_follows_the_lengths(context) -> None:
    path_length, generator, latents = term(decay=0.25), Toy(), torch.randn(4, 5, requires_grad=True)
    for step in range(1, 60):
        path_length(context(generator, latents))
        if step == 1:
            first = path_length.mean.clone()
    torch.testing.assert_close(path_length.mean, first / 0.25)  # equal random numbers, so every batch has the same mean
    assert path_length.state_dict()["mean"] == path_length.mean


def test_images_that_are_the_styles_have_lengths_near_one(context) -> None:
    """The scale of y makes the length of an isometry 1 at any size."""
    generator = Toy()
    generator.mapping = lambda z, y: z[:, None]
    generator.synthesis = lambda styles, noise: styles.view(-1, 1, 20, 20)
    path_length = term(decay=1.0)
    path_length(context(generator, torch.randn(64, 400, requires_grad=True)))
    assert path_length.mean.item() == pytest.approx(1.0, abs=0.02)


def test_the_term_uses_its_share_of_the_batch(context) -> None:
    generator, latents = Toy(), torch.randn(5, 5, requires_grad=True)
    path_length = term(batch_shrink=2)
    path_length(context(generator, latents)).backward()
    assert (latents.grad.abs().sum(1) > 0).tolist() == [True, True, False, False, False]
    assert torch.isfinite(term(batch_shrink=2)(context(generator, latents[:1])))


def test_styles_are_those_of_the_samples_own_classes(context) -> None:
    generator, latents, labels = Toy(), torch.randn(4, 5), torch.tensor([2, 1, 0, 3])
    stretched = (1 + labels)[:, None] * latents
    expected = term(batch_shrink=2)(context(generator, stretched.requires_grad_()))
    generator.mapping = lambda z, y: Toy.mapping(generator, (1 + y)[:, None] * z, y)
    classes = replace(context(generator, latents.requires_grad_()), labels=labels)
    torch.testing.assert_close(term(batch_shrink=2)(classes), expected)


def test_a_linear_synthesis_of_equal_lengths_has_no_term(context, make_rng) -> None:
    generator, latents = Toy(), torch.randn(2, 5, requires_grad=True)
    generator.synthesis = lambda styles, noise: (styles[:, 0] @ generator.coarse).view(-1, *SHAPE)
    same = replace(context(generator, latents), rng=Same(make_rng(1)))
    torch.testing.assert_close(term(decay=1.0)(same), torch.tensor(0.0))


class Same:
    """An rng with the same numbers for both samples."""

    def __init__(self, rng) -> None:
        self.rng = rng

    def normal(self, *dims: int) -> Tensor:
        return self.rng.normal(*dims).expand(2, *dims)


def test_on_the_network_it_is_reproducible_and_reaches_every_weight_without_grouped_convolutions(
    tiny, latents, context, groups
) -> None:
    generator, (z, _) = tiny().train(), latents(4)
    with groups:
        value = term(batch_shrink=2)(context(generator, z))
        value.backward()
    assert set(groups.seen) == {1}
    torch.manual_seed(1)
    torch.testing.assert_close(term(batch_shrink=2)(context(generator, z)), value)
    for name, parameter in generator.named_parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all(), name
        if "weight" in name:
            assert parameter.grad.abs().max() > 0, name
    assert not generator.mean_style.any()  # only training passes update the running mean of styles


def test_an_image_that_no_style_changes_gives_no_nan(context):
    toy = Toy(0.0)
    term()(context(toy, torch.randn(4, 5, requires_grad=True))).backward()
    assert all(torch.isfinite(p.grad).all() for p in toy.parameters())
