import copy

import pytest
import torch
from ganzoo_spectral_norm.constraints import SpectralDivision, SpectralNorm
from safetensors.torch import load, save
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.utils import parametrize

from ganzoo.nn.ema import MovingAverage

LAYERS = [
    nn.Linear(7, 5),
    nn.Embedding(4, 6),
    nn.Conv2d(3, 8, 3),
    nn.Conv2d(4, 8, 3, groups=2),
    nn.ConvTranspose2d(8, 3, 4),
    nn.Conv1d(2, 5, 3),
    nn.Conv3d(1, 4, 2),
]
LABELS = torch.tensor([1, 0, 3])


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


class Discriminator(nn.Module):
    """A small network with every kind of layer that the constraint normalises."""

    def __init__(self):
        super().__init__()
        self.conv, self.up = nn.Conv2d(3, 4, 3), nn.ConvTranspose2d(4, 2, 2, 2)
        self.embed, self.logit = nn.Embedding(4, 2), nn.Linear(2, 1)

    def forward(self, images, labels):
        features = self.up(self.conv(images).relu()).relu().sum((2, 3))
        return self.logit(features)[:, 0] + (self.embed(labels) * features).sum(1)


@pytest.fixture
def discriminator():
    return Discriminator()


@pytest.fixture
def images():
    return torch.randn(3, 3, 6, 6)


def matrix(layer):
    weight = layer.weight.detach()
    return (weight.movedim(1, 0) if isinstance(layer, nn.ConvTranspose2d) else weight).flatten(1)


def norms(module):
    found = [m for m in module.modules() if parametrize.is_parametrized(m, "weight")]
    return torch.stack([torch.linalg.matrix_norm(matrix(m), ord=2) for m in found])


