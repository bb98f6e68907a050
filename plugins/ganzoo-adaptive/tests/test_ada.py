from inspect import signature

import pytest
import torch
from ganzoo_adaptive.ada import Ada

from ganzoo import BadSetting
from ganzoo.assembly.build import assemble, build_engine
from ganzoo.checks.resume import resume_differences
from ganzoo.checks.runs import shrink_config
from ganzoo.config.layers import Layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.registry.registry import load_registry
from ganzoo.training.rng import BatchRng

GROUPS = ("blit", "geometry", "colour", "filter", "noise", "cutout")
SHAPES = [(1, 8, 8), (2, 7, 7), (3, 12, 8), (4, 6, 10), (3, 28, 28)]


def fixed(shape, p, groups=GROUPS):
    return Ada(shape, groups=groups, probability=p, adaptive=False)


@pytest.mark.parametrize("shape", SHAPES)
def test_at_p_0_it_is_the_identity_bit_for_bit(rng, images, shape):
    x = images(16, *shape)
    assert torch.equal(fixed(shape, 0.0)(x, rng(16)), x)


@pytest.mark.parametrize("group", GROUPS)
def test_samples_stay_unchanged_as_often_as_no_transform_applies(rng, images, group):
    """The share of unchanged images is the product of (1 - p) over the group's transforms."""
    p, x = 0.3, images(2000, 3, 8, 8)
    unchanged = (fixed((3, 8, 8), p, (group,))(x, rng(2000)) == x).flatten(1).all(1).double().mean().item()
    kept = 1 - p
    shift = (1 - p) + p / 4  # of the shifts by up to a pixel, half round to none on either axis
    wanted = {
        "blit": (1 - p / 2) * (1 - 3 * p / 4) * shift,
        "geometry": kept**4,  # scale, stretch, shift; both rotations together count once
        "colour": kept**2 * (1 - p / 2) * kept**2,
        "filter": kept**4,
        "noise": kept,
        "cutout": kept,
    }
    assert unchanged == pytest.approx(wanted[group], abs=0.04)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("group", GROUPS)
def test_every_group_takes_any_shape(rng, images, group, shape):
    x = images(8, *shape)
    seen = fixed(shape, 1.0, (group,))(x, rng(8))
    assert seen.shape == x.shape
    assert seen.isfinite().all()
    assert not torch.equal(seen, x)


def test_defaults_are_the_papers():
    defaults = {name: parameter.default for name, parameter in signature(Ada).parameters.items()}
    assert (defaults["target"], defaults["interval"], defaults["speed"]) == (0.6, 4, 500_000)


def test_each_sample_depends_on_its_own_random_numbers_and_the_input_stays(rng, images):
    augmentation, x = fixed((3, 8, 8), 0.7), images(6, 3, 8, 8)
    before, seen = x.clone(), augmentation(x, rng(6))
    assert torch.equal(seen, augmentation(x, rng(6)))
    assert not torch.equal(seen, augmentation(x, rng(6, seed=1)))
    halves = [augmentation(x[:3], rng(6, stop=3)), augmentation(x[3:], rng(6, start=3))]
    torch.testing.assert_close(torch.cat(halves), seen)
    assert torch.equal(x, before)


@pytest.mark.parametrize("group", GROUPS)
def test_constants_are_recoverable_from_their_augmented_mean(rng, group):
    """Invertible in distribution: the mean over augmentations keeps a share of a constant, above 0, at every pixel."""
    p, count, shape = 0.6, 4000, (3, 8, 8)
    augmentation, levels = (
        fixed(shape, p, (group,)),
        [torch.tensor(c).view(3, 1, 1) for c in ([0.5, 0.2, -0.1], [0.0] * 3)],
    )
    some, none = (augmentation(level.expand(count, *shape).clone(), rng(count)).mean(0) for level in levels)
    kept = (some - none).mean((1, 2)) / levels[0].flatten()
    least = (1 - p) ** 3  # brightness aside, of the colours' five transforms those that shrink a constant
    assert (kept > least).all(), kept
    assert ((some - none) / levels[0] > 0).all()
    if group in ("blit", "geometry", "noise"):
        torch.testing.assert_close(kept, torch.ones(3), rtol=0, atol=0.01)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", [(3, 3, 4), (1, 4, 4)])
def test_it_differentiates_twice_through_all_of_it(rng, images, shape, seed):
    augmentation, x = fixed(shape, 1.0).double(), images(1, *shape, dtype=torch.float64).requires_grad_()

    def curved(x):
        return augmentation(x, rng(1, seed=seed)).square()

    assert torch.autograd.gradcheck(curved, x)
    assert torch.autograd.gradgradcheck(curved, x)


def test_nothing_is_read_on_the_host(rng, images, watch):
    augmentation, x = fixed((3, 8, 8), 0.5), images(4, 3, 8, 8)
    with watch:
        augmentation(x, rng(4))


