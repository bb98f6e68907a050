"""Truncation and noise of a generator with styles."""

import pytest
import torch

from ganzoo.errors import DoesNotFit
from ganzoo.sampling.seeds import sample
from ganzoo.sampling.styles import build_style_sampler, truncate

LATENTS, LABELS = torch.randn(5, 4, generator=torch.Generator().manual_seed(1)), torch.arange(5)


def test_without_truncation_and_noise_seed_it_equals_the_generator(painter):
    assert torch.equal(build_style_sampler(painter)(LATENTS, LABELS), painter(LATENTS, LABELS))


@pytest.mark.parametrize("psi", [0.0, 0.3, 1.0, -1.0])
def test_truncation_is_linear_about_the_mean(painter, psi):
    styles = painter.mapping(LATENTS, LABELS)
    wanted = painter.mean_style + psi * (styles - painter.mean_style)
    torch.testing.assert_close(truncate(painter, styles, psi), wanted)


def test_equal_noise_seeds_give_every_sample_the_same_noise(painter):
    one, again, other = (build_style_sampler(painter, noise_seed=seed)(LATENTS, LABELS) for seed in (3, 3, 4))
    assert torch.equal(one, again)
    gap = one - other
    torch.testing.assert_close(gap, gap[:1].expand_as(gap))
    assert gap.abs().max() > 0.1


def test_sample_uses_a_given_sampling_function(painter):
    made = sample(painter, [0, 1], [0, 0], torch.device("cpu"), build_style_sampler(painter, truncation=0.0))
    assert torch.equal(made[0], made[1])


def test_a_noise_seed_of_a_generator_without_noise_is_refused(painter, monkeypatch):
    monkeypatch.setattr(type(painter), "make_noise", lambda self, seed: ())
    with pytest.raises(DoesNotFit, match="a noise seed needs a generator that adds noise"):
        build_style_sampler(painter, noise_seed=3)(LATENTS, LABELS)
