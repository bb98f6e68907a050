"""One version for all, and the `zoo` extra is what stands under plugins/."""

import importlib
import re
import tomllib


def projects(root):
    files = [root / "pyproject.toml", *sorted(root.glob("plugins/*/pyproject.toml"))]
    return {file.parent.name: tomllib.loads(file.read_text(encoding="utf-8"))["project"] for file in files}


def test_all_versions_are_equal(root):
    assert len({project["version"] for project in projects(root).values()}) == 1


def test_plugins_ask_for_the_core_of_their_version(root):
    core, *plugins = projects(root).values()
    for plugin in plugins:
        assert f"{core['name']}=={core['version']}" in plugin["dependencies"]


def test_the_zoo_extra_is_the_folder_of_plugins(root):
    core, *plugins = projects(root).values()
    wanted = {f"{plugin['name']}=={plugin['version']}" for plugin in plugins}
    assert set(core["optional-dependencies"]["zoo"]) == wanted


def test_every_plugin_has_the_parts_of_a_plugin(root):
    for folder in sorted(root.glob("plugins/*/")):
        package = folder.name.replace("-", "_")
        assert (folder / "README.md").stat().st_size > 200, folder
        assert (folder / "src" / package / "plugin.py").is_file()
        assert (folder / "src" / package / "py.typed").is_file()
        assert list(folder.glob("tests/test_*.py")), folder


def test_dependencies_come_with_their_reason(root):
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.S | re.M)[1]
    for line in block.splitlines():
        assert re.search(r'",\s*# \S+', line), f"{line.strip()} needs its reason"


def test_public_names_exist():
    package = importlib.import_module("ganzoo")
    for name in package.__all__:
        found = getattr(package, name)
        assert found.__doc__ or not isinstance(found, type)
