"""A scene: what a term looks at is made once, and only if it is looked at."""

import torch

from ganzoo.interfaces.losses import ScoredSamples, TermContext


def context(discriminator, make_fake, known=None):
    nothing = torch.zeros(2, 3)
    return TermContext(discriminator, None, nothing, make_fake, torch.zeros(2), nothing, None, None, known or {})


def test_fakes_are_made_when_first_looked_at_and_once():
    made = []
    seen = context(lambda x, labels: x.sum(1), lambda: made.append(1) or torch.ones(2, 3))
    seen.scored("real")
    assert made == []
    assert seen.fake is seen.fake
    assert made == [1]


def test_images_judged_anew_are_a_leaf_of_float32():
    images = torch.ones(2, 3, dtype=torch.bfloat16, requires_grad=True)
    scored = context(lambda x, labels: (x**2).sum(1), lambda: images * 1).scored("fake")
    assert scored.images.is_leaf
    assert scored.images.dtype == torch.float32
    (slope,) = torch.autograd.grad(scored.logits.sum(), scored.images)
    assert torch.equal(slope, 2 * torch.ones(2, 3))


def test_what_is_known_is_not_judged_again():
    known = ScoredSamples(torch.zeros(2, 3, requires_grad=True), torch.tensor([1.0, 2.0]))
    seen = context(None, None, {"real": known})
    assert seen.scored("real") is known
    assert seen.logits("real") is known.logits


def test_known_logits_serve_though_their_images_are_no_leaf_and_a_leaf_is_made_once():
    known, calls = ScoredSamples(torch.zeros(2, 3), torch.tensor([1.0, 2.0])), []
    seen = context(lambda x, labels: calls.append(1) or x.sum(1), None, {"real": known})
    assert seen.logits("real") is known.logits
    assert calls == []
    assert seen.scored("real") is seen.scored("real")
    assert calls == [1]
