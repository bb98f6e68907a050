"""The average of weights, in closed form."""

import pytest
import torch
from torch import nn

from ganzoo.nn.ema import MovingAverage, decay_per_update


def pair() -> tuple[nn.Module, nn.Module, MovingAverage]:
    """A module whose weights jumped from 0 to 1, and its average, which is still at 0."""
    module = nn.BatchNorm1d(3)
    for tensor in (*module.parameters(), *module.buffers()):
        tensor.data.zero_()
    average = MovingAverage(module)
    for tensor in (*module.parameters(), *module.buffers()):
        tensor.data.fill_(1)
    return module, average.module, average


@pytest.mark.parametrize("batch_size", [1, 8, 40, 160])
def test_after_the_half_life_in_images_the_average_is_halfway(batch_size):
    _, ours, average = pair()
    for _ in range(160 // batch_size):
        average.update(decay_per_update(batch_size, 160))
    for tensor in (*ours.parameters(), ours.running_mean, ours.running_var):
        torch.testing.assert_close(tensor, torch.full((3,), 0.5))


def test_a_batch_of_two_half_lives_leaves_a_quarter():
    assert decay_per_update(64, 32) == 0.25


@pytest.mark.parametrize("half_life", [0, 0.0])
def test_without_half_life_the_average_is_a_copy(half_life):
    module, ours, average = pair()
    average.update(decay_per_update(8, half_life))
    assert all(torch.equal(tensor, module.state_dict()[name]) for name, tensor in ours.state_dict().items())


def test_integer_tensors_are_copied():
    _, ours, average = pair()
    average.update(decay_per_update(8, 160))
    assert ours.num_batches_tracked == 1


def test_the_original_is_not_changed():
    module, ours, average = pair()
    average.update(0.5)
    assert all((tensor == 1).all() for tensor in module.state_dict().values())
    assert not ours.training and not any(weight.requires_grad for weight in ours.parameters())
    assert module.training and all(weight.requires_grad for weight in module.parameters())
