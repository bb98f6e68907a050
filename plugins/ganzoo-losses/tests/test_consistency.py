from dataclasses import replace

import pytest
import torch
from ganzoo_losses.consistency import Consistency, flip_images, shift_images

from ganzoo.training.rng import BatchRng

LOW, MIDDLE, HIGH = 0.0, 0.5, 0.999
IMAGE = torch.arange(16.0).view(1, 1, 4, 4)


def rng(seed=0, total=8, start=0, stop=8):
    return BatchRng(seed, total, start, stop, torch.device("cpu"))


def left_less_right(x, labels):
    return x[..., 0].mean((1, 2)) - x[..., -1].mean((1, 2))


def test_an_invariant_discriminator_costs_nothing(context, images):
    assert Consistency()(context(lambda x, labels: 0 * x.sum((1, 2, 3)) + 7, *images)) == 0
    symmetric = context(lambda x, labels: x.sum((1, 2, 3)), *images, LOW)
    assert Consistency(shift=0)(symmetric).item() == pytest.approx(0, abs=1e-6)


def test_constant_images_cost_nothing(context):
    even = torch.tensor([-1.0, 0.5]).view(2, 1, 1, 1).expand(2, 3, 8, 8)
    weights = torch.randn(3, 8, 8)
    assert Consistency(shift=0.4)(context(lambda x, labels: (x * weights).sum((1, 2, 3)), even, even, LOW)) == 0


def test_a_flip_by_hand(context, images):
    where = context(left_less_right, *images, LOW)
    gaps = [(2 * left_less_right(x, None)).square().mean() for x in images]
    torch.testing.assert_close(Consistency(real_weight=3, fake_weight=5, shift=0)(where), 3 * gaps[0] + 5 * gaps[1])


def test_moved_images_keep_their_classes(context, images):
    labels = torch.tensor([2, 1, 0, 3])
    classes = replace(context(lambda x, y: (1 + y) * left_less_right(x, y), *images, LOW), labels=labels)
    gaps = [((1 + labels) * 2 * left_less_right(x, labels)).square().mean() for x in images]
    value = Consistency(real_weight=3, fake_weight=5, shift=0)(classes)
    torch.testing.assert_close(value, 3 * gaps[0] + 5 * gaps[1])


def test_a_side_of_weight_zero_does_not_count(context, images):
    real, fake = images
    alone = Consistency(fake_weight=0, shift=0)
    assert torch.equal(
        alone(context(left_less_right, real, fake, LOW)), alone(context(left_less_right, real, 9 * fake, LOW))
    )


def test_gradient_reduces_the_gap(context, images):
    weights = torch.randn(3, 2, 2, requires_grad=True)
    where = context(lambda x, labels: (x * weights).sum((1, 2, 3)), *images, LOW)
    value = Consistency()(where)
    (slope,) = torch.autograd.grad(value, weights)
    with torch.no_grad():
        weights -= 1e-3 * slope
    assert Consistency()(where) < value


def test_no_gradient_reaches_the_fakes(context, images):
    real, fake = images[0], images[1].clone().requires_grad_()
    weight = torch.ones((), requires_grad=True)
    Consistency()(context(lambda x, labels: weight * left_less_right(x, labels), real, fake, LOW)).backward()
    assert fake.grad is None


def test_patches_are_averaged_before_they_are_compared(context, images):
    assert Consistency(shift=0)(context(lambda x, labels: x.mean(1), *images, LOW)).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("share", "down", "right", "rows", "columns"), [
    (0.25, MIDDLE, MIDDLE, [0, 1, 2, 3], [0, 1, 2, 3]),
    (0.25, HIGH, MIDDLE, [1, 0, 1, 2], [0, 1, 2, 3]),
    (0.25, LOW, HIGH, [1, 2, 3, 2], [1, 0, 1, 2]),
    (0.75, LOW, LOW, [3, 2, 1, 0], [3, 2, 1, 0]),
])  # fmt: skip
def test_shifts_mirror_at_the_edge(context, share, down, right, rows, columns):
    moved = shift_images(IMAGE, context(None, IMAGE, IMAGE, down, right).rng, share)
    assert torch.equal(moved, IMAGE[:, :, rows][..., columns])


def test_every_shift_occurs_and_samples_shift_independently():
    positions = torch.arange(9.0).view(1, 1, 9, 1).expand(4000, 1, 9, 9)
    centre = shift_images(positions, rng(0, 4000, 0, 4000), 2 / 9)[:, 0, 4, 4]
    counts = torch.bincount(centre.long(), minlength=9)
    torch.testing.assert_close(counts[2:7] / 4000, torch.full((5,), 0.2), atol=0.03, rtol=0)
    assert counts[2:7].sum() == 4000


def test_half_of_the_images_are_flipped():
    images = torch.tensor([1.0, -1.0]).expand(4000, 1, 1, 2)
    assert flip_images(images, rng(0, 4000, 0, 4000))[..., 0].mean().abs() < 0.06


def test_a_split_batch_is_augmented_like_the_whole():
    images = torch.randn(8, 3, 6, 6)
    halves = [
        shift_images(flip_images(images[s], d), d, 0.3)
        for s, d in ((slice(i, i + 4), rng(0, 8, i, i + 4)) for i in (0, 4))
    ]
    whole = rng()
    assert torch.equal(torch.cat(halves), shift_images(flip_images(images, whole), whole, 0.3))
