"""The context of a term makes fakes, logits and leaves once, and only if they are read."""

import torch

from ganzoo.interfaces.losses import ScoredSamples, TermContext


def context(discriminator, make_fake, known=None):
    nothing = torch.zeros(2, 3)
    return TermContext(discriminator, None, nothing, make_fake, torch.zeros(2), nothing, None, None, known or {})


def test_fakes_are_made_when_first_read_and_once():
    made = []
    terms = context(lambda x, labels: x.sum(1), lambda: made.append(1) or torch.ones(2, 3))
    terms.score("real")
    assert made == []
    assert terms.fake is terms.fake
    assert made == [1]


def test_scored_images_are_a_leaf_of_float32():
    images = torch.ones(2, 3, dtype=torch.bfloat16, requires_grad=True)
    scored = context(lambda x, labels: (x**2).sum(1), lambda: images * 1).score("fake")
    assert scored.images.is_leaf
    assert scored.images.dtype == torch.float32
    (gradient,) = torch.autograd.grad(scored.logits.sum(), scored.images)
    assert torch.equal(gradient, 2 * torch.ones(2, 3))


def test_known_samples_are_not_scored_again():
    known = ScoredSamples(torch.zeros(2, 3, requires_grad=True), torch.tensor([1.0, 2.0]))
    terms = context(None, None, {"real": known})
    assert terms.score("real") is known
    assert terms.logits("real") is known.logits


def test_known_logits_serve_even_if_their_images_are_no_leaf():
    known, calls = ScoredSamples(torch.zeros(2, 3), torch.tensor([1.0, 2.0])), []
    terms = context(lambda x, labels: calls.append(1) or x.sum(1), None, {"real": known})
    assert terms.logits("real") is known.logits
    assert calls == []
    assert terms.score("real") is terms.score("real")
    assert calls == [1]
