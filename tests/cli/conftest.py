"""The command line, run in this process as a terminal runs it."""

import re
import sys
from dataclasses import dataclass

import pytest

from ganzoo.cli.main import main


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What is seen on a screen, without the codes for bold and dim."""
        return re.sub(r"\x1b\[[\d;]*m", "", self.out).splitlines()


@pytest.fixture
def ganzoo(capsys, monkeypatch):
    """Run ``ganzoo`` with some words."""

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["ganzoo", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return Said(left.value.code, out, err)

    return run


@pytest.fixture
def terminal(monkeypatch):
    """Make rich believe in a terminal of some width, without colours."""

    def widen(columns: int) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("TERM", "xterm")

    return widen
