"""A broken plugin becomes a record and never a crash."""

import sys
import textwrap
from unittest.mock import Mock

import pytest

from ganzoo.errors import UnknownName
from ganzoo.registry.loader import CORE, Broken, Plugin, describe_file, find_plugins, load_plugin
from ganzoo.registry.registry import Registry, load_class

HEAD = """
from ganzoo.registry.hooks import hookimpl
from ganzoo.registry.specs import Component, Recipe
"""


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a plugin file and load it; its module is unloaded afterwards."""
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    def write(body, name="a_plugin_under_test"):
        file = tmp_path / f"{name}.py"
        file.write_text(HEAD + textwrap.dedent(body))
        return load_plugin(describe_file(file))[1]

    return write


def test_our_own_components_come_first_and_are_always_there(monkeypatch):
    assert find_plugins()[0][0].distribution == CORE
    monkeypatch.setenv("GANZOO_PLUGINS", "")
    assert [plugin.distribution for plugin in find_plugins()[0]] == [CORE]


def test_the_environment_limits_what_is_loaded(monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "ganzoo-dcgan, not-there")
    assert {plugin.distribution for plugin in find_plugins()[0]} == {CORE, "ganzoo-dcgan"}


def test_a_name_in_the_environment_that_is_not_installed_is_reported(monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "ganzoo-dcgan, not-there")
    assert [broken.plugin.distribution for broken in find_plugins()[1]] == ["not-there"]
    assert "GANZOO_PLUGINS" in find_plugins()[1][0].reason


@pytest.mark.parametrize(
    "text",
    [b"[ganzoo]\nfoo\n", b"[ganzoo]\nfoo = \xff\xfe\n", b"[other]\nfoo\n"],
    ids=["no value", "no text", "foreign"],
)
def test_unreadable_entry_points_stop_no_command(tmp_path, monkeypatch, text):
    info = tmp_path / "spoiled-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: spoiled\nVersion: 1.0\n")
    (info / "entry_points.txt").write_bytes(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert "ganzoo-dcgan" in {plugin.distribution for plugin in find_plugins()[0]}
    reported = [broken for broken in find_plugins()[1] if broken.plugin.distribution == "spoiled"]
    assert len(reported) == (b"[ganzoo]" in text)
    assert all("entry_points.txt cannot be read" in broken.reason for broken in reported)


def test_finding_imports_nothing(monkeypatch):
    monkeypatch.setattr(sys, "modules", {k: v for k, v in sys.modules.items() if not k.startswith("ganzoo_")})
    found, _ = find_plugins()
    assert {p.distribution for p in found} >= {"ganzoo-core", "ganzoo-dcgan", "ganzoo-wgan-gp"}
    assert not [name for name in sys.modules if name.startswith("ganzoo_")]


def test_a_file_is_a_plugin_too(written):
    records = written("""
        @hookimpl
        def ganzoo_components():
            yield Component(kind="loss", name="mine", path="a_plugin_under_test:Mine", summary="mine")
        class Mine: ...
    """)
    assert [record.name for record in records] == ["mine"]
    assert load_class(records[0]).__name__ == "Mine"


def test_a_missing_file_is_an_error_at_once():
    with pytest.raises(UnknownName, match=r"no plugin file 'nowhere.py'"):
        describe_file("nowhere.py")


def test_a_file_of_another_kind_is_an_error_at_once(tmp_path):
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(UnknownName, match=r"mine.txt' is no Python file. --plugin takes the path of one that ends in"):
        describe_file(tmp_path / "mine.txt")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise RuntimeError('boom')", "RuntimeError: boom"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import a_module_nobody_has", "ModuleNotFoundError: No module named 'a_module_nobody_has'"),
        ("def f(:", "SyntaxError"),
        ("GANZOO_API = 2", "written for plugin API 2; this ganzoo has 1"),
        ("pass", "is @hookimpl missing?"),
        ("@hookimpl\ndef ganzoo_component(): yield", "unknown hook 'ganzoo_component'"),
        ("@hookimpl\ndef ganzoo_components(): pass", "returns nothing"),
        ("@hookimpl\ndef ganzoo_components(): return 3", "not iterable"),
        ("@hookimpl\ndef ganzoo_components(): yield {'kind': 'loss'}", "neither a Component nor a Recipe"),
        ("@hookimpl\ndef ganzoo_components(): yield Component('loss', 'A', 'm:C', 'x')", "not lower-kebab-case"),
        ("@hookimpl\ndef ganzoo_components():\n    yield Recipe('a', 'x', {})\n    raise KeyError(7)", "KeyError: 7"),
        ("@hookimpl\ndef ganzoo_components(): yield from [Recipe('a', 'x', {}), Recipe('a', 'y', {})]", "twice"),
        ("@hookimpl\ndef ganzoo_components(needed): yield Recipe('a', 'x', {})", "needed"),
    ],
)
def test_any_error_of_a_plugin_becomes_one_line(written, body, reason):
    result = written(body)
    assert isinstance(result, Broken)
    assert reason in result.reason
    assert "\n" not in result.reason
    assert result.fix.startswith("edit ")


def test_an_interrupt_ends_the_program(written):
    with pytest.raises(KeyboardInterrupt):
        written("raise KeyboardInterrupt")


def test_what_a_plugin_prints_does_not_reach_stdout(written, capsys):
    written("print('hello')\n@hookimpl\ndef ganzoo_components():\n    print('again')\n    yield Recipe('a', 'x', {})")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "hello\nagain\n")


def test_a_file_may_not_shadow_a_module(written):
    result = written("", name="colorsys")  # of the standard library, and not imported here
    assert "that of the module 'colorsys'" in result.reason


def test_a_file_loads_twice(written):
    body = "@hookimpl\ndef ganzoo_components(): yield Recipe('a', 'x', {})"
    assert written(body) == written(body)


@pytest.mark.parametrize(
    ("missing", "fix"),
    [
        ("einops", "pip install einops"),
        ("einops.layers", "pip install einops"),
        ("ganzoo_one", "pip uninstall ganzoo-one"),
        ("ganzoo_one.plugin", "pip uninstall ganzoo-one"),
        ("ganzoo.nn.gone", "pip install --upgrade ganzoo-one"),
    ],
)
def test_the_fix_of_a_missing_module_is_named(missing, fix, monkeypatch):
    plugin = Plugin("one", "ganzoo-one", "1.0", "ganzoo_one.plugin")
    error = ModuleNotFoundError(f"No module named '{missing}'", name=missing)
    monkeypatch.setattr("importlib.import_module", Mock(side_effect=error))
    assert load_plugin(plugin)[1].fix == fix


def test_the_reason_why_a_file_is_broken_is_in_the_message(written):
    result = written("raise RuntimeError('boom')")
    with pytest.raises(UnknownName, match=r"a_plugin_under_test.py \(RuntimeError: boom\)"):
        Registry((), (result,)).recipe("mine")
