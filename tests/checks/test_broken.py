"""Every check can fail: for each there is a component that breaks its rule, and the message says how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from ganzoo.checks import Result, checks_for, run_check
from ganzoo.registry.kinds import KINDS
from ganzoo.registry.loader import Plugin
from ganzoo.registry.registry import Entry, Registry, load_class, load_registry
from ganzoo.registry.specs import Recipe

HERE = Path(__file__).parent
RECORD = (
    "summary", "reference", "light-start", "signature", "builds", "needs-met", "recommends", "help", "defaults",
    "conditions", "known-failures",
)  # fmt: skip
"""Checks that every kind shares: tested with losses."""

FILES = sorted((HERE / "broken").glob("broken_*.py"))


@cache
def loaded(file: Path) -> Registry:
    catalogue = load_registry([file])
    assert str(file) not in {broken.plugin.source for broken in catalogue.broken}
    return catalogue


def own(file: Path) -> list[Entry]:
    return [entry for entry in loaded(file).entries if entry.plugin.source == str(file)]


def expected(file: Path, entry: Entry) -> dict[str, str]:
    """The checks a broken component fails, and what their messages match."""
    module = __import__(file.stem)
    if isinstance(entry.record, Recipe):
        return module.RECIPES[entry.record.name]
    return module.BREAKS[entry.record.name] if hasattr(module, "BREAKS") else load_class(entry.record).breaks


@cache
def results(file: Path, name: str) -> tuple[Result, ...]:
    entry = next(entry for entry in own(file) if entry.record.name == name)
    return tuple(run_check(check) for check in checks_for(entry, loaded(file)))


def cases() -> Iterator[object]:
    for file in FILES:
        for entry in own(file):
            yield pytest.param(file, entry, id=f"{entry.kind}-{entry.record.summary or entry.record.name}")


@pytest.mark.parametrize(("file", "entry"), list(cases()))
def test_a_broken_component_fails_its_check(file: Path, entry: Entry) -> None:
    failed = {r.check.name: r.reason for r in results(file, entry.record.name) if r.status == "failed"}
    for name, message in expected(file, entry).items():
        assert name in failed, f"{name} passed; failed were {failed}"
        assert re.search(message, failed[name]), f"{name} says {failed[name]!r}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_correct_component_passes_every_check(file: Path) -> None:
    correct = next(entry for entry in own(file) if not expected(file, entry))
    assert [(r.check.name, r.reason) for r in results(file, correct.record.name) if r.status != "passed"] == []


def test_every_check_fails_for_some_broken_component() -> None:
    installed = load_registry()
    everything = [(e, loaded(file)) for file in FILES for e in own(file)] + [(e, installed) for e in installed.entries]
    every = {f"{e.kind} {check.name}" for e, catalogue in everything for check in checks_for(e, catalogue)}
    proven = {f"{e.kind} {name}" for file in FILES for e in own(file) for name in expected(file, e)}
    of_records = {f"{kind} {name}" for kind in (*KINDS, "recipe") for name in RECORD}
    assert every - proven - of_records == set()
    assert {f"loss {name}" for name in RECORD} - proven == {"loss light-start"}  # proven below


def test_a_plugin_whose_records_import_torch_fails(tmp_path: Path) -> None:
    file = tmp_path / "heavy_records.py"
    file.write_text("import torch\n" + GOOD.format(module="heavy_records"))
    catalogue = load_registry([file])
    plugin = Plugin("heavy", "heavy", "1.0", str(file))
    record = next(e.record for e in catalogue.entries if e.plugin.source == str(file))
    found = {r.check.name: r for r in map(run_check, checks_for(Entry(record, plugin), catalogue))}
    assert "imports torch" in found["light-start"].reason


def test_a_declared_failure_is_skipped_with_its_reason() -> None:
    found = {r.check.name: r for r in results(HERE / "broken" / "broken_records.py", "excused")}
    assert (found["relativistic"].status, found["relativistic"].reason) == (
        "skipped", "declared: the flag is set by the trainer",
    )  # fmt: skip


GOOD = """
from ganzoo import Component, hookimpl


class Difference:
    relativistic = False

    def discriminator(self, real, fake):
        return fake.mean() - real.mean()

    def generator(self, fake, real):
        return -fake.mean()


@hookimpl
def ganzoo_components():
    yield Component("loss", "difference", "{module}:Difference", "difference of mean scores")
"""
