"""``ganzoo doctor``: what is installed, what is broken, and how to fix it."""

import json
import sys
from dataclasses import replace

import pytest

from ganzoo.cli.commands import doctor
from ganzoo.registry.loader import Broken, Plugin
from ganzoo.registry.registry import Registry, load_registry


def child(code):
    return [sys.executable, "-c", code]


@pytest.fixture
def quick(monkeypatch):
    """Skip the child processes that import torch."""
    monkeypatch.setattr(doctor, "probe", lambda *_: (["cpu, 2 threads"], []))
    monkeypatch.setattr(doctor, "unloadable_components", lambda *_: [])


def test_a_sound_installation_exits_with_zero(ganzoo, quick, monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "ganzoo-dcgan")
    said = ganzoo("doctor")
    assert (said.code, said.err) == (0, "")
    assert "No problems: ganzoo-core and 1 plugin." in said.out
    assert all(word in said.out for word in ("python", "torch", "ganzoo-dcgan", "cpu, 2 threads", "cache"))


def test_a_broken_plugin_exits_with_one_and_names_the_fix(ganzoo, quick, monkeypatch):
    broken = Broken(Plugin("b", "ganzoo-bad", "0.1", "b"), "ValueError: no", "pip uninstall ganzoo-bad")
    monkeypatch.setattr("ganzoo.registry.registry.load_registry", lambda _=(): Registry((), (broken,)))
    said = ganzoo("doctor")
    assert said.code == 1
    assert "broken: ganzoo-bad 0.1: ValueError: no. Fix: pip uninstall ganzoo-bad" in said.out
    assert "1 problem." in said.out


def test_json_holds_the_same(ganzoo, quick, monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "")
    found = json.loads(ganzoo("doctor", "--json").out)
    assert found["healthy"] is True
    assert found["versions"]["torch"]
    assert "ganzoo-core" in found["plugins"]
    assert found["devices"] == ["cpu, 2 threads"]


def test_names_of_two_plugins_are_reported(ganzoo, quick, monkeypatch):
    def clashing(files=()):
        found = load_registry(files)
        (hinge,) = (e for e in found.of_kind("loss") if e.record.name == "hinge")
        return Registry((*found.entries, replace(hinge, plugin=replace(hinge.plugin, distribution="rival"))))

    monkeypatch.setattr("ganzoo.cli.context.load_context_registry", clashing)
    said = ganzoo("doctor")
    assert said.code == 0
    assert "loss 'hinge' comes from 2 plugins: write ganzoo-spectral-norm:hinge or rival:hinge." in said.out


def test_the_devices_are_those_torch_sees():
    devices, problems = doctor.probe(child(doctor.PROBE), doctor.PROBE_SECONDS)
    assert problems == []
    assert devices[-1].startswith("cpu, ")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ImportError('libcudart is missing')", "torch cannot be imported: ImportError: libcudart is missing."),
        ("import sys; sys.exit(3)", "torch cannot be imported: no message."),
        ("print('warning: not json')", "torch printed no list of devices"),
        ("import time; time.sleep(60)", "torch did not start within 0 s"),
    ],
)
def test_a_torch_that_does_not_start_is_a_problem_not_a_crash(code, said):
    devices, (problem,) = doctor.probe(child(code), 0.4 if "sleep" in code else 30)
    assert devices == []
    assert said in problem
    assert "Fix: " in problem


LOST = """
from ganzoo import Component, hookimpl
print("noise")
@hookimpl
def ganzoo_components():
    yield Component("loss", "lost", "lost.deeper:Lost", summary="is not there")
"""


def test_a_component_that_cannot_be_loaded_is_a_problem(ganzoo, tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "ganzoo-dcgan")
    (tmp_path / "lost.py").write_text(LOST)
    said = ganzoo("--plugin", str(tmp_path / "lost.py"), "doctor")
    assert said.code == 1
    assert "lost: loss 'lost' cannot be loaded from lost.deeper:Lost" in said.out
    assert "Fix: ganzoo check lost" in said.out
    assert "1 problem." in said.out


@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "print('no list')", "import time; time.sleep(60)"])
def test_a_child_that_fails_is_a_problem_not_a_crash(code):
    (problem,) = doctor.unloadable_components(child(code), 0.4 if "sleep" in code else 30)
    assert problem.startswith("components: loading them all ended in ")


def test_a_missing_package_is_named(ganzoo, quick, monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("torch", "a-missing-package"))
    said = ganzoo("doctor")
    assert said.code == 1
    assert "missing: a-missing-package. Fix: pip install a-missing-package" in said.out


def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("GANZOO_CACHE", str(file / "cache"))
    where, (problem,) = doctor.cache_folder()
    assert where == str(file / "cache")
    assert "Fix: export GANZOO_CACHE=FOLDER" in problem


def test_a_cache_that_can_be_written_is_left_empty(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    assert doctor.cache_folder() == (str(tmp_path / "cache"), [])
    assert list((tmp_path / "cache").iterdir()) == []
