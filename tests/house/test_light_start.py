"""Whoever only looks around never waits for torch."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = {"torch", "torchvision", "numpy", "PIL", "scipy", "matplotlib"}

SCRIPT = """
import json, sys
from ganzoo.cli.main import main
try:
    main()
finally:
    with open(FILE, "w") as file:
        json.dump(sorted({name.partition(".")[0] for name in sys.modules}), file)
"""


def imported(file, *arguments, **environment):
    """Run a command and tell which packages it imported."""
    command = [sys.executable, "-c", SCRIPT.replace("FILE", repr(str(file))), *arguments]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=250, check=False
    )
    return done, set(json.loads(file.read_text()))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--help",),
        ("--version",),
        ("list",),
        ("list", "loss"),
        ("list", "--json"),
        ("train", "--help"),
        ("sample", "--help"),
        ("show", "--help"),
        ("show", "nothing-of-this-name"),
        ("lsit",),
        ("train", "dcgan", "--imges", "3"),
        ("--show-completion", "bash"),
    ],
    ids=" ".join,
)
def test_looking_around_imports_nothing_heavy(tmp_path, arguments):
    done, modules = imported(tmp_path / "modules", *arguments)
    assert "Traceback" not in done.stderr
    assert not modules & HEAVY


def test_the_doctor_leaves_torch_to_a_child(tmp_path):
    done, modules = imported(tmp_path / "modules", "doctor")
    assert "cpu" in done.stdout
    assert not modules & {"torch", "torchvision"}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ganzoo train dc", "dcgan"),
        ("ganzoo train dcgan --loss wg", "wgan-gp"),
        ("ganzoo train dcgan --data spr", "sprites"),
        ("ganzoo list los", "loss"),
        ("ganzoo show gradient", "gradient-penalty"),
        ("ganzoo li", "list"),
    ],
)
def test_a_shell_completes_from_the_records_alone(tmp_path, typed, offered):
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1), "_GANZOO_COMPLETE": "complete_bash"}
    done, modules = imported(tmp_path / "modules", **words)
    assert offered in done.stdout.split()
    assert not modules & HEAVY


def test_a_half_typed_line_completes_to_nothing_rather_than_fail(tmp_path):
    typed = "ganzoo --plugin nowhere.py train dc"
    words = {"COMP_WORDS": typed, "COMP_CWORD": "4", "_GANZOO_COMPLETE": "complete_bash"}
    done, _ = imported(tmp_path / "modules", **words)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_loading_every_plugin_of_this_checkout_imports_nothing_heavy(tmp_path):
    script = "import sys; from ganzoo.registry.registry import load_registry; load_registry(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=250, check=True)
    assert not {name.partition(".")[0] for name in done.stdout.split()} & HEAVY
