"""Everything there is, for people, for pipes and for machines."""

import json

from rich.console import Console

from ganzoo.cli.commands import list as listing
from ganzoo.cli.records import RECORD_KINDS
from ganzoo.registry.kinds import KINDS
from ganzoo.registry.loader import Broken, Plugin
from ganzoo.registry.registry import Entry, Registry
from ganzoo.registry.specs import Component, Recipe

LONG = "a-part-with-a-name-of-forty-letters-at-all"


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


def test_every_record_stands_on_a_line_of_its_own_in_a_pipe(ganzoo, catalogue):
    lines = ganzoo("list").out.splitlines()
    for entry in catalogue.entries:
        words = [line.split() for line in lines]
        assert any(w[:3] == [entry.kind, entry.record.name, entry.plugin.distribution] for w in words if len(w) > 2)
    assert all(entry.record.summary in "\n".join(lines) for entry in catalogue.entries)


def test_one_kind_lists_only_that_kind(ganzoo, catalogue):
    head, *rows = ganzoo("list", "loss").out.split("\n\n")[0].splitlines()
    assert head.split() == ["kind", "name", "from", "paper", "score", "summary"]
    assert len([row for row in rows if row.startswith("loss")]) == len(catalogue.of_kind("loss"))


def test_a_recipe_nobody_measured_says_so(ganzoo, catalogue):
    rows = [line for line in ganzoo("list", "recipe").out.splitlines() if line.startswith("recipe")]
    unverified = [entry for entry in catalogue.of_kind("recipe") if entry.record.score == "unverified"]
    assert sum("unverified" in row for row in rows) == len(unverified)


def test_names_are_never_cut_and_summaries_wrap(terminal):
    for width in (60, 80, 120, 200):
        text = drawn(small(), width)
        assert LONG in text
        assert text.count("word") == 40
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= width


def test_a_narrow_screen_stacks_paper_and_origin_and_a_wide_one_gives_them_columns():
    narrow, wide = drawn(small(), 80), drawn(small(), 160)
    assert "Radford et al. 2015 · ganzoo-one" in narrow
    assert "from" not in narrow.splitlines()[0]
    assert wide.splitlines()[0].split() == ["name", "summary", "paper", "from", "score"]


def test_each_group_says_how_its_parts_are_used():
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


def test_broken_plugins_stand_below(ganzoo, monkeypatch):
    broken = Broken(Plugin("b", "ganzoo-bad", "0.1", "b"), "ValueError: no", "pip uninstall ganzoo-bad")
    monkeypatch.setattr("ganzoo.registry.registry.load_registry", lambda _=(): small((broken,)))
    assert "\nbroken: ganzoo-bad 0.1: ValueError: no. To mend: pip uninstall ganzoo-bad\n" in ganzoo("list").out
    assert json.loads(ganzoo("list", "--json").out)["broken"][0]["distribution"] == "ganzoo-bad"


def test_machines_get_every_record(ganzoo, catalogue):
    said = ganzoo("list", "--json")
    listed = json.loads(said.out)
    assert len(listed["entries"]) == len(catalogue.entries)
    assert {entry["kind"] for entry in listed["entries"]} <= {"recipe", *KINDS}
    assert all(entry["summary"] and entry["version"] for entry in listed["entries"])


def test_machines_may_ask_for_one_kind(ganzoo, catalogue):
    listed = json.loads(ganzoo("list", "recipe", "--json").out)
    assert [entry["name"] for entry in listed["entries"]] == [e.record.name for e in catalogue.of_kind("recipe")]


def test_a_kind_without_parts_is_no_error(ganzoo, monkeypatch):
    monkeypatch.setattr("ganzoo.registry.registry.load_registry", lambda _=(): small())
    said = ganzoo("list", "tracker")
    assert said.code == 0
    assert "0 trackers" in said.out
