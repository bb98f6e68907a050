"""Whatever goes wrong is one plain line on stderr and an exit code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ganzoo.cli import main as entry
from ganzoo.cli.app import app
from ganzoo.errors import BadData, Diverged, GanzooError, UnknownName

SCRIPT = [sys.executable, "-m", "ganzoo"]


@pytest.fixture
def failing(ganzoo, monkeypatch):
    """Run ``ganzoo list`` while the registry fails with some error."""

    def run(error):
        def fail(_=()):
            raise error

        monkeypatch.setattr("ganzoo.registry.registry.load_registry", fail)
        return ganzoo("list")

    return run


def test_no_words_give_the_help(ganzoo):
    said = ganzoo()
    assert said.code == 0
    assert "ganzoo train dcgan" in said.out
    assert all(command in said.out for command in ("list", "show", "doctor", "train", "sample", "check"))


def test_the_version_is_that_of_the_distribution(ganzoo):
    said = ganzoo("--version")
    assert said.code == 0
    assert re.fullmatch(r"ganzoo-core \d+\.\d+\.\d+\n", said.out)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["lsit"], "error: no command 'lsit'. Did you mean 'list'? See: ganzoo --help"),
        (["list", "--jsno"], "'ganzoo list' has no option '--jsno'. Did you mean '--json'? See: ganzoo list --help"),
        (
            ["train", "--imges", "3"],
            "'ganzoo train' has no option '--imges'. Did you mean '--images'? See: ganzoo train --help",
        ),
        (["show"], "error: missing argument 'NAME'. See: ganzoo show --help"),
        (["list", "loss", "more"], "error: got unexpected extra argument(s) (more). See: ganzoo list --help"),
        (["list", "looss"], "error: no kind 'looss'. Did you mean 'loss'? See: ganzoo list"),
        (["train", "dcgan", "--resolution", "big"], "--resolution"),
        (["--plugin"], "--plugin"),
        (["list", "--plugin", "nowhere.py"], "no plugin file 'nowhere.py'. --plugin takes the path of a Python file."),
    ],
)
def test_a_slip_is_one_line_with_the_way_out(ganzoo, words, line):
    said = ganzoo(*words)
    assert said.code == 2
    assert said.out == ""
    assert line in said.err
    assert said.err.count("\n") == 1
    assert said.err.startswith("error: ")


@pytest.mark.parametrize("error", [UnknownName("no x"), BadData("no x"), Diverged("no x"), GanzooError("no x")])
def test_what_the_user_can_fix_is_its_message_and_code_two(failing, error):
    said = failing(error)
    assert (said.code, said.out, said.err) == (2, "", "error: no x\n")


def test_a_long_message_is_cut_to_three_lines(failing):
    assert failing(GanzooError("1\n2\n3\n4")).err == "error: 1\n2\n3\n"


def test_running_out_of_memory_names_the_setting_that_helps(failing):
    class OutOfMemoryError(RuntimeError): ...

    for error in (OutOfMemoryError("CUDA out of memory. Tried\nto"), MemoryError()):
        said = failing(error)
        assert said.code == 2
        assert "--set run.micro_batch_size=8" in said.err
        assert len(said.err.splitlines()) <= 3


def test_anything_else_is_our_bug_and_its_traceback_is_kept(failing):
    said = failing(ZeroDivisionError("division by zero\nand more"))
    assert (said.code, said.out) == (70, "")
    line = r"ganzoo has a bug: ZeroDivisionError: division by zero; the traceback is in (\S+)\n"
    match = re.fullmatch(line, said.err)
    assert match
    log = Path(match[1])
    assert "ZeroDivisionError: division by zero" in log.read_text()
    assert "Traceback" in log.read_text()
    log.unlink()


def test_an_interrupt_leaves_with_130(failing):
    said = failing(KeyboardInterrupt())
    assert (said.code, said.out) == (130, "")
    assert "Traceback" not in said.err


def test_advice_finds_a_plugin_that_is_a_file(ganzoo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    head = "from ganzoo import Component, hookimpl\n@hookimpl\ndef ganzoo_components():\n"
    (tmp_path / "lost_loss.py").write_text(f'{head}    yield Component("loss", "lost", "gone:Lost", "is gone")\n')
    said = ganzoo("train", "toy", "--plugin", "lost_loss.py", "--loss", "lost")
    assert said.code == 2
    (words,) = re.findall(r"ganzoo (check lost --plugin lost_loss.py)", said.err)
    assert ganzoo(*words.split()).code == 1


def test_an_interrupt_while_the_command_line_is_loading_leaves_with_130():
    script = """
import builtins
from ganzoo.__main__ import main
real = builtins.__import__
def interrupted(name, *rest, **more):
    if name == "typer":
        raise KeyboardInterrupt
    return real(name, *rest, **more)
builtins.__import__ = interrupted
main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip(), done.stdout) == (130, "interrupted", "")


def test_a_command_may_leave_with_a_code_of_its_own(ganzoo, monkeypatch):
    monkeypatch.setattr("ganzoo.cli.commands.doctor.probe", lambda *_: ([], ["devices: none. Fix: nothing"]))
    assert ganzoo("doctor").code == 1


def test_a_reader_who_leaves_early_is_no_error():
    with subprocess.Popen([*SCRIPT, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(timeout=250) == 1
    assert err == b""


def test_a_terminal_without_unicode_gets_question_marks_not_a_traceback():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "GANZOO_PLUGINS": "ganzoo-dcgan"}
    done = subprocess.run([*SCRIPT, "list"], env=environment, capture_output=True, text=True, timeout=250, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "dcgan" in done.stdout


def test_colours_stay_out_of_pipes(ganzoo, monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\x1b" not in ganzoo("list").out + ganzoo("lsit").err


def test_a_plugin_file_may_stand_anywhere(ganzoo, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    file = tmp_path / "a_plugin_of_main.py"
    file.write_text(
        "from ganzoo.registry.hooks import hookimpl\nfrom ganzoo.registry.specs import Recipe\n"
        "@hookimpl\ndef ganzoo_components():\n    yield Recipe('mine', 'my own', {})\n"
    )
    for words in (["--plugin", str(file), "list", "recipe"], ["list", "recipe", f"--plugin={file}"]):
        assert "my own" in ganzoo(*words).out
    assert "my own" not in ganzoo("list", "recipe").out


def test_a_command_is_named_after_its_file():
    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    folder = Path(entry.__file__).parent / "commands"
    assert all((folder / f"{name}.py").is_file() for name in names)
