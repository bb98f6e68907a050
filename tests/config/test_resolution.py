"""Every value has a source, and layers override one another in order."""

import pytest

from ganzoo.config.layers import Layer, split_layer
from ganzoo.config.option_values import parse_settings
from ganzoo.config.resolution import Request, adjustments, change, resolve
from ganzoo.errors import BadSetting, GanzooError, UnknownName


def resolve_recipe(catalogue, recipe="dcgan", *layers):
    return resolve(catalogue, Request(recipe, layers))


def command_line(**values):
    return split_layer("command line", values)


def test_a_recipe_alone_names_recipe_and_defaults_as_sources(catalogue):
    config = resolve_recipe(catalogue)
    assert config.settings["generator.width"].source == "recipe dcgan"
    assert config.settings["generator.latent_dim"].source == "default"
    assert config.components["generator"].source == "recipe dcgan"
    assert config.components["conditioning"].source == "default"


def test_recommendations_of_a_chosen_component_override_the_recipe(catalogue):
    config = resolve_recipe(catalogue, "dcgan", command_line(loss="wgan-gp"))
    assert config["trainer.discriminator_steps"] == 5
    assert config.settings["trainer.discriminator_steps"].source == "loss wgan-gp"
    assert config.names("term") == ("gradient-penalty",)
    assert config["discriminator.norm"] == "none"
    assert config.settings["discriminator.norm"].source == "term gradient-penalty"


def test_a_recipe_overrides_the_recommendations_of_its_own_components(catalogue):
    config = resolve_recipe(catalogue, "wgan-gp")
    assert config.settings["optimizer.generator.lr"].source == "recipe wgan-gp"
    assert config.settings["optimizer.generator.beta2"].source == "loss wgan-gp"


def test_the_command_line_overrides_the_file_and_both_override_recommendations(catalogue):
    file = Layer(
        "file a.toml", {"loss": ("wgan-gp",)}, {"trainer.discriminator_steps": 3, "optimizer.generator.lr": 1e-3}
    )
    config = resolve_recipe(catalogue, "dcgan", file, command_line(**{"trainer.discriminator_steps": 2}))
    assert config["trainer.discriminator_steps"] == 2
    assert config.settings["trainer.discriminator_steps"].source == "command line"
    assert config.settings["optimizer.generator.lr"].source == "file a.toml"
    assert config.components["loss"].source == "file a.toml"


def test_a_chosen_component_replaces_a_recommended_one(catalogue):
    config = resolve_recipe(catalogue, "dcgan", command_line(loss="wgan-gp", term=()))
    assert config.names("term") == ()


def test_the_recommendations_of_a_replaced_component_do_not_apply(catalogue):
    config = resolve_recipe(catalogue, "wgan-gp", command_line(loss="non-saturating"))
    assert config.names("term") == ()
    assert config["trainer.discriminator_steps"] == 1


def test_adjustments_list_what_a_component_changed(catalogue):
    lines = adjustments(resolve_recipe(catalogue, "dcgan", command_line(loss="wgan-gp")))
    assert any(line.startswith("loss wgan-gp sets") and "trainer.discriminator_steps = 5" in line for line in lines)
    assert any("discriminator.norm = none" in line for line in lines)


@pytest.mark.parametrize(("path", "value", "error", "text"), [
    ("generator.widht", "8", UnknownName, "Did you mean 'generator.width'"),
    ("trainer.generator.width", "8", UnknownName, "generator.width"),
    ("generator.width", "x", BadSetting, "It takes int >= 1"),
    ("generator.width", "0", BadSetting, "It takes int >= 1"),
    ("discriminator.norm", "bacth", BadSetting, "'batch' or 'layer'"),
    ("optimizer.generator.lr", "nan", BadSetting, "not a finite number"),
    ("run.batch_size", "0", BadSetting, ">= 1"),
])  # fmt: skip
def test_a_mistake_is_refused_with_the_next_thing_to_type(catalogue, path, value, error, text):
    with pytest.raises(error, match=text):
        resolve_recipe(catalogue, "dcgan", command_line(**{path: value}))


def test_counts_may_be_spelled_with_k_and_m(catalogue):
    assert resolve_recipe(catalogue, "dcgan", command_line(**{"run.images": "200k"}))["run.images"] == 200_000
    assert resolve_recipe(catalogue, "dcgan", command_line(**{"run.images": "1.5M"}))["run.images"] == 1_500_000


def test_changing_a_resolved_configuration_keeps_the_rest(catalogue):
    before = resolve_recipe(catalogue)
    after = change(catalogue, before, {"run.images": 5}, "command line")
    assert after["run.images"] == 5
    assert {p: s for p, s in after.settings.items() if p != "run.images"} == {
        p: s for p, s in before.settings.items() if p != "run.images"
    }


def test_a_setting_without_equals_is_refused():
    assert parse_settings(["a.b=1", "c = d=e"]) == {"a.b": "1", "c": "d=e"}
    with pytest.raises(GanzooError, match="--set path.to.setting=value"):
        parse_settings(["a.b"])


def test_a_component_chosen_over_a_saved_configuration_applies_its_recommendations(catalogue, tmp_path):
    """A saved configuration holds every value; a loss chosen beside it must still add the term it recommends."""
    from ganzoo.config import layers as configuration
    from ganzoo.workflows.options import RunOptions, build_request

    for recipe in ("dcgan", "sngan"):
        configuration.save(resolve_recipe(catalogue, recipe), tmp_path / "config.toml")
        flags = RunOptions(config=(tmp_path / "config.toml",), components={"loss": "wgan-gp"})
        config = resolve(catalogue, build_request(flags, catalogue))
        assert config.names("term") == ("gradient-penalty",)
        assert config["trainer.discriminator_steps"] == 5
        assert config.settings["trainer.discriminator_steps"].source == "loss wgan-gp"
    configuration.save(resolve_recipe(catalogue, "wgan-gp"), tmp_path / "config.toml")
    back = resolve(
        catalogue, build_request(RunOptions(config=(tmp_path / "config.toml",), components={"term": []}), catalogue)
    )
    assert back.names("term") == ()