def test_it_computes_at_least_in_float32(rng, images):
    augmentation, x = fixed((3, 8, 8), 1.0), images(4, 3, 8, 8)
    plain = augmentation(x, rng(4))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(augmentation(x, rng(4)), plain)
    assert augmentation(x.bfloat16(), rng(4)).dtype == torch.float32


def test_a_blit_without_a_shift_only_reorders_pixels(rng, images):
    x = images(50, 1, 3, 3)  # an eighth of three pixels rounds to none
    seen = fixed((1, 3, 3), 1.0, ("blit",))(x, rng(50))
    assert torch.equal(seen.flatten(1).sort(1).values, x.flatten(1).sort(1).values)


def test_each_batch_is_counted_for_the_speed(rng, images):
    augmentation = Ada((1, 8, 8))
    for _ in range(4):
        augmentation(images(64, 1, 8, 8), rng(64))
        augmentation.adapt(torch.ones(32))  # a discriminator of pairs
    assert augmentation.p.item() == pytest.approx(4 * 64 / 500_000)


def build_with(parts=None, **settings):
    found = load_registry()
    chosen = {"augmentation": ("ada",), "dataset": ("sprites",), **(parts or {})}
    layer = Layer("test", chosen, {f"augmentation.ada.{name}": value for name, value in settings.items()})
    return build_engine(assemble(found, shrink_config(found, resolve(found, Request("dcgan", (layer,))))), found)


FALLING = {"probability": 0.9, "speed": 40, "interval": 1, "target": 1.0}  # r_t stays below it: p falls


def run_steps(engine, steps):
    for _ in range(steps):
        engine.step()
    engine.close()
    return engine.meter.read()


def test_in_a_run_p_follows_each_discriminator_step_and_is_logged():
    engine = build_with(**FALLING)
    logged = run_steps(engine, 3)
    assert engine.stateful_modules["augmentation.ada"].p.item() == pytest.approx(0.9 - 3 * 4 / 40)
    assert logged["augmentation.ada/p"] == pytest.approx(0.9 - 2 * 4 / 40)  # the mean of three steps
    assert -1 <= logged["augmentation.ada/overfit"] < 1


def test_a_run_resumes_with_its_probability(tmp_path):
    assert resume_differences(lambda: build_with(**FALLING), tmp_path) == []


def test_gradient_terms_differentiate_through_it():
    logged = run_steps(build_with({"term": ("ganzoo-losses:r1",)}, probability=1.0), 2)
    assert next(value for name, value in logged.items() if name.endswith("r1")) > 0
    assert all(abs(value) < 1e6 for value in logged.values())


@pytest.mark.parametrize(
    ("setting", "value"), [("probability", 1.5), ("groups", ("wavelets",)), ("groups", ()), ("interval", 0)]
)
def test_settings_out_of_range_are_refused(setting, value):
    with pytest.raises(BadSetting, match=f"augmentation.ada.{setting}"):
        build_with(**{setting: value})


def test_geometry_applies_after_blitting(monkeypatch):
    """Shifted by two pixels, then made twice as large about the centre: the dot comes to lie four pixels off."""
    shift, zoom = torch.eye(3)[None].clone(), torch.diag(torch.tensor([0.5, 0.5, 1.0]))[None]
    shift[0, 0, 2] = -2.0  # where a pixel comes from
    monkeypatch.setattr("ganzoo_adaptive.ada.sample_blits", lambda *_: shift)
    monkeypatch.setattr("ganzoo_adaptive.ada.sample_warps", lambda *_: zoom)
    dot = torch.zeros(1, 1, 16, 16)
    dot[..., 7:9, 7:9] = 1.0
    moved = Ada((1, 16, 16), groups=("blit", "geometry"), probability=1.0)(
        dot, BatchRng(0, 1, 0, 1, torch.device("cpu"))
    )
    place = torch.arange(16) - 7.5
    weights = moved[0, 0] / moved.sum()
    centre = (weights.sum(0) * place).sum().item(), (weights.sum(1) * place).sum().item()
    assert centre == pytest.approx((4.0, 0.0), abs=0.1)


def test_colour_share_scales_the_probability_of_colour():
    images = torch.rand(4000, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    rng = BatchRng(0, len(images), 0, len(images), torch.device("cpu"))

    def changed(share):
        ada = Ada((3, 2, 2), groups=("colour",), colour_share=share, probability=0.4, adaptive=False)
        return float((ada(images, rng) != images).flatten(1).any(1).float().mean())

    assert changed(0.0) == 0
    assert changed(1.0) == pytest.approx(1 - 0.6**4 * 0.8, abs=0.03)  # the flip flips every other image it is drawn for
    assert changed(0.5) == pytest.approx(1 - 0.8**4 * 0.9, abs=0.03)
