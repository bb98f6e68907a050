"""``ganzoo check``: one line per record, reasons below it, and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ganzoo.cli import main

HERE = Path(__file__).parents[1] / "checks"
BROKEN = str(HERE / "broken" / "broken_records.py")


def test_a_sound_component_is_one_line_and_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["check", "weight-clipping"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["ok", "constraint", "weight-clipping"]
    assert lines[-1].startswith("1 record, ")


def test_a_failure_is_shown_with_its_reason_and_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--plugin", BROKEN, "check", "silent", "plain"]) == 1
    out = capsys.readouterr().out
    assert "FAILED loss silent" in out
    assert "failed help: setting 'margin' has no line under 'Args:'" in out
    assert "ok     loss plain" in out
    assert "2 records" in out


def test_a_plugin_file_alone_is_checked_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--plugin", BROKEN, "check", "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert {row["distribution"] for row in printed["results"]} == {"broken-records"}
    assert {"kind", "name", "distribution", "check", "law", "status", "reason"} == printed["results"][0].keys()
    assert printed["broken"] == []


def test_a_plugin_that_cannot_be_loaded_leaves_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hookless.py"
    file.write_text("x = 1\n")
    assert main.run(["--plugin", str(file), "check"]) == 1
    assert "defines no hook" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [(["check", "weight-cliping"], "Did you mean 'weight-clipping'"), (["check"], "ganzoo check --all")],
)
def test_a_mistake_leaves_with_2(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(words) == 2
    assert said in capsys.readouterr().err