def clip(module, limit=0.05):
    """Clip weights as weight clipping does."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.clamp_(-limit, limit)


def steps(module, images, count, optimizer=None, constraint=None):
    """Train as the engine does: optimiser step, then projection."""
    optimizer = optimizer or torch.optim.Adam(module.parameters(), 1e-3)
    for _ in range(count):
        optimizer.zero_grad()
        (module(images, LABELS) - 3).square().mean().backward()
        optimizer.step()
        (constraint or SpectralNorm()).project(module)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda x: type(x).__name__)
def test_largest_singular_value_becomes_1(layer):
    module, constraint = nn.Sequential(copy.deepcopy(layer)), SpectralNorm(iterations=300)
    raw = matrix(module[0])
    constraint.prepare(module)
    constraint.project(module)
    torch.testing.assert_close(norms(module), torch.ones(1))
    torch.testing.assert_close(matrix(module[0]), raw / torch.linalg.matrix_norm(raw, ord=2))


def test_one_iteration_per_update_follows_training(discriminator, images):
    SpectralNorm().prepare(discriminator)
    steps(discriminator, images, 60)
    torch.testing.assert_close(norms(discriminator), torch.ones(4), atol=0.02, rtol=0)


def test_gradient_equals_equation_12():
    layer = nn.Linear(5, 3, bias=False)
    weight = layer.weight
    constraint = SpectralNorm(iterations=200)
    constraint.prepare(layer)
    constraint.project(layer)
    x, delta = torch.randn(4, 5), torch.randn(4, 3)
    (layer(x) * delta).sum().backward()
    u, s, vh = torch.linalg.svd(weight.detach())
    spread = (delta * (x @ weight.detach().T) / s[0]).sum()  # lambda
    expected = (delta.T @ x - spread * torch.outer(u[:, 0], vh[0])) / s[0]
    torch.testing.assert_close(layer.parametrizations.weight.original.grad, expected)


def test_double_backward_is_right():
    weight = torch.randn(4, 2, 3, dtype=torch.float64, requires_grad=True)
    normalised = SpectralDivision(weight, 0)
    assert torch.autograd.gradcheck(normalised, (weight,))
    assert torch.autograd.gradgradcheck(normalised, (weight,))


def test_a_gradient_term_reaches_the_weights(discriminator, images):
    SpectralNorm().prepare(discriminator)
    x = images.requires_grad_()
    (slope,) = torch.autograd.grad(discriminator(x, LABELS).sum(), x, create_graph=True)
    slope.square().sum().backward()
    gradient = discriminator.conv.parametrizations.weight.original.grad
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() > 0


def test_reading_a_weight_changes_nothing(discriminator, images):
    SpectralNorm().prepare(discriminator.train())
    before = copy.deepcopy(discriminator.state_dict())
    first = discriminator(images, LABELS)
    assert torch.equal(discriminator(images, LABELS), first)
    assert torch.equal(discriminator.eval()(images, LABELS), first)
    assert all(torch.equal(before[k], v) for k, v in discriminator.state_dict().items())


def test_projection_changes_no_parameter(discriminator):
    constraint = SpectralNorm()
    constraint.prepare(discriminator)
    before = [p.detach().clone() for p in discriminator.parameters()]
    constraint.project(discriminator)
    assert all(torch.equal(a, b) for a, b in zip(before, discriminator.parameters(), strict=True))


def test_parameters_stay_the_same_objects(discriminator):
    before = set(map(id, discriminator.parameters()))
    SpectralNorm().prepare(discriminator)
    assert set(map(id, discriminator.parameters())) == before


def test_installing_leaves_the_global_rng_untouched(discriminator):
    before = torch.get_rng_state()
    SpectralNorm().prepare(discriminator)
    assert torch.equal(torch.get_rng_state(), before)


def test_frozen_weights_stay_unchanged(discriminator, images):
    discriminator.conv.requires_grad_(False)
    before = discriminator.conv.weight.clone()
    SpectralNorm().prepare(discriminator)
    assert torch.equal(discriminator.conv.weight, before)
    assert not parametrize.is_parametrized(discriminator.conv)


def test_training_resumes_bit_for_bit_from_a_file(discriminator, images):
    SpectralNorm().prepare(discriminator)
    steps(discriminator, images, 3)
    saved = save({k: v.contiguous() for k, v in discriminator.state_dict().items()})
    other = Discriminator()
    SpectralNorm().prepare(other)
    other.load_state_dict(load(saved))
    for module in (discriminator, other):
        steps(module, images, 3, torch.optim.Adam(module.parameters(), 1e-3))
    pairs = zip(discriminator.state_dict().values(), other.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_singular_vectors_are_in_the_state(discriminator):
    SpectralNorm().prepare(discriminator)
    names = {name.rpartition(".")[2] for name in discriminator.state_dict() if "conv" in name}
    assert names == {"original", "u", "v", "bias"}


def test_a_deep_copy_is_independent(discriminator, images):
    SpectralNorm().prepare(discriminator)
    other = copy.deepcopy(discriminator)
    expected = other(images, LABELS)
    steps(discriminator, images, 3)
    assert torch.equal(other(images, LABELS), expected)
    assert not torch.equal(discriminator(images, LABELS), expected)


def test_a_moving_average_is_normalised_too(discriminator, images):
    SpectralNorm().prepare(discriminator)
    average = MovingAverage(discriminator)
    optimizer = torch.optim.Adam(discriminator.parameters(), 1e-2)
    for _ in range(40):
        steps(discriminator, images, 1, optimizer)
        average.update(0.9)
    torch.testing.assert_close(norms(average.module), torch.ones(4), atol=0.05, rtol=0)


def test_length_of_the_singular_vectors_does_not_matter(discriminator):
    SpectralNorm().prepare(discriminator)
    step = discriminator.conv.parametrizations.weight[0]
    expected = discriminator.conv.weight.clone()
    step.u.mul_(0.5)
    step.v.mul_(0.1)
    torch.testing.assert_close(discriminator.conv.weight, expected)


@pytest.mark.parametrize("first", ["clipping", "spectral-norm"])
def test_it_combines_with_weight_clipping_in_either_order(discriminator, images, first):
    constraint = SpectralNorm()
    prepare = [clip, constraint.prepare]
    for each in prepare if first == "clipping" else prepare[::-1]:
        each(discriminator)
    optimizer = torch.optim.Adam(discriminator.parameters(), 1e-3)
    for _ in range(30):
        steps(discriminator, images, 1, optimizer, constraint)
        clip(discriminator)
    constraint.project(discriminator)
    assert max(p.abs().max() for p in discriminator.parameters()) <= 0.05
    torch.testing.assert_close(norms(discriminator), torch.ones(4), atol=0.02, rtol=0)


def test_channels_last_computes_the_same(discriminator, images):
    SpectralNorm().prepare(discriminator)
    expected = discriminator(images, LABELS)
    discriminator.to(memory_format=torch.channels_last)
    torch.testing.assert_close(discriminator(images.to(memory_format=torch.channels_last), LABELS), expected)
    SpectralNorm().project(discriminator)
    assert torch.isfinite(norms(discriminator)).all()


def test_autocast_keeps_the_norm_in_full_precision(discriminator):
    SpectralNorm().prepare(discriminator)
    expected = discriminator.conv.weight
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(discriminator.conv.weight, expected)


def test_a_weight_of_zeros_stays_finite_and_trains(images):
    discriminator = Discriminator()
    nn.init.zeros_(discriminator.logit.weight)
    SpectralNorm().prepare(discriminator)
    assert (discriminator.logit.weight == 0).all()
    steps(discriminator, images, 20)
    assert torch.isfinite(torch.cat([p.flatten() for p in discriminator.parameters()])).all()
    torch.testing.assert_close(norms(discriminator), torch.ones(4), atol=0.02, rtol=0)


def test_it_combines_with_another_parametrisation(discriminator):
    nn.utils.parametrizations.weight_norm(discriminator.conv)
    constraint = SpectralNorm(iterations=200)
    constraint.prepare(discriminator)
    with torch.no_grad():
        discriminator.conv.parametrizations.weight.original1.normal_()
    constraint.project(discriminator)
    torch.testing.assert_close(norms(discriminator), torch.ones(4))


def test_nothing_is_read_on_the_host():
    constraint = SpectralNorm()
    with FakeTensorMode():  # a fake tensor has no value to read
        discriminator = Discriminator()
        constraint.prepare(discriminator)
        discriminator(torch.empty(3, 3, 6, 6), torch.empty(3, dtype=torch.int64)).sum().backward()
        constraint.project(discriminator)
