"""An unexpected error in a component's code names the component, its plugin, the line and the command to check it."""

import re
from pathlib import Path

import pytest

PLUGIN = '''
import os
from math import prod

import torch
from torch import nn
from torch.nn.functional import softplus

from ganzoo import Component, hookimpl
from ganzoo.interfaces.measurement import MetricValue


class Hasty:
    """Fails when it is made.

    Args:
        decay: not used.
    """

    relativistic = False

    def __init__(self, *, decay: float = 0.5):
        raise ValueError("decay is never right")


class Careless(Hasty):
    """Takes settings it does not declare."""

    def __init__(self, **settings):
        pass


class Correct:
    """Is a correct loss."""

    relativistic = False

    def discriminator(self, real, fake):
        return softplus(-real).mean() + softplus(fake).mean()

    def generator(self, fake, real):
        return softplus(-fake).mean()


class Unreduced(Correct):
    """Forgets the mean."""

    def discriminator(self, real, fake):
        return softplus(-real) + softplus(fake)


class Never(Correct):
    """Is never finite."""

    def generator(self, fake, real):
        return fake.mean() * float("nan")


class Half:
    """Has no loss of the generator."""

    relativistic = False
    discriminator = Correct.discriminator


class Tall(nn.Module):
    """Makes samples a row too high; a discriminator that pools would not notice."""

    latent_dim = 8

    def __init__(self, shape, *, rows: int = 1):
        super().__init__()
        self.made = (shape[0], shape[1] + rows, shape[2])
        self.inner = nn.Linear(8, prod(self.made))

    def forward(self, latents, labels):
        if "HASTY_LOSSES_FAIL" in os.environ:
            raise KeyError("asked to")
        return self.inner(latents).tanh().view(-1, *self.made)


class Double(Tall):
    """Makes float64 samples, which the discriminator of another plugin cannot convolve."""

    def __init__(self, shape):
        super().__init__(shape, rows=0)

    def forward(self, latents, labels):
        return super().forward(latents, labels).double()


class Wordy:
    """Turns a rate into a word."""

    patterns = ("optimizer.*.lr",)

    def value(self, seen, base):
        return "fast"


class Late:
    """Fails in the first step."""

    patterns = ("optimizer.*.lr",)

    def value(self, seen, base):
        return base / (0 if 0 < seen < 100 else 1)


class Narrow(Tall):
    """Fails when it makes samples."""

    def forward(self, latents, labels):
        return self.inner(latents[:, :4])


class Bare:
    """Returns a number without a name."""

    uses_features = False

    def __call__(self, inputs):
        return 1.0


class Tensorial(Bare):
    """Returns a tensor, which no file can hold."""

    def __call__(self, inputs):
        return {"one": MetricValue(torch.tensor(1.0))}


@hookimpl
def ganzoo_components():
    for name in ("unreduced", "never", "half"):
        yield Component("loss", name, path=f"hasty_losses:{name.title()}", summary="breaks a law")
    for name in ("tall", "double"):
        yield Component("generator", name, f"hasty_losses:{name.title()}", provides=("image",), summary="breaks a law")
    for name in ("bare", "tensorial"):
        yield Component("metric", name, path=f"hasty_losses:{name.title()}", summary="breaks a law")
    yield Component("generator", "narrow", "hasty_losses:Narrow", provides=("image",), summary="fails in a step")
    for name in ("wordy", "late"):
        yield Component("schedule", name, path=f"hasty_losses:{name.title()}", summary="breaks a law")
    yield Component("loss", "hasty", path="hasty_losses:Hasty", summary="fails when it is made")
    yield Component("loss", "careless", path="hasty_losses:Careless", summary="breaks the rules of signatures")
'''


