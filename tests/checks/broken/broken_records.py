# ruff: noqa: RUF012
"""Records that break one rule each; ``BREAKS`` holds the checks that fail, and what their messages match."""

from typing import Literal

from ganzoo import Component, When, hookimpl


class Plain:
    """A loss that passes every check."""

    relativistic = False

    def discriminator(self, real, fake):
        return fake.mean() - real.mean()

    def generator(self, fake, real):
        return -fake.mean()


class Anything(Plain):
    def __init__(self, **kwargs):
        self.kwargs = kwargs


class Untyped(Plain):
    def __init__(self, *, margin=1.0):
        self.margin = margin


class Curious(Plain):
    def __init__(self, weather):
        self.weather = weather


class Starless:
    """A data set whose settings are no settings.

    Args:
        count: samples.
    """

    def __init__(self, count=3):
        self.count = count


class Silent(Plain):
    def __init__(self, *, margin: float = 1.0):
        self.margin = margin


class Outside(Plain):
    """A loss.

    Args:
        form: one of two.
    """

    def __init__(self, *, form: Literal["a", "b"] = "c"):
        self.form = form


class Excused(Plain):
    """Declares the check it fails."""

    known_failures = {"relativistic": "the flag is set by the trainer"}
    relativistic = None


class Overcautious(Plain):
    """Declares a check it passes."""

    known_failures = {"mean": "not sure"}


BREAKS = {
    "long-winded": {"summary": "the summary has 90 characters, 80 at most"},
    "undated": {"reference": "has no year"},
    "nowhere": {"signature": "no module or plugin file of the name 'nowhere'"},
    "anything": {"signature": r"takes \*kwargs: every setting must be declared by name"},
    "untyped": {"signature": "setting 'margin' of broken_records:Untyped needs an annotation and a default"},
    "curious": {"builds": "asks for 'weather', which this run does not have.*settings after it"},
    "starless": {"builds": "its parameter 'count' is not supplied to a dataset"},
    "silent": {"help": "setting 'margin' has no line under 'Args:'"},
    "outside": {"defaults": "the default is refused: form = 'c'.*It takes 'a' or 'b'"},
    "needy": {"needs-met": "it needs 'telepathy', which nothing registered provides"},
    "wishful": {"recommends": "it recommends trainer.discriminator_stepz = 5, a setting no registered component has"},
    "mistyped": {"recommends": "it recommends trainer.discriminator_steps = 'many', which nothing takes.*int >= 1"},
    "unheard": {"recommends": "no term 'r17'"},
    "conditional": {"conditions": "there is no setting 'norm'"},
    "overcautious": {"mean": "known_failures declares it broken .not sure., but it passes"},
    "plain": {},
    "excused": {},
}


@hookimpl
def ganzoo_components():
    """Register them all."""
    for cls in (Plain, Anything, Untyped, Curious, Silent, Outside, Excused, Overcautious):
        yield _loss(cls.__name__.lower(), cls.__name__)
    yield Component("dataset", "starless", "broken_records:Starless", "no data")
    yield _loss("long-winded", summary="word " * 18)
    yield _loss("undated", reference="Somebody, some time ago")
    yield Component("loss", "nowhere", "nowhere:Plain", "is not there")
    yield _loss("needy", needs=("telepathy",))
    yield _loss("wishful", recommends={"trainer.discriminator_stepz": 5})
    yield _loss("mistyped", recommends={"trainer.discriminator_steps": "many"})
    yield _loss("unheard", recommends={"term": ("r17",)})
    yield _loss("conditional", provides=(When("calm", "norm", ("none",)),))


def _loss(name, cls="Plain", summary="a loss", **rest):
    return Component("loss", name, f"broken_records:{cls}", summary, **rest)
