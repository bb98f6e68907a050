"""Options and configuration files become layers of a request."""

from pathlib import Path

import pytest
from PIL import Image

from ganzoo.config.option_values import read_seconds
from ganzoo.config.resolution import resolve
from ganzoo.errors import BadData, BadSetting, GanzooError, UnknownName
from ganzoo.workflows.options import RunOptions, build_request, drop_none, read_data


@pytest.mark.parametrize(("text", "value"), [("90", 90), ("90s", 90), ("30m", 1800), ("1.5h", 5400), ("1d", 86400)])
def test_spans_of_time(text, value):
    assert read_seconds(text) == value


@pytest.mark.parametrize("text", ["", "m", "-3m", "0", "nan", "3 weeks", "1e9"])
def test_what_is_no_span_of_time(text):
    with pytest.raises(BadSetting, match="90s, 30m or 2h"):
        read_seconds(text)


def test_data_by_name_by_argument_and_by_path(catalogue, tmp_path):
    assert read_data("ring-8", catalogue) == {"dataset": "ring-8"}
    assert read_data("torchvision:CIFAR10", catalogue) == {"dataset": "torchvision", "dataset.path": "CIFAR10"}
    (tmp_path / "a.npz").write_bytes(b"")
    assert read_data(str(tmp_path / "a.npz"), catalogue) == {
        "dataset": "arrays", "dataset.path": str((tmp_path / "a.npz").resolve()),
    }  # fmt: skip


def test_a_misspelt_data_set_suggests_the_nearest(catalogue):
    with pytest.raises(BadData, match="Did you mean 'sprites'"):
        read_data("spirtes", catalogue)


def test_a_component_is_no_setting(catalogue):
    with pytest.raises(BadSetting, match="choose it with --loss wgan-gp"):
        build_request(RunOptions(recipe="dcgan", settings=["loss=wgan-gp"]), catalogue)


def test_without_a_recipe_the_recipes_are_named(catalogue):
    with pytest.raises(UnknownName, match="dcgan"):
        build_request(RunOptions(), catalogue)


def test_a_file_may_name_the_recipe_and_is_overridden_by_options(catalogue, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('recipe = "dcgan"\n[components]\nloss = "wgan-gp"\n[generator]\nwidth = 7\n')
    request = build_request(RunOptions(config=(file,), settings={"generator.width": 9}), catalogue)
    assert request.recipe == "dcgan"
    assert [layer.source for layer in request.layers] == ["file mine.toml", "command line"]
    assert request.layers[0].components == {"loss": ("wgan-gp",)}


@pytest.mark.parametrize("text", ["a = ", "loss = [", "\xff"])
def test_a_broken_file_is_refused_by_name(catalogue, tmp_path, text):
    file = tmp_path / "broken.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadSetting, match=r"broken\.toml"):
        build_request(RunOptions(config=(file,)), catalogue)


def test_a_missing_file_is_refused_by_name(catalogue):
    with pytest.raises(BadSetting, match="No such file"):
        build_request(RunOptions(config=(Path("missing.toml"),)), catalogue)


def test_none_is_dropped_and_other_empty_values_are_kept():
    assert drop_none({"a": None, "b": (), "c": 0, "d": "x"}) == {"b": (), "c": 0, "d": "x"}


@pytest.mark.parametrize(
    ("said", "twice"),
    [
        ({"resolution": 16, "settings": ["dataset.resolution=24"]}, "dataset.resolution"),
        ({"run": {"images": "64"}, "settings": {"run.images": 64}}, "run.images"),
        ({"run": {"seed": 1}, "settings": ["run.seed=1"]}, "run.seed"),
        ({"evaluate": "fd@2k", "settings": ["run.evaluate_every=64"]}, "run.evaluate_every"),
    ],
)
def test_a_setting_that_is_given_twice_is_refused(catalogue, said, twice):
    with pytest.raises(BadSetting, match=f"{twice} = .* is also set by an option"):
        build_request(RunOptions(recipe="dcgan", **said), catalogue)


def picture(folder):
    folder.mkdir()
    Image.new("RGB", (8, 8)).save(folder / "a.png")


def test_data_that_are_given_twice_are_refused(catalogue, tmp_path):
    picture(tmp_path / "photos")
    with pytest.raises(BadSetting, match=r"dataset\.path = others is also set by an option"):
        build_request(
            RunOptions(recipe="dcgan", data=f"{tmp_path}/photos", settings=["dataset.path=others"]), catalogue
        )


def in_file(catalogue, tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text(f'recipe = "dcgan"\n{text}')
    return build_request(RunOptions(config=(file,)), catalogue)


def test_a_file_names_data_as_the_command_line_does(catalogue, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.png").touch()
    layer, _ = in_file(catalogue, tmp_path, f'data = "{tmp_path / "photos"}"').layers
    assert (layer.components["dataset"], layer.settings["dataset.path"]) == (("folder",), str(tmp_path / "photos"))
    with pytest.raises(BadSetting, match="data = 3 must be a text"):
        in_file(catalogue, tmp_path, "data = 3")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("width = 8", r"setting 'width'. Did you mean '\w+.width' or '\w+.width'\? See: ganzoo show"),
        ('[components]\nlos = "hinge"', r"file mine.toml: no component or setting 'los'. Did you mean 'loss'\?"),
        ("components = 3", r"file mine.toml: \[components\] is a table"),
        ("[run]\nimages = -1", "file mine.toml: run.images = -1"),
        ('none = ["run.seed"]', "file mine.toml: run.seed = None: it cannot be none"),
        ("[term.r1]\nweight = 3", "term 'r1' is not in this run. Add --term r1"),
    ],
)
def test_a_mistake_in_a_file_names_the_file(catalogue, tmp_path, text, line):
    with pytest.raises(GanzooError, match=line):
        resolve(catalogue, in_file(catalogue, tmp_path, text))
