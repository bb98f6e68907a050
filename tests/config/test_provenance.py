"""A saved run keeps the components it was trained with, whatever is installed beside them later."""

from dataclasses import replace

import pytest

import ganzoo
from ganzoo.config.layers import Setting, load, save, split_layer
from ganzoo.config.provenance import update_settings
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import BadRun, UnknownName
from ganzoo.registry.loader import Plugin
from ganzoo.registry.registry import Entry, Registry, load_registry
from ganzoo.registry.specs import Component
from ganzoo.workflows.prepare import open_saved_run

RIVAL = Plugin("rival", "rival", "1.0", "rival.plugin")
SMALL = {"generator.width": 4, "discriminator.width": 4, "dataset.resolution": 8, "dataset.count": 48}


@pytest.fixture(scope="module")
def catalogue():
    return load_registry()


@pytest.fixture(scope="module")
def clashing(catalogue):
    """A registry in which a rival has a loss 'hinge' too."""
    rival = Component("loss", "hinge", "ganzoo.components.losses.non_saturating:NonSaturating", "another hinge")
    return Registry((*catalogue.entries, Entry(rival, RIVAL)), catalogue.broken)


@pytest.fixture
def saved(catalogue, tmp_path):
    save(resolve(catalogue, Request("sngan")), tmp_path / "config.toml")
    return load(tmp_path / "config.toml")


def test_a_rival_installed_later_does_not_take_the_place_of_a_component(saved, clashing):
    assert saved.qualified_name("loss") == "ganzoo-spectral-norm:hinge"
    assert clashing.find("loss", saved.qualified_name("loss")).plugin.distribution == "ganzoo-spectral-norm"


def test_names_are_shown_short_where_they_are_unique(saved, catalogue, clashing):
    assert (saved.name("loss"), saved.recipe_name, saved.everything()["loss"].value) == ("hinge", "sngan", "hinge")
    assert saved.everything(catalogue)["loss"].value == "hinge"
    assert saved.everything(clashing)["loss"].value == "ganzoo-spectral-norm:hinge"


def test_a_component_whose_distribution_is_gone_is_named(saved, catalogue):
    without = Registry(tuple(e for e in catalogue.entries if e.plugin.distribution != "ganzoo-spectral-norm"))
    with pytest.raises(UnknownName, match="comes from ganzoo-spectral-norm, which is not installed: pip install"):
        update_settings(without, saved)


