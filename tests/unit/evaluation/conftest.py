"""A ruler of our own, as a plugin file brings it: features that are averages, metrics in closed form."""

from pathlib import Path

import pytest

import ganzoo
from ganzoo.engine.device import pick_device
from ganzoo.launch import saved_run
from ganzoo.registry import registry

SMALL = {"generator.width": 4, "discriminator.width": 4, "dataset.resolution": 8, "dataset.count": 48}

PLUGIN = '''
"""Features and metrics in closed form."""
import time
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge
from ganzoo import Component, hookimpl
from ganzoo.measurement import Reading


class Averages(torch.nn.Module):
    """The average of each channel.

    Args:
        scale: of the averages.
        note: nothing but a text.
    """

    argument = "note"
    name, resizer = "averages", "none"

    def __init__(self, shape, *, scale: float = 1.0, note: str = ""):
        super().__init__()
        self.dim, self.scale = shape[0], scale

    def forward(self, images):
        return self.scale * (images.flatten(2).mean(2) if images.ndim == 4 else images)

    def fingerprint(self):
        return f"averages-{self.scale}"


class Broken(Averages):
    """Features that are no numbers."""

    argument = ""

    def __init__(self, shape, *, scale: float = 1.0):
        super().__init__(shape, scale=scale)

    def forward(self, images):
        return super().forward(images) * torch.nan


class Gap:
    """How far the mean features lie apart.

    Args:
        power: of the distance.
    """

    featured: ClassVar[bool] = True

    def __init__(self, *, power: Annotated[int, Ge(1)] = 1):
        self.power = power

    def __call__(self, evidence):
        gap = (evidence.real.moments.mean - evidence.fake.moments.mean).norm() ** self.power
        evidence.picture("first", evidence.fake.images(range(4)), 2)
        return {"gap": Reading(float(gap), 0.01)}


class Spread:
    """How far fakes differ.

    Args:
        better: which way is better.
    """

    featured: ClassVar[bool] = False

    def __init__(self, *, better: Literal["higher", "neither"] = "higher"):
        self.better = better

    def __call__(self, evidence):
        torch.randn(3)  # careless of the engine's randomness
        fakes = torch.cat([images for images, _ in evidence.fake.batches()])
        return {"spread": Reading(float(fakes.std(0).mean()), None, self.better)}


class Waiting:
    """How far the mean features lie apart, once a file is there.

    Args:
        gate: the file.
    """

    featured: ClassVar[bool] = True

    def __init__(self, *, gate: str = ""):
        self.gate = gate

    def __call__(self, evidence):
        while self.gate and not Path(self.gate).exists():
            time.sleep(0.01)
        return {"apart": Reading(float((evidence.real.moments.mean - evidence.fake.moments.mean).norm()))}


class Peeping(Waiting):
    """Declares that it looks at features alone, and looks at images."""

    def __call__(self, evidence):
        return {"peeped": Reading(float(evidence.fake.images(range(4)).mean()))}


@hookimpl
def ganzoo_components():
    yield Component("metric", "waiting", "closed_form:Waiting", "waits", provides=("features-only",))
    yield Component("metric", "peeping", "closed_form:Peeping", "peeps", provides=("features-only",))
    yield Component("features", "averages", "closed_form:Averages", "averages of channels")
    yield Component("features", "broken", "closed_form:Broken", "no numbers")
    yield Component("metric", "gap", "closed_form:Gap", "how far the means lie apart")
    yield Component("metric", "spread", "closed_form:Spread", "how far fakes differ")
    yield Component("metric", "styled", "closed_form:Spread", "asks for styles", needs=("weather",))
    yield Component("metric", "labelled", "closed_form:Spread", "asks for labels", needs=("labels",))
'''


@pytest.fixture(scope="session")
def plugin(tmp_path_factory) -> Path:
    """The plugin file."""
    file = tmp_path_factory.mktemp("plugin") / "closed_form.py"
    file.write_text(PLUGIN, encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def rulers(plugin):
    """Everything installed, and the plugin file."""
    return registry([plugin])


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A tiny run of 80 images."""
    return ganzoo.train("dcgan", images=80, batch_size=4, device="cpu", settings=SMALL,
                        out=tmp_path_factory.mktemp("runs") / "first").folder  # fmt: skip


@pytest.fixture(scope="session")
def conditional(tmp_path_factory):
    """A tiny run whose generator is told of classes."""
    return ganzoo.train("dcgan", conditioning="projection", images=8, batch_size=4, device="cpu", settings=SMALL,
                        out=tmp_path_factory.mktemp("runs") / "classes").folder  # fmt: skip


@pytest.fixture(scope="session")
def opened(plugin):
    """Read a run's configuration, and load everything it may be measured with."""
    return lambda folder: saved_run(folder, [str(plugin)])


@pytest.fixture(scope="session")
def cpu():
    return pick_device("cpu")
