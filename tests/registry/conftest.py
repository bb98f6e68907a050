"""Distributions broken in many ways, in the layout in which pip installs them."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

GOOD = "from ganzoo import Component, Recipe, hookimpl\n"

PATH = "ganzoo.components.losses.non_saturating:NonSaturating"

LOSS = """
@hookimpl
def ganzoo_components():
    yield Component(kind="loss", name="{name}", path="{path}", summary="{name}")
"""

BROKEN = {
    "raises": "raise RuntimeError('boom')",
    "exits": "import sys; sys.exit(0)",
    "lacks": "import a_module_nobody_has",
    "wrong-record": GOOD + "@hookimpl\ndef ganzoo_components():\n    yield ('loss', 'mine')",
    "misspelt": GOOD + "@hookimpl\ndef ganzoo_componentz():\n    yield Recipe('mine', 'x', {})",
    "other-api": "GANZOO_API = 99\n" + GOOD + LOSS.format(name="other-api", path=PATH),
    "hookless": GOOD,
    "late": GOOD + "@hookimpl\ndef ganzoo_components():\n    yield Recipe('late', 'x', {})\n    raise KeyError('late')",
    "bad-summary": GOOD + "@hookimpl\ndef ganzoo_components():\n    yield Recipe('mine', None, {})",
    "stale": "from ganzoo.nn.gone import Layer",
}
"""By name: the plugin module of ``ganzoo-<name>``."""

TALKATIVE = (
    "print('hello from a plugin')\n"
    + GOOD
    + "@hookimpl\ndef ganzoo_components():\n    print('again')\n"
    + ("    yield Recipe('talkative', 'prints while it is listed', {})")
)


class Site:
    """A folder of installed distributions, and our command line run with it."""

    def __init__(self, path: Path):
        self.path = path

    def install(self, name: str, plugin: str | None, *, metadata: bool = True) -> None:
        """Write ``ganzoo-<name>`` 1.2.3; without a plugin its module is missing."""
        module = f"ganzoo_{name.replace('-', '_')}"
        info = self.path / f"{module}-1.2.3.dist-info"
        info.mkdir()
        (info / "entry_points.txt").write_text(f"[ganzoo]\n{name} = {module}.plugin\n")
        if metadata:
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ganzoo-{name}\nVersion: 1.2.3\n")
        if plugin is not None:
            (self.path / module).mkdir()
            (self.path / module / "__init__.py").touch()
            (self.path / module / "plugin.py").write_text(textwrap.dedent(plugin))

    def ganzoo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own."""
        command = [sys.executable, "-c", "from ganzoo.cli.main import main; main()", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(self.path), "NO_COLOR": "1"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=250, check=False)

    def listed(self) -> dict:
        """Read ``list --json``."""
        done = self.ganzoo("list", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """All of them at once, beside the good plugins of this checkout."""
    site = Site(tmp_path_factory.mktemp("site"))
    for name, plugin in BROKEN.items():
        site.install(name, plugin)
    site.install("empty", None)
    site.install("nameless", None, metadata=False)
    site.install("talkative", TALKATIVE)
    site.install("twin-one", GOOD + LOSS.format(name="twin", path=PATH))
    site.install("twin-two", GOOD + LOSS.format(name="twin", path=PATH))
    return site


@pytest.fixture(scope="session")
def listing(site):
    """What ``list --json`` says."""
    return site.listed()
