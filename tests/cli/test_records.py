"""Records as text and as JSON."""

import json

import pytest

from ganzoo.cli.commands.train import train
from ganzoo.cli.records import (
    as_json,
    broken_as_json,
    broken_line,
    count_words,
    format_value,
    short_reference,
)
from ganzoo.registry.kinds import TRAIN_OPTIONS
from ganzoo.registry.loader import Broken, Plugin
from ganzoo.registry.registry import Entry
from ganzoo.registry.specs import Component, When

PLUGIN = Plugin("one", "ganzoo-one", "1.2.3", "ganzoo_one.plugin")


@pytest.mark.parametrize(
    ("reference", "short"),
    [
        ("Radford, Metz & Chintala 2015, arXiv 1511.06434", "Radford et al. 2015"),
        ("Goodfellow et al. 2014, arXiv 1406.2661, algorithm 1", "Goodfellow et al. 2014"),
        ("Kingma & Ba 2015", "Kingma & Ba 2015"),
        ("Kingma and Ba (2015)", "Kingma & Ba 2015"),
        ("Mao 2017", "Mao 2017"),
        ("Lin et al. 2018 (PacGAN), arXiv 1712.04086", "Lin et al. 2018"),
        ("a page of the web", "a page of the web"),
        ("", ""),
    ],
)
def test_a_reference_shrinks_to_author_and_year(reference, short):
    assert short_reference(reference) == short


def test_every_reference_fits_a_table(catalogue):
    long = [e.record.reference for e in catalogue.entries if len(short_reference(e.record.reference)) > 30]
    assert long == []


@pytest.mark.parametrize(
    ("value", "text"), [(None, "none"), (True, "true"), ((1, 2), "1,2"), ((), ""), (1e-4, "0.0001"), ("a", "a")]
)
def test_values_are_written_as_set_takes_them(value, text):
    assert format_value(value) == text


@pytest.mark.parametrize(
    ("number", "word", "text"),
    [
        (1, "loss", "1 loss"),
        (2, "loss", "2 losses"),
        (0, "term", "0 terms"),
        (3, "dataset", "3 datasets"),
        (2, "plugin", "2 plugins"),
    ],
)
def test_words_agree_with_their_number(number, word, text):
    assert count_words(number, word) == text


def test_a_broken_plugin_is_one_line():
    line = broken_line(Broken(PLUGIN, "ValueError: no.", "pip uninstall ganzoo-one"))
    assert line == "broken: ganzoo-one 1.2.3: ValueError: no. Fix: pip uninstall ganzoo-one"


def test_json_holds_every_field_of_a_record():
    component = Component(
        kind="loss", name="hinge", path="m:C", summary="s", reference="r", needs=("image",),
        provides=("a", When("b", "norm", ("none", 1))), recommends={"term": ("r1",), "run.clip": None},
    )  # fmt: skip
    record = as_json(Entry(component, PLUGIN))
    assert json.loads(json.dumps(record)) == {
        "kind": "loss", "name": "hinge", "path": "m:C", "summary": "s", "reference": "r", "needs": ["image"],
        "provides": ["a", {"capability": "b", "when": "norm", "is": ["none", 1]}],
        "recommends": {"term": ["r1"], "run.clip": None}, "distribution": "ganzoo-one", "version": "1.2.3",
    }  # fmt: skip


def test_json_of_a_broken_plugin_names_it():
    record = broken_as_json(Broken(PLUGIN, "why", "how"))
    assert record == {
        "plugin": "one", "distribution": "ganzoo-one", "version": "1.2.3", "reason": "why", "fix": "how",
    }  # fmt: skip


def test_the_flags_we_name_exist():
    options = {f"--{name}" for name in train.__annotations__}
    assert set(TRAIN_OPTIONS.values()) <= options
