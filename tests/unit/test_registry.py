"""Find, load, classify: a broken plugin is a record, a clash is an error at use, an unknown name has neighbours."""

import sys
import textwrap

import pytest

from ganzoo import registry as plugins
from ganzoo.errors import GanzooError, UnknownName
from ganzoo.registry import Broken, Entry, Plugin, Registry, classify, find, from_file, load, load_target, versions
from ganzoo.specs import Component, Recipe

HEAD = """
from ganzoo.hooks import hookimpl
from ganzoo.specs import Component, Recipe
"""


def loss(name="hinge", target="ganzoo.losses.non_saturating:NonSaturating"):
    return Component(kind="loss", name=name, target=target, summary="a loss")


def entry(record, distribution="ganzoo-one"):
    return Entry(record, Plugin("p", distribution, "1.0", "p"))


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a plugin file and load it; its module is forgotten afterwards."""
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    def write(body, name="a_plugin_under_test"):
        file = tmp_path / f"{name}.py"
        file.write_text(HEAD + textwrap.dedent(body))
        return load(from_file(file))[1]

    return write


def test_our_own_components_come_first_and_are_always_there(monkeypatch):
    assert find()[0].distribution == plugins.CORE
    monkeypatch.setenv("GANZOO_PLUGINS", "")
    assert [plugin.distribution for plugin in find()] == [plugins.CORE]


def test_the_environment_limits_what_is_loaded(monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "ganzoo-dcgan, not-there")
    assert {plugin.distribution for plugin in find()} == {plugins.CORE, "ganzoo-dcgan"}


def test_finding_imports_nothing(monkeypatch):
    monkeypatch.setattr(sys, "modules", {k: v for k, v in sys.modules.items() if not k.startswith("ganzoo_")})
    found = find()
    assert {p.distribution for p in found} >= {"ganzoo-core", "ganzoo-dcgan", "ganzoo-wgan-gp"}
    assert not [name for name in sys.modules if name.startswith("ganzoo_")]


def test_a_file_is_a_plugin_too(written):
    records = written("""
        @hookimpl
        def ganzoo_components():
            yield Component(kind="loss", name="mine", target="a_plugin_under_test:Mine", summary="mine")
        class Mine: ...
    """)
    assert [record.name for record in records] == ["mine"]
    assert load_target(records[0]).__name__ == "Mine"


def test_a_missing_file_is_an_error_at_once():
    with pytest.raises(UnknownName, match=r"no plugin file 'nowhere.py'"):
        from_file("nowhere.py")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise RuntimeError('boom')", "RuntimeError: boom"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import a_module_nobody_has", "ModuleNotFoundError: No module named 'a_module_nobody_has'"),
        ("def f(:", "SyntaxError"),
        ("GANZOO_API = 2", "written for plugin API 2; this ganzoo speaks 1"),
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
def test_whatever_a_plugin_does_becomes_a_line(written, body, reason):
    result = written(body)
    assert isinstance(result, Broken)
    assert reason in result.reason
    assert "\n" not in result.reason
    assert result.mend.startswith("edit ")


def test_an_interrupt_is_the_users_not_the_plugins(written):
    with pytest.raises(KeyboardInterrupt):
        written("raise KeyboardInterrupt")


def test_what_a_plugin_prints_does_not_reach_stdout(written, capsys):
    written("print('hello')\n@hookimpl\ndef ganzoo_components():\n    print('again')\n    yield Recipe('a', 'x', {})")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "hello\nagain\n")


def test_a_file_may_not_stand_in_for_a_module_of_others(written):
    result = written("", name="colorsys")  # of the standard library, and imported by nobody here
    assert "that of the module 'colorsys'" in result.reason


def test_a_file_loads_twice(written):
    body = "@hookimpl\ndef ganzoo_components(): yield Recipe('a', 'x', {})"
    assert written(body) == written(body)


@pytest.mark.parametrize(
    ("missing", "mend"),
    [
        ("einops", "pip install einops"),
        ("einops.layers", "pip install einops"),
        ("ganzoo_one", "pip uninstall ganzoo-one"),
        ("ganzoo_one.plugin", "pip uninstall ganzoo-one"),
        ("ganzoo.nn.gone", "pip install --upgrade ganzoo-one"),
    ],
)
def test_what_mends_a_missing_module(missing, mend):
    plugin = Plugin("one", "ganzoo-one", "1.0", "ganzoo_one.plugin")
    assert plugins._mend(plugin, ModuleNotFoundError(f"No module named '{missing}'", name=missing)) == mend


def test_good_plugins_and_broken_ones_are_sorted_apart():
    good, bad = Plugin("g", "good", "1", "g"), Plugin("b", "bad", "1", "b")
    sorted_ = classify([(good, (loss(),)), (bad, Broken(bad, "why", "how"))])
    assert [e.record.name for e in sorted_.entries] == ["hinge"]
    assert [b.plugin for b in sorted_.broken] == [bad]


def test_a_clash_is_refused_with_both_spellings_and_each_of_them_works():
    twins = Registry((entry(loss(), "ganzoo-one"), entry(loss(), "ganzoo-two")))
    with pytest.raises(UnknownName, match="2 plugins: say 'ganzoo-one:hinge' or 'ganzoo-two:hinge'"):
        twins.find("loss", "hinge")
    assert twins.find("loss", "ganzoo-two:hinge").plugin.distribution == "ganzoo-two"


def test_one_name_may_be_used_by_several_kinds():
    both = Registry((entry(loss("dcgan")), entry(Recipe("dcgan", "x", {}))))
    assert both.component("loss", "dcgan").kind == "loss"
    assert both.recipe("dcgan").summary == "x"


def test_an_unknown_name_is_told_its_neighbour_its_other_kinds_and_where_to_look():
    known = Registry((entry(loss("hinge")), entry(Recipe("dcgan", "x", {}))))
    with pytest.raises(UnknownName, match=r"no loss 'hnige'. Did you mean 'hinge'\? See: ganzoo list loss"):
        known.find("loss", "hnige")
    with pytest.raises(UnknownName, match=r"no loss 'dcgan'. 'dcgan' is a recipe"):
        known.find("loss", "dcgan")


def test_an_unknown_name_may_be_that_of_a_broken_plugin():
    broken = Broken(Plugin("b", "ganzoo-bad", "1", "b"), "why", "how")
    with pytest.raises(UnknownName, match=r"Not loaded: ganzoo-bad \(ganzoo doctor says why\)"):
        Registry((), (broken,)).find("loss", "hinge")


def test_the_author_of_a_broken_file_is_told_why(written):
    result = written("raise RuntimeError('boom')")
    with pytest.raises(UnknownName, match=r"a_plugin_under_test.py \(RuntimeError: boom\)"):
        Registry((), (result,)).recipe("mine")


@pytest.mark.parametrize(
    "target", ["ganzoo.losses.non_saturating:Gone", "ganzoo.losses.gone:Gone", "nowhere.at_all:Gone"]
)
def test_a_target_that_is_not_there_is_named(target):
    with pytest.raises(GanzooError, match=f"loss 'hinge' cannot be loaded from {target}"):
        load_target(loss(target=target))


def test_versions_are_those_of_the_distributions():
    entries = [entry(loss()), entry(Recipe("a", "x", {}), "ganzoo-two")]
    assert versions(entries) == {"ganzoo-one": "1.0", "ganzoo-two": "1.0"}


def test_everything_installed_in_this_checkout_loads(catalogue):
    ours = [broken for broken in catalogue.broken if broken.plugin.distribution.startswith("ganzoo-")]
    assert ours == []
