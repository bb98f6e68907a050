"""``ganzoo list`` on a terminal, in a pipe and as JSON."""

import json

from rich.console import Console

from ganzoo.cli.commands import list as listing
from ganzoo.cli.records import RECORD_KINDS
from ganzoo.registry.kinds import KINDS
from ganzoo.registry.loader import Broken, Plugin
from ganzoo.registry.registry import Entry, Registry
from ganzoo.registry.specs import Component, Recipe

LONG = "a-component-whose-name-has-forty-letters"


def component(kind, name, summary="what it is"):
    return Component(kind=kind, name=name, path="m:C", summary=summary, reference="Radford, Metz & Chintala 2015")


def small(broken=()):
    plugin = Plugin("one", "ganzoo-one", "1.2.3", "ganzoo_one")
    records = (component("loss", "hinge"), component("loss", LONG, "word " * 40), Recipe("toy", "a toy", {}))
    return Registry(tuple(Entry(record, plugin) for record in records), broken)


def drawn(registry, width, kinds=RECORD_KINDS):
    console = Console(width=width, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(listing.table(registry, kinds, width))
    return captured.get()


def test_a_pipe_gets_one_line_per_record(ganzoo, catalogue):
    lines = ganzoo("list").out.splitlines()
    for entry in catalogue.entries:
        words = [line.split() for line in lines]
        assert any(w[:3] == [entry.kind, entry.record.name, entry.plugin.distribution] for w in words if len(w) > 2)
    assert all(entry.record.summary in "\n".join(lines) for entry in catalogue.entries)


def test_one_kind_lists_only_that_kind(ganzoo, catalogue):
    head, *rows = ganzoo("list", "loss").out.split("\n\n")[0].splitlines()
    assert head.split() == ["kind", "name", "from", "paper", "score", "summary"]
    assert len([row for row in rows if row.startswith("loss")]) == len(catalogue.of_kind("loss"))


def test_an_unverified_recipe_is_marked(ganzoo, catalogue):
    rows = [line for line in ganzoo("list", "recipe").out.splitlines() if line.startswith("recipe")]
    unverified = [entry for entry in catalogue.of_kind("recipe") if entry.record.score == "unverified"]
    assert sum("unverified" in row for row in rows) == len(unverified)


def test_names_are_never_cut_and_summaries_are_wrapped(terminal):
    for width in (60, 80, 120, 200):
        text = drawn(small(), width)
        assert LONG in text
        assert text.count("word") == 40
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= width


def test_paper_and_distribution_have_columns_on_a_wide_screen_only():
    narrow, wide = drawn(small(), 80), drawn(small(), 160)
    assert "Radford et al. 2015 · ganzoo-one" in narrow
    assert "from" not in narrow.splitlines()[0]
    assert wide.splitlines()[0].split() == ["name", "summary", "paper", "from", "score"]


def test_each_group_shows_the_option_of_its_kind():
    text = drawn(small(), 80)
    assert "ganzoo train NAME" in text
    assert "--loss NAME" in text


def test_a_screen_shows_groups_counts_and_the_next_command(ganzoo, terminal):
    terminal(80)
    lines = ganzoo("list").lines
    assert "ganzoo show NAME" in lines[-1]
    assert "recipes" in "\n".join(lines[-4:])
    assert max(map(len, lines)) <= 80


def test_counts_agree_with_the_list():
    assert listing.counts(small(), RECORD_KINDS) == "1 recipe · 2 losses · 1 plugin"
    assert listing.counts(small(), ("term",)) == "0 terms · 0 plugins"


def test_broken_plugins_are_listed_last(ganzoo, monkeypatch):
    broken = Broken(Plugin("b", "ganzoo-bad", "0.1", "b"), "ValueError: no", "pip uninstall ganzoo-bad")
    monkeypatch.setattr("ganzoo.registry.registry.load_registry", lambda _=(): small((broken,)))
    assert "\nbroken: ganzoo-bad 0.1: ValueError: no. Fix: pip uninstall ganzoo-bad\n" in ganzoo("list").out
    assert json.loads(ganzoo("list", "--json").out)["broken"][0]["distribution"] == "ganzoo-bad"


def test_json_holds_every_record(ganzoo, catalogue):
    said = ganzoo("list", "--json")
    listed = json.loads(said.out)
    assert len(listed["entries"]) == len(catalogue.entries)
    assert {entry["kind"] for entry in listed["entries"]} <= {"recipe", *KINDS}
    assert all(entry["summary"] and entry["version"] for entry in listed["entries"])


def test_json_may_hold_one_kind(ganzoo, catalogue):
    listed = json.loads(ganzoo("list", "recipe", "--json").out)
    assert [entry["name"] for entry in listed["entries"]] == [e.record.name for e in catalogue.of_kind("recipe")]


def test_a_kind_without_components_is_no_error(ganzoo, monkeypatch):
    monkeypatch.setattr("ganzoo.registry.registry.load_registry", lambda _=(): small())
    said = ganzoo("list", "tracker")
    assert said.code == 0
    assert "0 trackers" in said.out
