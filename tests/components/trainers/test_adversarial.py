"""Adversarial training as phases."""

import pytest
import torch

from ganzoo.components.losses.non_saturating import NonSaturating
from ganzoo.nn.discriminator import DiscriminatorWithHead
from ganzoo.registry.registry import load_registry


def gradient_of(run, phases):
    """Sum of the discriminator's gradients over the given phases' terms, weighted as the engine repeats them."""
    weights = run.players["discriminator"].parameters
    total = [torch.zeros_like(w) for w in weights]
    for phase in phases:
        losses = run.losses(phase)
        term = losses["gradient-penalty"]
        gradients = torch.autograd.grad(term, weights, allow_unused=True)
        total = [t + phase.repeat * (0 if g is None else g) for t, g in zip(total, gradients, strict=True)]
    return torch.cat([t.flatten() for t in total])


@pytest.mark.parametrize("discriminator_steps", [1, 5])
def test_a_lazy_term_weighs_as_much_as_one_in_every_discriminator_step(engine, discriminator_steps):
    settings = {
        "term": ("gradient-penalty",),
        "trainer.discriminator_steps": discriminator_steps,
        "conditioning": "none",
    }
    eager = engine(**settings)
    lazy = engine(**settings, **{"term.gradient-penalty.every": 4})
    each_step = gradient_of(eager, [p for p in eager.phases if p.name == "discriminator"])
    lazily = [p for p in lazy.phases if p.name == "gradient-penalty"]
    assert lazily[0].every == 4
    ratio = gradient_of(lazy, lazily).norm() / (4 * each_step.norm())
    assert 0.8 < ratio.item() < 1.25


def test_the_discriminator_moves_first_and_on_new_reals(engine):
    phases = engine(**{"trainer.discriminator_steps": 3}).phases
    assert [(p.name, p.player, p.repeat, p.new_batch) for p in phases] == [
        ("discriminator", "discriminator", 3, True),
        ("generator", "generator", 1, False),
    ]


def test_terms_are_finite_under_bf16(engine):
    run = engine(term=("r2",), **{"run.precision": "bf16"})
    run.step()
    assert all(torch.isfinite(torch.tensor(value)) for value in run.meter.read().values())


def test_a_relativistic_loss_gets_the_logits_of_reals(engine):
    run = engine(loss="relativistic-pairing")
    run.step()
    assert {"discriminator/loss", "generator/loss"} <= run.meter.read().keys()


def discriminator_phase(run):
    return next(phase for phase in run.phases if phase.name == "discriminator")


def test_terms_on_images_that_are_scored_anyway_need_no_further_pass(engine):
    """Reals and fakes pass once each, whatever uses their logits; only changed images pass again."""
    terms = {(): 2, ("r1", "r2", "lecam"): 2, ("gradient-penalty",): 3, ("consistency",): 4}
    for names, expected in terms.items():
        run = engine(term=names, conditioning="none")
        passes = []
        run.players["discriminator"].module.register_forward_hook(lambda *_, passes=passes: passes.append(1))
        run.losses(discriminator_phase(run))
        assert len(passes) == expected, names


def test_a_term_has_the_same_gradient_with_logits_of_the_phase_and_with_its_own(engine):
    """In float32 the phase's own logits serve; under bf16 the term has its images scored again."""
    run = engine(term=("r1", "r2"), conditioning="none", **{"discriminator.norm": "none"})
    weights = run.players["discriminator"].parameters
    shared = run.losses(discriminator_phase(run))
    with torch.autocast("cpu", torch.bfloat16):
        apart = run.losses(discriminator_phase(run))
    for name in ("r1", "r2"):
        one, other = (torch.autograd.grad(t[name], weights, retain_graph=True, allow_unused=True)
                      for t in (shared, apart))  # fmt: skip
        one, other = (torch.cat([g.flatten() for g in side if g is not None]) for side in (one, other))
        assert one.norm() > 0
        assert (one - other).norm() < 0.02 * one.norm()  # the fakes were made in bf16