@pytest.fixture(scope="module")
def plugin(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("hasty") / "hasty_losses.py"
    file.write_text(PLUGIN)
    return file


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


TINY = ("--images", "16", "--batch-size", "8", "--resolution", "16", "--set", "run.log_every=8")


def assert_blames(said, component: str, where: str, what: str, check: str) -> None:
    """Check both lines of a plugin's bug, and that the log holds the traceback."""
    assert said.code == 70
    first, second = said.err.splitlines()
    found = re.fullmatch(rf"error: {component} failed{where}: {what}.*; the traceback is in (\S+)", first)
    assert found, first
    assert second == f"Its author finds more with: {check}"
    assert "Traceback" in Path(found[1]).read_text()
    Path(found[1]).unlink()


def test_component_plugin_line_and_next_command_are_named(ganzoo, plugin):
    said = ganzoo("train", "dcgan", "--loss", "hasty", "--plugin", str(plugin))
    check = f"ganzoo check hasty --plugin {plugin}"
    assert_blames(said, "loss 'hasty' of hasty-losses", rf" in {plugin}:\d+", "ValueError: decay is never right", check)
    assert ganzoo(*check.split()[1:]).code == 1


@pytest.mark.parametrize(
    ("flag", "name", "where", "what"),
    [
        ("--generator", "narrow", r" in PLUGIN:\d+", "RuntimeError: mat1 and mat2"),
        ("--schedule", "late", r" in PLUGIN:\d+", "ZeroDivisionError: .*division by zero"),
        ("--schedule", "wordy", "", "ValueError: "),
    ],
)
def test_an_error_in_training_names_the_component_not_its_caller(ganzoo, plugin, flag, name, where, what):
    said = ganzoo("train", "dcgan", flag, name, "--plugin", str(plugin), *TINY)
    component = f"{flag.strip('-')} '{name}' of hasty-losses"
    assert_blames(said, component, where.replace("PLUGIN", str(plugin)), what, f"ganzoo check {name} --plugin {plugin}")


@pytest.mark.parametrize(
    ("flag", "name", "what"),
    [
        ("--loss", "unreduced", r"loss discriminator/loss has shape \(8,\), not \(\)"),
        ("--generator", "tall", r"the generator made samples of shape \(8, 3, 17, 16\)"),
    ],
)
def test_a_value_that_breaks_the_rules_is_a_line_and_the_plugin_to_check(ganzoo, plugin, flag, name, what):
    said = ganzoo("train", "dcgan", flag, name, "--plugin", str(plugin), *TINY)
    assert said.code == 2
    first, second = said.err.splitlines()
    assert re.match(f"error: {what}", first)
    assert second == f"Its author finds more with: ganzoo check --plugin {plugin}"


def test_a_term_that_is_never_finite_is_no_matter_of_the_learning_rate(ganzoo, plugin):
    said = ganzoo("train", "dcgan", "--loss", "never", "--plugin", str(plugin), *TINY)
    assert said.code == 2
    assert "generator/loss was the first loss that is not finite" in said.err
    assert "ganzoo check NAME" in said.err
    assert "--set" not in said.err


def test_where_a_value_breaks_another_component_the_plugin_file_it_came_from_is_named_too(ganzoo, plugin):
    said = ganzoo("train", "dcgan", "--generator", "double", "--plugin", str(plugin), *TINY)
    where = r" in \S+ganzoo_dcgan\S+:\d+"
    check = f"ganzoo check dcgan; ganzoo check double --plugin {plugin}"
    assert_blames(said, "discriminator 'dcgan' of ganzoo-dcgan", where, "RuntimeError: ", check)


def test_an_error_in_our_code_names_the_plugin_file_of_the_command_line(ganzoo, plugin):
    said = ganzoo("train", "dcgan", "--loss", "half", "--plugin", str(plugin), *TINY)
    assert said.code == 70
    first, second = said.err.splitlines()
    assert first.startswith("ganzoo or a plugin has a bug: AttributeError: 'Half' object has no attribute 'generator'")
    assert second == f"First check the plugin: ganzoo check --plugin {plugin}"
    Path(re.search(r"traceback is in (\S+)", said.err)[1]).unlink()


def test_a_metric_that_fails_is_named_and_does_not_end_training(ganzoo, plugin, tmp_path):
    words = ("--plugin", str(plugin), "--set", "run.evaluate_samples=8", "--out", str(tmp_path / "run"))
    trained = ganzoo("train", "dcgan", "--evaluate", "bare,tensorial@8", *TINY, *words)
    assert trained.code == 0
    assert "No evaluation at 8 images, and training goes on: metric 'bare' of hasty-losses failed" in trained.out
    check = f"ganzoo check bare --plugin {plugin}"
    bare = ganzoo("evaluate", str(tmp_path / "run"), "--metrics", "bare", "--samples", "8")
    assert_blames(bare, "metric 'bare' of hasty-losses", "", "TypeError: 'float' object is not iterable", check)
    tensorial = ganzoo("evaluate", str(tmp_path / "run"), "--metrics", "tensorial", "--samples", "8")
    assert tensorial.code == 2
    assert "wrap it in float()" in tensorial.err
    assert "ganzoo check tensorial" in tensorial.err


def test_an_error_in_sampling_names_the_component(ganzoo, plugin, tmp_path, monkeypatch):
    run = tmp_path / "run"
    words = ("--plugin", str(plugin), "--set", "generator.rows=0", "--out", str(run))
    assert ganzoo("train", "dcgan", "--generator", "tall", *TINY, *words).code == 0
    monkeypatch.setenv("HASTY_LOSSES_FAIL", "1")
    component, check = "generator 'tall' of hasty-losses", f"ganzoo check tall --plugin {plugin}"
    for command in ("sample", "interpolate --frames 8", "evaluate --metrics fd --features raw"):
        said = ganzoo(*command.split(), str(run))
        assert_blames(said, component, rf" in {plugin}:\d+", "KeyError: 'asked to'", check)


def test_correct_components_are_not_blamed(ganzoo, plugin, monkeypatch):
    def wrong(*_):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("ganzoo.training.step.Engine.step", wrong)
    said = ganzoo("train", "dcgan", *TINY)
    assert said.code == 70
    assert said.err.startswith("ganzoo has a bug: ZeroDivisionError: ours")
    Path(re.search(r"traceback is in (\S+)", said.err)[1]).unlink()


def test_a_signature_that_breaks_the_rules_is_a_mistake_not_a_bug(ganzoo, plugin):
    for words in (("train", "dcgan", "--loss", "careless"), ("show", "careless")):
        said = ganzoo(*words, "--plugin", str(plugin))
        assert said.code == 2
        assert "loss 'careless' (hasty_losses:Careless) cannot be used" in said.err
        assert "takes *settings: every setting must be declared by name" in said.err
        assert f"ganzoo check careless --plugin {plugin}" in said.err
    assert not list(Path().glob("runs/*"))
