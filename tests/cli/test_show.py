"""``ganzoo show``: a record, and every setting with type, default and meaning."""

import json

import pytest

from ganzoo.cli.commands.show import find, schema
from ganzoo.config.layers import Setting
from ganzoo.config.schema import build_schema
from ganzoo.errors import UnknownName
from ganzoo.registry.loader import Plugin
from ganzoo.registry.registry import Entry, Registry
from ganzoo.registry.specs import Component


def test_a_component_shows_its_record_and_every_setting(ganzoo, catalogue):
    component = catalogue.component("term", "gradient-penalty")
    out = ganzoo("show", "gradient-penalty").out
    assert component.reference in out
    assert component.summary in out
    assert "ganzoo train RECIPE --term gradient-penalty" in out
    for path, param in schema(component).items():
        assert path in out
        assert param.type_name in out


def test_the_paths_shown_are_those_a_run_has(catalogue):
    components = {"term": Setting(("gradient-penalty",), "x"), "trainer": Setting("adversarial", "default")}
    assert schema(catalogue.component("term", "gradient-penalty")).keys() <= build_schema(catalogue, components).keys()


@pytest.mark.parametrize(
    ("name", "use"),
    [("modes", "evaluate RUN --metrics modes"), ("raw", "evaluate RUN --features raw"),
     ("learning-rate", "train RECIPE --schedule learning-rate"), ("adversarial", "train RECIPE --trainer adversarial")],
)  # fmt: skip
def test_a_component_shows_the_command_that_uses_it(ganzoo, name, use):
    assert f"ganzoo {use}" in ganzoo("show", name).out


def test_allowed_values_are_listed(ganzoo):
    assert "'batch' or 'layer'" in ganzoo("show", "dcgan", "--kind", "discriminator").out


def test_a_name_of_several_kinds_shows_all_of_them_recipes_first(ganzoo):
    out = ganzoo("show", "dcgan").out
    assert 0 == out.index("recipe dcgan") < out.index("generator dcgan") < out.index("discriminator dcgan")


def test_kind_selects_one_of_them(ganzoo):
    out = ganzoo("show", "dcgan", "--kind", "generator").out
    assert out.startswith("generator dcgan")
    assert "recipe dcgan" not in out


def test_a_recipe_shows_components_changed_settings_score_and_how_to_train_it(ganzoo, catalogue):
    out = ganzoo("show", "wgan-gp", "--kind", "recipe").out
    assert catalogue.recipe("wgan-gp").score in out
    assert "ganzoo train wgan-gp" in out
    assert any(line.split() == ["term", "gradient-penalty", "loss", "wgan-gp"] for line in out.splitlines())
    assert any(line.split() == ["trainer.discriminator_steps", "5", "loss", "wgan-gp"] for line in out.splitlines())
    assert "run.workers" not in out


def test_all_shows_every_setting_of_a_recipe(ganzoo):
    few = ganzoo("show", "toy").out
    assert "ganzoo show toy --all" in few
    many = ganzoo("show", "toy", "--all").out
    assert "run.workers" in many
    assert "threads that read batches ahead" in " ".join(many.split())


@pytest.mark.parametrize(("name", "path"), [("run", "run.batch_size"), ("optimizer", "optimizer.PLAYER.lr")])
def test_settings_of_no_component_can_be_shown(ganzoo, name, path):
    assert path in ganzoo("show", name).out
    assert path in json.loads(ganzoo("show", name, "--json").out)


def test_an_unknown_name_gets_a_suggestion(ganzoo):
    said = ganzoo("show", "dcgna")
    assert (said.code, said.out) == (2, "")
    assert "error: no recipe or component 'dcgna'. Did you mean 'dcgan'?" in said.err
    assert "See: ganzoo list" in said.err


def test_an_unknown_kind_gets_a_suggestion(catalogue):
    with pytest.raises(UnknownName, match=r"--kind looss: no such kind. Did you mean 'loss'"):
        find(catalogue, "dcgan", "looss")


def test_the_record_is_shown_even_if_its_import_fails(ganzoo, monkeypatch):
    plugin = Plugin("p", "ganzoo-p", "1", "p")
    lost = Component(kind="loss", name="lost", path="nowhere.at_all:Lost", summary="a lost loss")
    monkeypatch.setattr("ganzoo.registry.registry.load_registry", lambda _=(): Registry((Entry(lost, plugin),)))
    said = ganzoo("show", "lost")
    assert said.code == 2
    assert "a lost loss" in said.out
    assert "cannot be loaded from nowhere.at_all:Lost" in said.err


def test_json_holds_records_with_schema_and_resolved_values(ganzoo, catalogue):
    recipe, *components = json.loads(ganzoo("show", "dcgan", "--json").out)
    assert recipe["kind"] == "recipe"
    assert recipe["resolved"]["settings"]["generator.width"] == {"value": 32, "source": "recipe dcgan"}
    assert recipe["schema"]["generator.width"]["default"] == 64
    assert {component["kind"] for component in components} == {"generator", "discriminator"}
    assert components[0]["schema"]["generator.width"]["type"] == "int >= 1"


def test_every_name_can_be_shown(ganzoo, catalogue):
    for name in sorted({entry.record.name for entry in catalogue.entries}):
        said = ganzoo("show", name)
        assert (said.code, said.err) == (0, ""), name


def test_a_screen_of_eighty_columns_cuts_no_path(ganzoo, terminal, catalogue):
    terminal(80)
    said = ganzoo("show", "gradient-penalty")
    assert all(path in said.out for path in schema(catalogue.component("term", "gradient-penalty")))
    assert max(map(len, said.lines)) <= 80
