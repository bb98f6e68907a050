import pytest
import torch
from ganzoo_conditional.norm import ConditionalBatchNorm
from torch import nn

LABELS = torch.tensor([0, 2, 2, 1])


@pytest.fixture
def x():
    torch.manual_seed(0)
    return 3 * torch.randn(4, 5, 2, 3) + 1


@pytest.fixture
def norm():
    """Five channels, three classes, gains and biases away from their initial values."""
    torch.manual_seed(1)
    made = ConditionalBatchNorm(5, 3)
    with torch.no_grad():
        made.gains.normal_()
        made.biases.normal_()
    return made


def test_starts_as_plain_batch_normalisation(x):
    torch.testing.assert_close(ConditionalBatchNorm(5, 3)(x, LABELS), nn.BatchNorm2d(5)(x))


@pytest.mark.parametrize("training", [True, False])
def test_is_an_affine_map_of_the_class_on_shared_statistics(x, norm, training):
    plain = nn.BatchNorm2d(5, affine=False).train(training)
    norm.train(training)
    expected = plain(x)
    for sample, label in enumerate(LABELS):
        for channel in range(5):
            expected[sample, channel] *= norm.gains[label, channel].item()
            expected[sample, channel] += norm.biases[label, channel].item()
    torch.testing.assert_close(norm(x, LABELS), expected)


def test_only_classes_of_the_batch_get_a_gradient(x, norm):
    norm(x, torch.tensor([0, 0, 2, 2])).square().sum().backward()
    assert (norm.gains.grad[[0, 2]] != 0).all()
    assert (norm.gains.grad[1] == 0).all()
    assert (norm.biases.grad[1] == 0).all()


def test_evaluation_does_not_depend_on_the_other_samples(x, norm):
    norm(x, LABELS)
    norm.eval()
    torch.testing.assert_close(norm(x[1:2], LABELS[1:2]), norm(x, LABELS)[1:2])


def test_it_has_no_embedding_for_a_constraint_to_divide(norm):
    assert not any(isinstance(module, nn.Embedding | nn.Linear) for module in norm.modules())


def test_keeps_channels_last(x, norm):
    y = norm(x.to(memory_format=torch.channels_last), LABELS)
    assert y.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(y, norm(x, LABELS))


def test_double_backward_is_finite(x, norm):
    x = x.double().requires_grad_()
    norm.double()
    assert torch.autograd.gradgradcheck(lambda t: norm(t, LABELS), (x,))


def test_state_dict_round_trip_is_exact(x, norm):
    norm(x, LABELS)
    other = ConditionalBatchNorm(5, 3)
    other.load_state_dict(norm.state_dict())
    assert torch.equal(other.eval()(x, LABELS), norm.eval()(x, LABELS))
