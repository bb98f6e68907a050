"""The critic's lead and its overfitting, of critics whose lead and memory are known."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from ganzoo.assembly.build import engine_of
from ganzoo.checks.noise import Noise
from ganzoo.engine.batches import split
from ganzoo.health.critic import CriticReadings, traceless
from ganzoo.health.reals import fresh_reals, pixels
from ganzoo.health.verdicts import RULES
from ganzoo.protocols import Verdict


class Remembers(nn.Module):
    """A critic that calls real what it knows by heart, and nothing else."""

    def __init__(self, known):
        super().__init__()
        self.known = known.flatten(1)

    def forward(self, images, labels):
        nearest = torch.cdist(images.flatten(1), self.known).amin(1)
        return Verdict(torch.where(nearest < 1e-3, 1.0, -1.0) + sway(images))


class Near(nn.Module):
    """A critic that calls real what lies near the origin, seen or not."""

    def forward(self, images, labels):
        return Verdict(torch.where(images.norm(dim=1) < 50, 1.0, -1.0) + sway(images))


def sway(images):
    """A little of everything, so that no two logits are equal."""
    return 0.01 * images.flatten(1)[:, 0].sin()


class Sure(nn.Module):
    """A generator of points far away from all reals."""

    latent_dim = 2

    def forward(self, latents, labels):
        return 100.0 + 0.0 * latents


class Positions(nn.Module):
    """A patch critic: one logit a position, their mean the sample's mean."""

    def forward(self, images, labels):
        return Verdict(images.mean(1))


@pytest.fixture
def judged(build, catalogue):
    """Read a run whose critic is replaced."""

    def read(critic, recipe="toy", generator=None, **values):
        assembly = build(recipe, **values)
        engine = engine_of(assembly, catalogue)
        engine.players["discriminator"].module = critic(assembly.dataset)
        if generator is not None:
            engine.players["generator"].module = generator
        with torch.no_grad():
            return CriticReadings(engine, assembly.dataset, seed=1).read(4_000)

    return read


def everything(dataset, indices=None):
    chosen = torch.arange(len(dataset)).numpy() if indices is None else indices
    return pixels(dataset.read(chosen)["images"])


def test_a_critic_that_knows_its_reals_by_heart_overfits(judged):
    told = judged(lambda dataset: Remembers(everything(dataset)), generator=Sure())
    assert told["overfit"].item() == pytest.approx(1.0, abs=0.02)
    assert told["critic"].item() == 1.0


def test_a_critic_that_knows_what_reals_are_like_does_not(judged):
    told = judged(lambda dataset: Near(), generator=Sure())
    assert told["overfit"].item() == pytest.approx(0.0, abs=0.02)
    assert told["critic"].item() == 1.0


class Fresh(nn.Module):
    """A perfect generator: every sample is a real one that was never trained on."""

    latent_dim = 2

    def __init__(self, pool):
        super().__init__()
        self.pool = pool

    def forward(self, latents, labels):
        return self.pool[(latents[:, 0].abs() * 1e6).long() % len(self.pool)]


def test_a_critic_taught_with_few_reals_against_a_perfect_generator_overfits(build, catalogue):
    assembly = build("dcgan", **{"dataset.count": 16, "discriminator.norm": "none", "discriminator.width": 8})
    engine, random = engine_of(assembly, catalogue), torch.Generator().manual_seed(0)
    reals, fresh = everything(assembly.dataset), pixels(fresh_reals(assembly.dataset, 1_000, seed=7)["images"])
    critic, labels = engine.players["discriminator"].module, torch.zeros(16, dtype=torch.int64)
    engine.players["generator"].module = Fresh(fresh)
    optimizer = torch.optim.Adam(critic.parameters(), 2e-3, (0.5, 0.999))
    for _ in range(150):
        fakes = fresh[torch.randint(1_000, (16,), generator=random)]
        loss = softplus(-critic(reals, labels).logits).mean() + softplus(critic(fakes, labels).logits).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        told = CriticReadings(engine, assembly.dataset, seed=1).read(4_000)
    assert told["overfit"].item() > RULES["overfit"].alarm


def test_reals_kept_back_are_those_the_batches_leave_out(judged):
    def critic(dataset):
        return Remembers(everything(dataset, split(len(dataset), 16)[0]))

    told = judged(critic, "dcgan", **{"run.held_out": 16})
    assert told["overfit"].item() == pytest.approx(1.0, abs=0.02)


def test_collected_data_of_which_none_are_kept_back_tell_nothing_of_overfitting(engine):
    with torch.no_grad():
        told = CriticReadings(engine("dcgan"), Noise((3, 8, 8)), seed=1).read(4_000)
    assert set(told) == {"critic"}


def test_of_a_few_kept_back_nothing_is_told_and_it_is_said_why(engine):
    from ganzoo.health.observer import Health

    for held, told in ((15, False), (16, True)):
        said = []
        run = engine("dcgan", **{"run.held_out": held})
        Health(run, Noise((3, 8, 8)), num_classes=0, say=said.append).begin(0)
        with torch.no_grad():
            found = CriticReadings(run, Noise((3, 8, 8)), seed=1).read(4_000)
        assert ("overfit" in found) is told
        assert [line[:17] for line in said] == ([] if told else ["run.held_out = 15"])


def test_a_patch_critic_is_judged_by_its_mean(judged):
    told = judged(lambda dataset: Positions(), "dcgan")
    assert 0.0 <= told["critic"].item() <= 1.0


def test_a_traceless_call_computes_the_same_and_moves_no_statistic():
    norm = nn.BatchNorm1d(3)
    x = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    told = traceless(norm, x)
    assert norm.num_batches_tracked.item() == 0
    assert torch.equal(norm.running_mean, torch.zeros(3))
    assert torch.equal(told, norm(x))
    assert not math.isclose(norm.running_mean.abs().sum().item(), 0.0)
