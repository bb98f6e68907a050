"""TAB offers what the records hold."""

from types import SimpleNamespace

import pytest

from ganzoo.cli import completion
from ganzoo.cli.records import RECORD_KINDS


def typing_(plugin=None):
    """Stand for the context of a half-typed line."""
    context = SimpleNamespace(params={"plugin": plugin})
    context.find_root = lambda: context
    return context


@pytest.mark.parametrize("kind", RECORD_KINDS)
def test_every_kind_is_offered_whole(kind, catalogue):
    offered = completion.names(kind)(typing_(), "")
    assert dict(offered) == {e.record.name: e.record.summary for e in catalogue.of_kind(kind)}


def test_only_what_begins_as_typed_is_offered():
    assert {name for name, _ in completion.names("loss")(typing_(), "w")} == {"wasserstein", "wgan-gp"}


def test_a_name_of_several_kinds_is_offered_once(catalogue):
    names = [name for name, _ in completion.names(*RECORD_KINDS)(typing_(), "")]
    assert len(names) == len(set(names)) == len({e.record.name for e in catalogue.entries})


def test_kinds_are_offered():
    assert [name for name, _ in completion.kinds("re")] == ["recipe"]


def test_a_plugin_file_that_is_not_there_offers_nothing():
    assert completion.names("recipe")(typing_(["nowhere.py"]), "") == []
