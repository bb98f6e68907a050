"""A clash is an error at use, an unknown name has suggestions, a recipe means components of its own distribution."""

import pytest

from ganzoo.config.layers import Layer
from ganzoo.config.resolution import Request, resolve
from ganzoo.errors import BadSetting, GanzooError, UnknownName
from ganzoo.registry.loader import Broken, Plugin
from ganzoo.registry.registry import Entry, Registry, build_registry, load_class, versions_by_distribution
from ganzoo.registry.specs import Component, Recipe


def loss(name="hinge", path="ganzoo.components.losses.non_saturating:NonSaturating"):
    return Component(kind="loss", name=name, path=path, summary="a loss")


def entry(record, distribution="ganzoo-one"):
    return Entry(record, Plugin("p", distribution, "1.0", "p"))


def test_good_and_broken_plugins_are_separated():
    good, bad = Plugin("g", "good", "1", "g"), Plugin("b", "bad", "1", "b")
    sorted_ = build_registry([(good, (loss(),)), (bad, Broken(bad, "why", "how"))])
    assert [e.record.name for e in sorted_.entries] == ["hinge"]
    assert [b.plugin for b in sorted_.broken] == [bad]


def test_a_clash_names_both_qualified_names_and_each_of_them_works():
    twins = Registry((entry(loss(), "ganzoo-one"), entry(loss(), "ganzoo-two")))
    with pytest.raises(UnknownName, match="2 plugins: say 'ganzoo-one:hinge' or 'ganzoo-two:hinge'"):
        twins.find("loss", "hinge")
    assert twins.find("loss", "ganzoo-two:hinge").plugin.distribution == "ganzoo-two"


def test_one_name_may_be_used_by_several_kinds():
    both = Registry((entry(loss("dcgan")), entry(Recipe("dcgan", "x", {}))))
    assert both.component("loss", "dcgan").kind == "loss"
    assert both.recipe("dcgan").summary == "x"


def test_an_unknown_name_gets_a_suggestion_its_other_kinds_and_a_command():
    known = Registry((entry(loss("hinge")), entry(Recipe("dcgan", "x", {}))))
    with pytest.raises(UnknownName, match=r"no loss 'hnige'. Did you mean 'hinge'\? See: ganzoo list loss"):
        known.find("loss", "hnige")
    with pytest.raises(UnknownName, match=r"no loss 'dcgan'. 'dcgan' is a recipe"):
        known.find("loss", "dcgan")


def test_an_unknown_name_may_be_that_of_a_broken_plugin():
    broken = Broken(Plugin("b", "ganzoo-bad", "1", "b"), "why", "how")
    with pytest.raises(UnknownName, match=r"Not loaded: ganzoo-bad \(ganzoo doctor says why\)"):
        Registry((), (broken,)).find("loss", "hinge")


@pytest.mark.parametrize(
    "path",
    ["ganzoo.components.losses.non_saturating:Gone", "ganzoo.components.losses.gone:Gone", "nowhere.at_all:Gone"],
)
def test_a_path_that_does_not_exist_is_named(path):
    with pytest.raises(GanzooError, match=f"loss 'hinge' cannot be loaded from {path}"):
        load_class(loss(path=path))


def test_a_path_in_no_module_may_be_that_of_a_renamed_file():
    with pytest.raises(GanzooError, match=r"no module or plugin file of the name 'nowhere'. Was it renamed\?"):
        load_class(loss(path="nowhere:Gone"))


def test_versions_are_those_of_the_distributions():
    entries = [entry(loss()), entry(Recipe("a", "x", {}), "ganzoo-two")]
    assert versions_by_distribution(entries) == {"ganzoo-one": "1.0", "ganzoo-two": "1.0"}


def test_everything_installed_in_this_checkout_loads(catalogue):
    ours = [broken for broken in catalogue.broken if broken.plugin.distribution.startswith("ganzoo-")]
    assert ours == []


def test_installing_a_plugin_changes_no_run_that_does_not_name_it(catalogue):
    """Another plugin may use our names: recipes still mean our components."""
    rival = Plugin("rival", "a-rival", "1.0", "rival")
    copies = [
        Entry(Component(e.kind, e.record.name, "nowhere:Gone", "another plugin's"), rival)
        for e in catalogue.entries
        if isinstance(e.record, Component)
    ]
    crowded = Registry((*copies, *catalogue.entries))
    for recipe in catalogue.of_kind("recipe"):
        ours, theirs = (resolve(r, Request(recipe.record.name)) for r in (catalogue, crowded))
        assert {p: s.value for p, s in ours.settings.items()} == {p: s.value for p, s in theirs.settings.items()}
    with pytest.raises(UnknownName, match="a-rival:dcgan"):
        crowded.find("generator", "dcgan")


def test_two_components_of_one_name_in_one_run_are_refused(catalogue):
    rival = Entry(
        Component("term", "r1", "ganzoo_losses.gradient_terms:R1", "another plugin's"), Plugin("r", "a-rival", "1", "r")
    )
    crowded = Registry((*catalogue.entries, rival))
    twice = Layer("command line", {"term": ("ganzoo-losses:r1", "a-rival:r1")})
    with pytest.raises(BadSetting, match="term 'r1' is in this run twice"):
        resolve(crowded, Request("dcgan", (twice,)))
