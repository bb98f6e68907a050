"""Folders are written atomically, even if the writer is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ganzoo.storage.folders import replace_folder, sweep_leftovers


def test_an_exception_publishes_nothing_and_keeps_the_old_folder(tmp_path):
    place = tmp_path / "step-1"
    with replace_folder(place) as temporary:
        (temporary / "a").write_text("old")
    with pytest.raises(RuntimeError), replace_folder(place) as temporary:
        (temporary / "a").write_text("new")
        raise RuntimeError
    assert (place / "a").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["step-1"]


def test_an_exception_between_the_two_renames_restores_the_old_folder(tmp_path, monkeypatch):
    place = tmp_path / "best"
    with replace_folder(place) as temporary:
        (temporary / "a").write_text("old")
    rename = Path.rename

    def stopped(self, target):
        if target == place and self.name.endswith(f".{os.getpid()}.tmp"):
            raise SystemExit(143)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(SystemExit), replace_folder(place) as temporary:
        (temporary / "a").write_text("new")
    assert (place / "a").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["best"]


def test_a_folder_that_a_killed_writer_was_replacing_is_restored(tmp_path):
    before, unfinished = tmp_path / ".be.st.77.before.tmp", tmp_path / ".best.77.tmp"
    for folder in (before, unfinished):
        folder.mkdir()
    (before / "a").write_text("old")
    sweep_leftovers(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["be.st"]
    assert (tmp_path / "be.st" / "a").read_text() == "old"


def test_a_replaced_folder_is_not_restored(tmp_path):
    for name in ("best", ".best.77.before.tmp"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text(name)
    sweep_leftovers(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["best"]
    assert (tmp_path / "best" / "a").read_text() == "best"


WRITER = """
import sys, itertools
from pathlib import Path
from ganzoo.storage.folders import replace_folder
base = Path(sys.argv[1])
for number in itertools.count():
    with replace_folder(base / f"step-{number:06d}") as temporary:
        for name in "ab":
            (temporary / name).write_bytes(str(number).encode() * 50_000)
    print("published", flush=True)
"""


def test_a_killed_writer_leaves_only_whole_folders(tmp_path):
    for kill in range(5):
        base = tmp_path / str(kill)
        base.mkdir()
        with subprocess.Popen([sys.executable, "-c", WRITER, str(base)], stdout=subprocess.PIPE) as child:
            assert child.stdout.readline() == b"published\n"  # disks can be slow
            time.sleep(0.05 + 0.03 * kill)
            os.kill(child.pid, signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
        sweep_leftovers(base)
        folders = sorted(base.iterdir())
        assert folders
        for folder in folders:
            number = str(int(folder.name[5:])).encode()
            assert all((folder / name).read_bytes() == number * 50_000 for name in "ab")
