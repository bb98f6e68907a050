"""What may change when a saved run goes on depends on the setting, and on whether the run was named."""

from pathlib import Path

import pytest

from ganzoo.config.layers import Config, Setting
from ganzoo.config.resuming import FIXED, FREE, assert_resumable, changed_values
from ganzoo.errors import BadSetting, OtherRun

RUN = Path("runs/0001-dcgan")
VALUES = {
    "run.images": 8,
    "run.batch_size": 4,
    "generator.width": 32,
    "discriminator.norm": "batch",
    "term.r1.weight": 1.0,
    "optimizer.generator.lr": 2e-4,
    "metric.kid.subsets": 10,
}


def config(loss="ganzoo-core:hinge", metric=("ganzoo-core:kid",), recipe="ganzoo-dcgan:dcgan", **values):
    components = {"loss": Setting(loss, "default"), "metric": Setting(metric, "default")}
    return Config(recipe, components, {p: Setting(v, "default") for p, v in {**VALUES, **values}.items()})


@pytest.mark.parametrize("named", [True, False])
def test_the_same_run_goes_on_with_more_images(named):
    assert_resumable(RUN, config(), config(**{"run.images": 16}), named=named)


@pytest.mark.parametrize("path", ["term.r1.weight", "optimizer.generator.lr", "metric.kid.subsets"])
def test_other_settings_may_change_only_in_a_run_that_is_named(path):
    wanted = config(**{path: 0.5})
    assert_resumable(RUN, config(), wanted, named=True)
    with pytest.raises(OtherRun, match=rf"another configuration: {path} = .* there. Go on with --resume {RUN}"):
        assert_resumable(RUN, config(), wanted, named=False)


@pytest.mark.parametrize("path", ["run.batch_size", "generator.width", "discriminator.norm"])
def test_what_the_weights_and_the_order_of_the_data_depend_on_never_changes(path):
    with pytest.raises(BadSetting, match=f"trained with {path} = {VALUES[path]}, which cannot change .* Drop {path}"):
        assert_resumable(RUN, config(), config(**{path: 8}), named=True)


def test_components_never_change_but_those_that_measure():
    assert_resumable(RUN, config(), config(metric=()), named=True)
    with pytest.raises(BadSetting, match="trained with loss = hinge, .* Drop --loss, or start a new run with --config"):
        assert_resumable(RUN, config(), config(loss="ganzoo-wgan-gp:wgan-gp"), named=True)
    with pytest.raises(BadSetting, match="trained with recipe = dcgan"):
        assert_resumable(RUN, config(), config(recipe="ganzoo-dcgan:other"), named=True)


def test_equal_names_of_two_distributions_are_two_components():
    assert changed_values(config(), config(loss="rival:hinge")) == {"loss": "ganzoo-core:hinge"}
    with pytest.raises(OtherRun, match="loss = hinge there"):
        assert_resumable(RUN, config(), config(loss="rival:hinge"), named=False)


def test_no_setting_is_both_free_and_fixed():
    assert not set(FREE) & set(FIXED)
