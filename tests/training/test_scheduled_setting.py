"""Settings that change with the images seen."""

import pytest

from ganzoo.assembly.build import assemble, build_engine
from ganzoo.checks.resume import resume_differences
from ganzoo.config.layers import split_layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import BadSetting
from ganzoo.registry.registry import load_registry
from ganzoo.training.scheduled_setting import ScheduledSetting

PLUGIN = '''
from ganzoo.registry.hooks import hookimpl
from ganzoo.registry.specs import Component


class Line:
    """A schedule for tests.

    Args:
        settings: patterns of the settings it changes.
        slope: change per image.
    """

    def __init__(self, *, settings: tuple[str, ...] = ("optimizer.*.lr",), slope: float = 1e-5) -> None:
        self.patterns, self.slope = settings, slope

    def value(self, seen, base):
        return base + self.slope * min(seen, 10_000)


@hookimpl
def ganzoo_components():
    yield Component("schedule", "line", f"{__name__}:Line", "a straight line")
'''


@pytest.fixture(scope="module")
def lined(tmp_path_factory):
    """Builds a tiny run under the schedule ``line``."""
    file = tmp_path_factory.mktemp("plugin") / "line.py"
    file.write_text(PLUGIN, encoding="utf-8")
    catalogue = load_registry((str(file),))

    def make(**values):
        small = {"dataset.resolution": 8, "dataset.count": 64, "run.batch_size": 4, "run.images": 64,
                 "run.device": "cpu", "generator.width": 4, "discriminator.width": 4}  # fmt: skip
        layer = split_layer("command line", {**small, "schedule": ("line",), **values})
        return build_engine(assemble(catalogue, resolve(catalogue, Request("dcgan", (layer,)))), catalogue)

    return make


def rates(run):
    return [group["lr"] for player in run.players.values() for group in player.optimizer.param_groups]


def test_a_rate_follows_the_images_seen(lined):
    run = lined(**{"optimizer.generator.lr": 1e-3, "optimizer.discriminator.lr": 2e-3})
    for step in range(3):
        run.step()
        assert rates(run) == pytest.approx([1e-3 + step * 4e-5, 2e-3 + step * 4e-5])


def test_a_decay_rate_reaches_the_optimizer(lined):
    run = lined(**{"schedule.line.settings": ("optimizer.generator.beta2",), "schedule.line.slope": -1e-5})
    run.step()
    run.step()
    betas = {name: player.optimizer.param_groups[0]["betas"][1] for name, player in run.players.items()}
    assert betas == pytest.approx({"generator": 0.999 - 4e-5, "discriminator": 0.999})


def test_a_term_and_the_average_follow(lined):
    settings = ("term.r1.weight", "run.ema_half_life")
    run = lined(term=("r1",), **{"schedule.line.settings": settings, "schedule.line.slope": 1.0})
    run.step()
    run.step()
    r1 = next(setting.component for setting in run._scheduled if setting.owner == "term.r1")
    assert (r1.weight, run.run.ema_half_life) == (14.0, 10_004)


def test_a_resumed_run_continues_the_schedule(lined, tmp_path):
    def build():
        return lined(term=("r1",), **{"schedule.line.settings": ("optimizer.*.lr", "term.r1.weight")})

    assert resume_differences(build, tmp_path) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("term.r1.weight",), "does not have"),
        (("run.precision",), "no number"),
        (("run.batch_size",), "read once"),
        (("optimizer.*.beta2",), "less than 1"),
    ],
)
def test_settings_that_cannot_change_are_refused(lined, settings, message):
    with pytest.raises(BadSetting, match=message):
        lined(**{"schedule.line.settings": settings, "schedule.line.slope": 1.0})


def test_a_scheduled_setting_knows_its_owner():
    setting = ScheduledSetting("optimizer.generator.lr", 1.0, None)
    assert (setting.owner, setting.name) == ("optimizer.generator", "lr")