def test_a_lazy_term_on_reals_makes_no_fakes(engine):
    run = engine(term=("r1",), **{"term.r1.every": 4})
    made = []
    run.players["generator"].module.register_forward_hook(lambda *_: made.append(1))
    run.losses(next(phase for phase in run.phases if phase.name == "r1"))
    assert made == []


class Recording(torch.nn.Module):
    """An adaptive augmentation that changes nothing and records the logits it is given."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, images, rng):
        return images

    def adapt(self, real_logits):
        self.seen.append(real_logits)


@pytest.fixture
def scored(monkeypatch):
    """Logits the discriminator returns, in the order of its calls."""
    plain, found = DiscriminatorWithHead.forward, []

    def record(self, images, labels):
        output = plain(self, images, labels)
        found.append(output.logits.detach())
        return output

    monkeypatch.setattr(DiscriminatorWithHead, "forward", record)
    return found


MIDPOINTS = {
    **dict.fromkeys(("wasserstein", "wgan-gp", "relativistic-pairing", "relativistic-average"), None),
    **dict.fromkeys(("non-saturating", "minimax", "hinge"), 0.0),
    "least-squares": 0.5,
}


def logits_passed_to_an_augmentation(run):
    """Logits that an adaptive augmentation is given in one discriminator's phase."""
    trainer, recording = discriminator_phase(run).losses.__self__, Recording()
    trainer._augmentations = {"recording": recording}
    trainer.discriminator_losses(next(run._split(run._batches.at(0), 0)))
    return recording.seen[0]


@pytest.mark.parametrize(("loss", "midpoint"), MIDPOINTS.items())
def test_adaptive_augmentations_get_the_logits_of_reals_above_the_midpoint(engine, scored, loss, midpoint):
    seen = logits_passed_to_an_augmentation(engine(loss=loss, conditioning="none"))
    real, fake, *_ = scored
    expected = real - ((real.mean() + fake.mean()) / 2 if midpoint is None else midpoint)
    torch.testing.assert_close(seen, expected)


def test_a_loss_that_names_no_midpoint_is_measured_from_between_the_means(engine, scored, monkeypatch):
    monkeypatch.delattr(NonSaturating, "midpoint")
    seen = logits_passed_to_an_augmentation(engine(loss="non-saturating", conditioning="none"))
    real, fake, *_ = scored
    torch.testing.assert_close(seen, real - (real.mean() + fake.mean()) / 2)


def test_the_midpoint_of_every_loss_is_tested():
    assert {entry.record.name for entry in load_registry().of_kind("loss")} == set(MIDPOINTS)


class Marking(torch.nn.Module):
    """An augmentation that leaves a mark in the last pixel, which no image has by itself."""

    def forward(self, images, rng):
        marked = images.clone()
        marked[..., -1, -1] = 5.0
        return marked


@pytest.mark.parametrize("augmentation", [(), ("packing",)], ids=str)
@pytest.mark.parametrize("loss", ["non-saturating", "relativistic-pairing"])
def test_all_images_the_discriminator_sees_are_augmented_in_every_phase(engine, loss, augmentation):
    terms = ("r1", "r2", "gradient-penalty", "consistency", "feature-matching")
    lazy = {"term.r2.every": 2, "term.gradient-penalty.every": 2}
    run = engine(loss=loss, term=terms, augmentation=augmentation, conditioning="none", **lazy)
    trainer, seen = discriminator_phase(run).losses.__self__, []
    trainer._augmentations = {"marking": Marking(), **trainer._augmentations}
    run.players["discriminator"].module.trunk.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    assert [phase.name for phase in run.phases] == ["discriminator", "generator", "r2", "gradient-penalty"]
    for phase in run.phases:
        run.losses(phase)
        assert seen and all((images[..., -1, -1] == 5.0).all() for images in seen), phase.name
        seen.clear()
