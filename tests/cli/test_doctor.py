"""What is installed, what is broken, and what mends it."""

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
    """Spare the children that import torch."""
    monkeypatch.setattr(doctor, "probe", lambda *_: (["cpu, 2 threads"], []))
    monkeypatch.setattr(doctor, "unloadable_parts", lambda *_: [])


def test_a_sound_installation_leaves_with_zero(ganzoo, quick, monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "ganzoo-dcgan")
    said = ganzoo("doctor")
    assert (said.code, said.err) == (0, "")
    assert "All is well: ganzoo-core and 1 plugin." in said.out
    assert all(word in said.out for word in ("python", "torch", "ganzoo-dcgan", "cpu, 2 threads", "cache"))


def test_a_broken_plugin_leaves_with_one_and_says_what_mends_it(ganzoo, quick, monkeypatch):
    broken = Broken(Plugin("b", "ganzoo-bad", "0.1", "b"), "ValueError: no", "pip uninstall ganzoo-bad")
    monkeypatch.setattr("ganzoo.registry.registry.load_registry", lambda _=(): Registry((), (broken,)))
    said = ganzoo("doctor")
    assert said.code == 1
    assert "broken: ganzoo-bad 0.1: ValueError: no. To mend: pip uninstall ganzoo-bad" in said.out
    assert "1 trouble." in said.out


def test_machines_get_the_same(ganzoo, quick, monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "")
    found = json.loads(ganzoo("doctor", "--json").out)
    assert found["healthy"] is True
    assert found["versions"]["torch"]
    assert "ganzoo-core" in found["plugins"]
    assert found["devices"] == ["cpu, 2 threads"]


def test_names_that_two_plugins_have_are_spoken_of(ganzoo, quick, monkeypatch):
    def clashing(files=()):
        found = load_registry(files)
        (hinge,) = (e for e in found.of_kind("loss") if e.record.name == "hinge")
        return Registry((*found.entries, replace(hinge, plugin=replace(hinge.plugin, distribution="rival"))))

    monkeypatch.setattr("ganzoo.cli.context.load_context_registry", clashing)
    said = ganzoo("doctor")
    assert said.code == 0
    assert "loss 'hinge' comes from 2 plugins: say ganzoo-spectral-norm:hinge or rival:hinge." in said.out


def test_the_devices_are_those_torch_sees():
    devices, troubles = doctor.probe(child(doctor.PROBE), doctor.PROBE_SECONDS)
    assert troubles == []
    assert devices[-1].startswith("cpu, ")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ImportError('libcudart is missing')", "torch cannot be imported: ImportError: libcudart is missing."),
        ("import sys; sys.exit(3)", "torch cannot be imported: no message."),
        ("print('warning: not json')", "torch answered strangely"),
        ("import time; time.sleep(60)", "torch did not start within 0 s"),
    ],
)
def test_a_torch_that_does_not_start_is_a_trouble_not_a_crash(code, said):
    devices, (trouble,) = doctor.probe(child(code), 0.4 if "sleep" in code else 30)
    assert devices == []
    assert said in trouble
    assert "To mend: " in trouble


LOST = """
from ganzoo import Component, hookimpl
print("noise")
@hookimpl
def ganzoo_components():
    yield Component("loss", "lost", "lost.deeper:Lost", summary="is not there")
"""


def test_a_part_that_cannot_be_loaded_is_a_trouble(ganzoo, tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "ganzoo-dcgan")
    (tmp_path / "lost.py").write_text(LOST)
    said = ganzoo("--plugin", str(tmp_path / "lost.py"), "doctor")
    assert said.code == 1
    assert "lost: loss 'lost' cannot be loaded from lost.deeper:Lost" in said.out
    assert "To mend: ganzoo check lost" in said.out
    assert "1 trouble." in said.out


@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "print('no list')", "import time; time.sleep(60)"])
def test_a_child_that_loads_no_parts_is_a_trouble_not_a_crash(code):
    (trouble,) = doctor.unloadable_parts(child(code), 0.4 if "sleep" in code else 30)
    assert trouble.startswith("parts: loading them all ended in ")


def test_a_package_that_is_missing_is_named(ganzoo, quick, monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("torch", "a-package-nobody-has"))
    said = ganzoo("doctor")
    assert said.code == 1
    assert "missing: a-package-nobody-has. To mend: pip install a-package-nobody-has" in said.out


def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("GANZOO_CACHE", str(file / "cache"))
    where, (trouble,) = doctor.cache_folder()
    assert where == str(file / "cache")
    assert "To mend: export GANZOO_CACHE=FOLDER" in trouble


def test_a_cache_that_can_be_written_is_left_empty(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    assert doctor.cache_folder() == (str(tmp_path / "cache"), [])
    assert list((tmp_path / "cache").iterdir()) == []
