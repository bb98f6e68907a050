from dataclasses import replace

import torch
from ganzoo_losses.feature_matching import FeatureMatching


def logits(images, labels):
    return images.sum((1, 2, 3))


def test_equal_features_on_average_cost_nothing(context, images):
    real, _ = images
    assert FeatureMatching()(context(logits, real, real.flip(0))) < 1e-12


def test_by_hand(context, images):
    real, fake = images
    seen = replace(context(logits, real, fake), features=lambda x: x.flatten(1)[:, :2])
    gap = real.flatten(1)[:, :2].mean(0) - fake.flatten(1)[:, :2].mean(0)
    torch.testing.assert_close(FeatureMatching(weight=3)(seen), 3 * gap.square().sum())


def test_only_the_fakes_get_a_gradient(context, images):
    real, fake = (x.clone().requires_grad_() for x in images)
    gradients = torch.autograd.grad(FeatureMatching()(context(logits, real, fake)), [real, fake], allow_unused=True)
    assert gradients[0] is None
    assert gradients[1].abs().sum() > 0


def test_the_term_belongs_to_the_generator():
    assert FeatureMatching.player == "generator"
