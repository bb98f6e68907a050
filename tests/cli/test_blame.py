"""An unexpected error is laid at the door of the part that breaks a law of its kind, wherever it came to light."""

import re
from pathlib import Path

import pytest

PLUGIN = '''
from math import prod

import torch
from torch import nn
from torch.nn.functional import softplus

from ganzoo import Component, hookimpl
from ganzoo.interfaces.measurement import MetricValue


class Hasty:
    """Fails when it is made.

    Args:
        decay: of nothing.
    """

    relativistic = False

    def __init__(self, *, decay: float = 0.5):
        raise ValueError("decay is never right")


class Careless(Hasty):
    """Takes whatever comes."""

    def __init__(self, **settings):
        pass


class Sound:
    """Keeps the laws."""

    relativistic = False

    def discriminator(self, real, fake):
        return softplus(-real).mean() + softplus(fake).mean()

    def generator(self, fake, real):
        return softplus(-fake).mean()


class Unreduced(Sound):
    """Forgets the mean."""

    def discriminator(self, real, fake):
        return softplus(-real) + softplus(fake)


class Never(Sound):
    """Is never finite."""

    def generator(self, fake, real):
        return fake.mean() * float("nan")


class Half:
    """Has no generator's half."""

    relativistic = False
    discriminator = Sound.discriminator


class Tall(nn.Module):
    """Makes samples a row too high; a discriminator that pools would not notice."""

    latent_dim = 8

    def __init__(self, shape, *, rows: int = 1, planes: int = 0):
        super().__init__()
        self.made = (shape[0] + planes, shape[1] + rows, shape[2])
        self.inner = nn.Linear(8, prod(self.made))

    def forward(self, latents, labels):
        return self.inner(latents).tanh().view(-1, *self.made)


class Thick(Tall):
    """Makes samples with a channel too many, which break in the discriminator of another plugin."""

    def __init__(self, shape):
        super().__init__(shape, rows=0, planes=1)


class Wordy:
    """Turns a rate into a word."""

    turns = ("optimizer.*.lr",)

    def value(self, seen, base):
        return "fast"


class Bare:
    """Reads no reading."""

    featured = False

    def __call__(self, inputs):
        return 1.0


class Tensorial(Bare):
    """Reads what no file can hold."""

    def __call__(self, inputs):
        return {"one": MetricValue(torch.tensor(1.0))}


@hookimpl
def ganzoo_components():
    for name in ("unreduced", "never", "half"):
        yield Component("loss", name, path=f"hasty_losses:{name.title()}", summary="breaks a law")
    for name in ("tall", "thick"):
        yield Component("generator", name, f"hasty_losses:{name.title()}", provides=("image",), summary="breaks a law")
    for name in ("bare", "tensorial"):
        yield Component("metric", name, path=f"hasty_losses:{name.title()}", summary="breaks a law")
    yield Component("schedule", "wordy", path="hasty_losses:Wordy", summary="breaks a law")
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


def test_the_part_its_law_and_the_line_are_named(ganzoo, plugin):
    said = ganzoo("train", "dcgan", "--loss", "hasty", "--plugin", str(plugin))
    assert said.code == 70
    first, second, third = said.err.splitlines()
    assert first == "error: loss 'hasty' of hasty-losses breaks a law of its kind (builds): ValueError: decay is " \
                    "never right"  # fmt: skip
    assert second == f"Its author sees all of it with: ganzoo --plugin {plugin} check hasty"
    assert re.match(rf"It ended in {plugin}:\d+: ValueError: decay is never right; the traceback is in \S+", third)
    Path(re.search(r"traceback is in (\S+)", said.err)[1]).unlink()


@pytest.mark.parametrize(
    ("flag", "name", "code", "law"),
    [
        (
            "--loss",
            "unreduced",
            2,
            r"\(any-shape\): the discriminator's half for logits of shape \(8,\) .*expected \(\)",
        ),
        ("--loss", "never", 2, r"\(any-shape\): the generator's half .* is not finite"),
        ("--loss", "half", 70, "'Half' object has no attribute 'generator'"),
        ("--generator", "tall", 2, r"\(shape\): samples for data of shape \(3, 16, 16\): shape \(4, 3, 17, 16\)"),
        ("--generator", "thick", 2, r"\(shape\): samples for data of shape \(3, 16, 16\): shape \(4, 4, 16, 16\)"),
        ("--schedule", "wordy", 70, "must be real number, not str"),
    ],
)
def test_what_a_broken_part_gives_is_not_laid_at_the_door_of_who_took_it(ganzoo, plugin, flag, name, code, law):
    said = ganzoo("train", "dcgan", flag, name, "--plugin", str(plugin), *TINY)
    assert said.code == code
    first, second, *rest = said.err.splitlines()
    assert re.match(f"error: {flag.strip('-')} '{name}' of hasty-losses breaks a law of its kind.*{law}", first)
    assert second == f"Its author sees all of it with: ganzoo --plugin {plugin} check {name}"
    assert len(rest) == (code == 70)
    for line in rest:
        Path(re.search(r"traceback is in (\S+)", line)[1]).unlink()


@pytest.mark.parametrize(("name", "code", "law"), [("bare", 70, "not iterable"), ("tensorial", 2, r"wrap it in float")])
def test_a_metric_that_reads_no_reading_is_named_and_does_not_end_training(ganzoo, plugin, tmp_path, name, code, law):
    words = ("--plugin", str(plugin), "--set", "run.evaluate_samples=8", "--out", str(tmp_path / "run"))
    trained = ganzoo("train", "dcgan", "--evaluate", f"{name}@8", *TINY, *words)
    assert trained.code == 0
    assert "No evaluation at 8 images, and training goes on: " in trained.out
    said = ganzoo("evaluate", str(tmp_path / "run"), "--metrics", name, "--samples", "8")
    assert said.code == code
    assert re.match(f"error: metric '{name}' of hasty-losses breaks a law of its kind .*{law}", said.err)


def test_parts_that_keep_the_laws_are_not_blamed(ganzoo, plugin, monkeypatch):
    def wrong(*_):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("ganzoo.training.step.Engine.step", wrong)
    said = ganzoo("train", "dcgan", *TINY)
    assert said.code == 70
    assert said.err.startswith("ganzoo found a bug: ZeroDivisionError: ours")
    Path(re.search(r"traceback is in (\S+)", said.err)[1]).unlink()


def test_a_signature_that_breaks_the_rules_is_a_mistake_not_a_bug(ganzoo, plugin):
    for words in (("train", "dcgan", "--loss", "careless"), ("show", "careless")):
        said = ganzoo(*words, "--plugin", str(plugin))
        assert said.code == 2
        assert "loss 'careless' (hasty_losses:Careless) cannot be used" in said.err
        assert "takes *settings: every setting must be declared by name" in said.err
    assert not list(Path().glob("runs/*"))
