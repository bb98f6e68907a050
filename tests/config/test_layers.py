"""Later layers override earlier ones, every value keeps its source, and a file holds all of it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzoo.config.layers import Config, Layer, Setting, flatten, load, nest, overlay, read_toml, save, split_layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import BadRun, BadSetting

words = st.text(string.ascii_lowercase, min_size=1, max_size=4)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(string.printable, max_size=5),
)
paths = st.dictionaries(st.tuples(words, words).map(".".join), scalars, max_size=8)


def small(**settings):
    parts = {"loss": Setting("hinge", "recipe x"), "term": Setting(("r1",), "loss hinge")}
    return Config("x", parts, {path: Setting(value, "command line") for path, value in settings.items()})


@given(flat=paths)
def test_nesting_and_flattening_undo_each_other(flat):
    assert flatten(nest(flat)) == flat


@given(values=st.lists(paths, min_size=1, max_size=4))
def test_the_last_layer_that_sets_a_value_wins(values):
    _, settings = overlay([Layer(f"layer {i}", {}, each) for i, each in enumerate(values)])
    for path, (value, source) in settings.items():
        last = max(i for i, each in enumerate(values) if path in each)
        assert (value, source) == (values[last][path], f"layer {last}")


def test_components_of_a_layer_replace_those_below():
    low, high = Layer("low", {"term": ("r1", "r2"), "loss": ("hinge",)}), Layer("high", {"term": ()})
    parts, _ = overlay([low, high])
    assert parts["term"] == Setting((), "high")
    assert parts["loss"] == Setting("hinge", "low")


def test_flat_values_are_split_into_components_and_settings():
    layer = split_layer("x", {"components.loss": "hinge", "term": ["r1"], "term.r1.weight": 3})
    assert layer.components == {"loss": ("hinge",), "term": ("r1",)}
    assert layer.settings == {"term.r1.weight": 3}


@pytest.mark.parametrize("value", [3, ["a", "b"], [], [1], {"a": 1}, None, True])
def test_a_component_that_is_no_single_name_is_refused(value):
    with pytest.raises(BadSetting, match=r"file x.toml: loss"):
        split_layer("file x.toml", {"loss": value})


def test_the_names_of_a_kind():
    config = small()
    assert (config.name("loss"), config.names("term"), config.names("metric")) == ("hinge", ("r1",), ())


def test_a_section_holds_only_the_values_of_its_prefix():
    config = small(**{"run.images": 1, "runner.images": 2, "run.deep.x": 3})
    assert config.section("run") == {"images": 1, "deep.x": 3}


@pytest.mark.parametrize("value", [None, True, 0, 1e-8, "none", "", "käse\n", (), (1, 2), ("a",)])
def test_a_saved_configuration_reads_back_equal(tmp_path, value):
    config = small(**{"a.b": value, "a.c": 1})
    save(config, tmp_path / "config.toml")
    assert load(tmp_path / "config.toml") == config


def test_a_saved_configuration_remembers_plugin_files(tmp_path):
    config = Config("x", {}, {}, ("mine.py",))
    save(config, tmp_path / "config.toml")
    assert load(tmp_path / "config.toml").plugins == ("mine.py",)


@pytest.mark.parametrize("value", [None, "none", 0, (1, 2), "text"])
def test_a_saved_configuration_is_a_file_for_the_command_line(tmp_path, value):
    save(small(**{"a.b": value}), tmp_path / "config.toml")
    values = read_toml(tmp_path / "config.toml")
    assert values["a.b"] == (list(value) if isinstance(value, tuple) else value)
    assert values["components.term"] == ["r1"]
    assert "source" not in values


def test_every_recipe_repeats_from_its_saved_configuration(catalogue, tmp_path):
    for entry in catalogue.of_kind("recipe"):
        changed = split_layer("command line", {"run.clip": 1.0, "run.time": None, "run.images": 77})
        config = resolve(catalogue, Request(entry.record.name, (changed,)))
        save(config, tmp_path / "config.toml")
        values = {k: v for k, v in read_toml(tmp_path / "config.toml").items() if k not in ("recipe", "plugins")}
        again = resolve(catalogue, Request(entry.record.name, (split_layer("file config.toml", values),)))
        assert plain(again) == plain(config)


def plain(config):
    return {path: setting.value for path, setting in {**config.components, **config.settings}.items()}


def test_a_missing_or_broken_file_is_named(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("a = = 1")
    with pytest.raises(BadSetting, match=r"--config .*broken.toml is no valid TOML"):
        read_toml(broken)
    broken.write_bytes(b"\xff\xfe")
    with pytest.raises(BadSetting, match="is no valid TOML"):
        read_toml(broken)
    with pytest.raises(BadSetting, match="No such file"):
        read_toml(tmp_path / "missing.toml")
    with pytest.raises(BadSetting, match="directory"):
        read_toml(tmp_path)


def test_none_means_no_component_of_a_kind_that_may_have_any_number():
    layer = split_layer("command line", {"term": ("none",), "augmentation": "none", "conditioning": "none"})
    assert layer.components == {"term": (), "augmentation": (), "conditioning": ("none",)}


def test_none_removes_the_components_of_the_recipe_and_of_recommendations(configure):
    assert configure("dcgan", loss="wgan-gp").names("term") == ("gradient-penalty",)
    assert configure("dcgan", loss="wgan-gp", term=("none",)).names("term") == ()


@pytest.mark.parametrize(("line", "what"), [
    ("format = 2", r"has format 2, and this ganzoo reads format 1. Update: pip install --upgrade ganzoo-core"),
    ("format = 0", r"has format 0, and this ganzoo reads format 1. Train the run again"),
    ("format = 'x'", r"has format x, and this ganzoo reads format 1. Train the run again"),
    ("", r"has no format, and this ganzoo reads format 1. Train the run again"),
])  # fmt: skip
def test_another_format_is_refused_in_a_line_that_says_what_to_do(tmp_path, line, what):
    file = tmp_path / "config.toml"
    save(small(), file)
    file.write_text(file.read_text().replace("format = 1", line))
    with pytest.raises(BadRun, match=what) as refusal:
        load(file)
    assert "\n" not in str(refusal.value) and str(file) in str(refusal.value)


def test_a_file_of_the_users_names_no_format_but_a_saved_one_of_another_is_refused(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("[run]\nimages = 8\n")
    assert read_toml(file) == {"run.images": 8}
    file.write_text("format = 2\n[run]\nimages = 8\n")
    with pytest.raises(BadRun, match=r"--config .*mine.toml has format 2"):
        read_toml(file)


def test_settings_of_the_run_and_of_each_player_are_typed(configure):
    config = configure("toy", **{"run.images": "2k", "optimizer.generator.lr": "1e-3"})
    assert (config.run.images, config.run.seed) == (2_000, 0)
    assert set(config.optimizer) == {"generator", "discriminator"}
    assert config.optimizer["generator"].lr == 1e-3
