"""Shell completion offers the names of the records."""

from types import SimpleNamespace

import pytest

from ganzoo.cli import completion
from ganzoo.cli.records import RECORD_KINDS


def context_of(plugin=None):
    """The context of a half-typed line."""
    context = SimpleNamespace(params={"plugin": plugin})
    context.find_root = lambda: context
    return context


@pytest.mark.parametrize("kind", RECORD_KINDS)
def test_every_name_of_a_kind_is_offered(kind, catalogue):
    offered = completion.names(kind)(context_of(), "")
    assert dict(offered) == {e.record.name: e.record.summary for e in catalogue.of_kind(kind)}


def test_only_names_with_the_typed_prefix_are_offered():
    assert {name for name, _ in completion.names("loss")(context_of(), "w")} == {"wasserstein", "wgan-gp"}


def test_a_name_of_several_kinds_is_offered_once(catalogue):
    names = [name for name, _ in completion.names(*RECORD_KINDS)(context_of(), "")]
    assert len(names) == len(set(names)) == len({e.record.name for e in catalogue.entries})


def test_kinds_are_offered():
    assert [name for name, _ in completion.kinds("re")] == ["recipe"]


def test_a_missing_plugin_file_offers_nothing():
    assert completion.names("recipe")(context_of(["nowhere.py"]), "") == []