def test_settings_that_are_new_stand_at_their_default_and_lost_ones_are_listed(saved, catalogue):
    older = {path: setting for path, setting in saved.settings.items() if path != "run.mirror"}
    older["loss.decay"] = Setting(0.5, "command line")
    config, lost = update_settings(catalogue, replace(saved, settings=older))
    assert config.settings["run.mirror"].source == "default"
    assert lost == ["loss.decay"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("homes") / "run"
    return ganzoo.train("dcgan", images=8, batch_size=4, device="cpu", settings=SMALL, out=place).folder


def test_a_run_writes_which_distributions_its_components_come_from(run):
    config = run.config()
    assert config.recipe == "ganzoo-dcgan:dcgan"
    assert config.qualified_name("generator") == "ganzoo-dcgan:dcgan"
    assert config.qualified_name("loss") == "ganzoo-core:non-saturating"


def test_a_saved_configuration_repeats_with_the_same_components(run, tmp_path):
    again = ganzoo.train(config=run.path / "config.toml", images=8, out=tmp_path / "again")
    assert again.config.recipe == run.config().recipe
    assert {kind: setting.value for kind, setting in again.config.components.items()} == {
        kind: setting.value for kind, setting in run.config().components.items()
    }


def test_the_table_of_dependencies_lists_all_that_are_supplied(catalogue):
    """The table in docs and messages lists all that a constructor may ask for, and nothing else."""
    from ganzoo.assembly.build import DEPENDENCIES, _Builder, open_dataset

    config = resolve(catalogue, Request("dcgan", (split_layer("test", SMALL),)))
    builder = _Builder(catalogue, config, open_dataset(catalogue, config))
    builder.build()
    assert set(builder._supply) == set(DEPENDENCIES)


def test_a_setting_that_its_component_no_longer_has_is_named_before_anything_is_built(run, tmp_path):
    text = (run.path / "config.toml").read_text()
    (run.path / "config.toml").write_text(text.replace("[generator]", "[generator]\nspin = 3").replace(
        "[source]", '[source]\n"generator.spin" = "command line"'))  # fmt: skip
    with pytest.raises(BadRun, match="trained with generator.spin, which its components no longer have"):
        open_saved_run(run)
    (run.path / "config.toml").write_text(text)


PART = """
from ganzoo import Component, hookimpl
from ganzoo.components.losses.non_saturating import NonSaturating
from ganzoo.interfaces.measurement import MetricValue


class Loss(NonSaturating):
    def __init__(self, *, decay: float = 0.5):
        super().__init__()


class Metric:
    uses_features = False

    def __call__(self, inputs):
        return {"one": MetricValue(1.0)}


@hookimpl
def ganzoo_components():
    yield Component("loss", "mine", "passing_parts:Loss", summary="goes away")
    yield Component("metric", "own", "passing_parts:Metric", summary="goes away")
"""


@pytest.fixture(scope="module")
def incomplete_run(tmp_path_factory):
    """A run whose loss and metric are no longer installed."""
    place = tmp_path_factory.mktemp("incomplete_run")
    file = place / "passing_parts.py"
    file.write_text(PART)
    run = ganzoo.train("dcgan", loss="mine", evaluate="own@8", images=8, batch_size=4, out=place / "run", device="cpu",
                       settings={**SMALL, "run.evaluate_samples": 4}, plugins=[str(file)])  # fmt: skip
    before = run.sample([0])
    file.unlink()
    return run.path, before


def test_components_that_no_sample_depends_on_may_be_gone(incomplete_run):
    path, before = incomplete_run
    run = ganzoo.load(path)
    assert (run.sample([0]) == before).all()
    assert "fd" in run.evaluate("fd", samples=8).values
    _, config = open_saved_run(run.folder)
    assert (config.name("loss"), config.names("metric")) == ("non-saturating", ())


def test_a_loss_whose_form_another_loss_uses_may_be_gone(tmp_path):
    file = tmp_path / "lending_parts.py"
    file.write_text(PART.replace("passing_parts", "lending_parts"))
    run = ganzoo.train("dcgan", loss="relativistic-pairing", images=8, batch_size=4, out=tmp_path / "run", device="cpu",
                       settings={**SMALL, "loss.form": "mine"}, plugins=[str(file)])  # fmt: skip
    before = run.sample([0])
    assert open_saved_run(run.folder)[1]["loss.form"] == "mine"
    file.unlink()
    assert (ganzoo.load(run.path).sample([0]) == before).all()
    assert open_saved_run(run.folder)[1].name("loss") == "non-saturating"


def test_a_form_that_is_no_loss_is_not_taken_for_one_that_is_gone(tmp_path):
    run = ganzoo.train("dcgan", loss="relativistic-average", images=8, batch_size=4, out=tmp_path / "run", device="cpu",
                       settings={**SMALL, "loss.form": "hinge"})  # fmt: skip
    assert open_saved_run(run.folder)[1].name("loss") == "relativistic-average"


def test_a_run_does_not_go_on_without_a_plugin_it_was_trained_with(incomplete_run):
    with pytest.raises(BadRun, match=r"trained with the plugin .*passing_parts.py, which is gone"):
        ganzoo.train(resume=incomplete_run[0], images=16)


def test_a_comparison_does_not_take_another_loss_for_the_one_that_is_gone(incomplete_run, monkeypatch, capsys):
    from ganzoo.cli.main import run

    path, _ = incomplete_run
    assert run(["compare", str(path), str(path.parent)]) == 2
    assert "which is gone" in capsys.readouterr().err
