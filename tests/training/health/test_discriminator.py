"""Accuracy and overfitting of discriminators for which both are known."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from ganzoo.assembly.build import build_engine
from ganzoo.checks.data import Noise
from ganzoo.interfaces.networks import DiscriminatorOutput
from ganzoo.training.data_loader import split_held_out
from ganzoo.training.health.discriminator import DiscriminatorHealth, call_on_copied_buffers
from ganzoo.training.health.references import draw_new_reals, to_samples
from ganzoo.training.health.rules import RULES


class Remembers(nn.Module):
    """A discriminator that scores memorised images as real, and nothing else."""

    def __init__(self, known):
        super().__init__()
        self.known = known.flatten(1)

    def forward(self, images, labels):
        nearest = torch.cdist(images.flatten(1), self.known).amin(1)
        return DiscriminatorOutput(torch.where(nearest < 1e-3, 1.0, -1.0) + perturb(images))


class Near(nn.Module):
    """A discriminator that scores everything near the origin as real, seen or not."""

    def forward(self, images, labels):
        return DiscriminatorOutput(torch.where(images.norm(dim=1) < 50, 1.0, -1.0) + perturb(images))


def perturb(images):
    """Small offsets, so that no two logits are equal."""
    return 0.01 * images.flatten(1)[:, 0].sin()


class Sure(nn.Module):
    """A generator of points far away from all reals."""

    latent_dim = 2

    def forward(self, latents, labels):
        return 100.0 + 0.0 * latents


class Positions(nn.Module):
    """A patch discriminator: one logit per position, whose mean is the sample's mean."""

    def forward(self, images, labels):
        return DiscriminatorOutput(images.mean(1))


@pytest.fixture
def scored(build, catalogue):
    """Measures a run whose discriminator is replaced."""

    def measure(discriminator, recipe="toy", generator=None, **values):
        assembly = build(recipe, **values)
        engine = build_engine(assembly, catalogue)
        engine.players["discriminator"].module = discriminator(assembly.dataset)
        if generator is not None:
            engine.players["generator"].module = generator
        with torch.no_grad():
            return DiscriminatorHealth(engine, assembly.dataset, seed=1).measure(4_000)

    return measure


def everything(dataset, indices=None):
    chosen = torch.arange(len(dataset)).numpy() if indices is None else indices
    return to_samples(dataset.read(chosen)["images"])


def test_a_discriminator_that_memorises_its_reals_overfits(scored):
    metrics = scored(lambda dataset: Remembers(everything(dataset)), generator=Sure())
    assert metrics["overfit"].item() == pytest.approx(1.0, abs=0.02)
    assert metrics["discriminator"].item() == 1.0


def test_a_discriminator_that_generalises_does_not_overfit(scored):
    metrics = scored(lambda dataset: Near(), generator=Sure())
    assert metrics["overfit"].item() == pytest.approx(0.0, abs=0.02)
    assert metrics["discriminator"].item() == 1.0


class NewReals(nn.Module):
    """A perfect generator: every sample is a real one that is not in the training set."""

    latent_dim = 2

    def __init__(self, pool):
        super().__init__()
        self.pool = pool

    def forward(self, latents, labels):
        return self.pool[(latents[:, 0].abs() * 1e6).long() % len(self.pool)]


def test_a_discriminator_trained_on_few_reals_against_a_perfect_generator_overfits(build, catalogue):
    assembly = build("dcgan", **{"dataset.count": 16, "discriminator.norm": "none", "discriminator.width": 8})
    engine, random = build_engine(assembly, catalogue), torch.Generator().manual_seed(0)
    reals, new = everything(assembly.dataset), to_samples(draw_new_reals(assembly.dataset, 1_000, seed=7)["images"])
    discriminator, labels = engine.players["discriminator"].module, torch.zeros(16, dtype=torch.int64)
    engine.players["generator"].module = NewReals(new)
    optimizer = torch.optim.Adam(discriminator.parameters(), 2e-3, (0.5, 0.999))
    for _ in range(150):
        fakes = new[torch.randint(1_000, (16,), generator=random)]
        loss = (
            softplus(-discriminator(reals, labels).logits).mean() + softplus(discriminator(fakes, labels).logits).mean()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        metrics = DiscriminatorHealth(engine, assembly.dataset, seed=1).measure(4_000)
    assert metrics["overfit"].item() > RULES["overfit"].alarm


def test_held_out_reals_are_those_the_batches_leave_out(scored):
    def discriminator(dataset):
        return Remembers(everything(dataset, split_held_out(len(dataset), 16)[0]))

    metrics = scored(discriminator, "dcgan", **{"run.held_out": 16})
    assert metrics["overfit"].item() == pytest.approx(1.0, abs=0.02)


def test_overfitting_needs_held_out_reals_of_collected_data(engine):
    with torch.no_grad():
        metrics = DiscriminatorHealth(engine("dcgan"), Noise((3, 8, 8)), seed=1).measure(4_000)
    assert set(metrics) == {"discriminator"}


def test_with_few_held_out_reals_overfitting_is_not_measured_and_a_line_says_why(engine):
    from ganzoo.training.health.callback import HealthCallback

    for held_out, measured in ((15, False), (16, True)):
        said = []
        run = engine("dcgan", **{"run.held_out": held_out})
        HealthCallback(run, Noise((3, 8, 8)), num_classes=0, say=said.append).on_start(0)
        with torch.no_grad():
            found = DiscriminatorHealth(run, Noise((3, 8, 8)), seed=1).measure(4_000)
        assert ("overfit" in found) is measured
        assert [line[:17] for line in said] == ([] if measured else ["run.held_out = 15"])


def test_a_patch_discriminator_is_measured_by_its_mean(scored):
    metrics = scored(lambda dataset: Positions(), "dcgan")
    assert 0.0 <= metrics["discriminator"].item() <= 1.0


def test_a_call_on_copied_buffers_computes_the_same_and_changes_no_statistic():
    norm = nn.BatchNorm1d(3)
    x = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    metrics = call_on_copied_buffers(norm, x)
    assert norm.num_batches_tracked.item() == 0
    assert torch.equal(norm.running_mean, torch.zeros(3))
    assert torch.equal(metrics, norm(x))
    assert not math.isclose(norm.running_mean.abs().sum().item(), 0.0)
