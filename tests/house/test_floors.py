"""An import goes down only, and plugins stand on the core alone."""

import ast
import configparser
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

PUBLIC = ("ganzoo", "ganzoo.nn", "ganzoo.components.metrics", "ganzoo.sampling")
"""The modules a plugin may import, and of them only what their ``__all__`` lists."""


def imported(tree: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_imports_go_down_only(root):
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("import-linter is not installed; `nox -s lint` runs it")
    result = subprocess.run([linter], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


FLOORS = {"cli", "workflows", "checks", "report", "evaluation", "runs", "assembly", "training", "components",
          "sampling", "nn", "config", "interfaces", "registry", "storage"}  # fmt: skip
LOOSE = {"__init__", "__main__", "api", "errors", "testing"}


def test_folders_are_the_floors_and_no_module_hangs_loose(root):
    top = root / "src" / "ganzoo"
    assert {path.name for path in top.iterdir() if (path / "__init__.py").is_file()} == FLOORS
    assert {path.stem for path in top.glob("*.py")} == LOOSE


def test_there_are_at_most_ten_layers_which_name_every_floor(root):
    contract = configparser.ConfigParser()
    contract.read(root / ".importlinter")
    layers = contract["importlinter:contract:floors"]["layers"].split("\n")
    named = {name for layer in layers for name in re.findall(r"\w+", layer)}
    assert len([layer for layer in layers if layer]) <= 10
    assert named == FLOORS | (LOOSE - {"__init__"})


def test_a_plugin_imports_only_its_own_package_and_the_public_door(sources):
    for path, tree in sources.items():
        if path.startswith("plugins/"):
            own = Path(path).parts[3]
            for name in imported(tree):
                top = name.partition(".")[0]
                assert not (top.startswith("ganzoo_") and top != own), f"{path} imports {name}"
                assert top != "ganzoo" or name in PUBLIC, f"{path} imports {name}"
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module in PUBLIC:
                    private = {alias.name for alias in node.names} - set(import_module(node.module).__all__)
                    assert not private, f"{path} imports {', '.join(private)} of {node.module}"


def test_losses_terms_and_trainers_touch_no_optimiser_file_or_clock(sources):
    for path, tree in sources.items():
        if any(part in path for part in ("losses", "terms", "trainers/")):
            forbidden = {"time", "os", "pathlib", "random", "torch.optim", "io"}
            assert not imported(tree) & forbidden, path


def test_rich_and_typer_live_in_the_command_line_only(sources):
    for path, tree in sources.items():
        if "/cli/" not in path:
            assert not {name.partition(".")[0] for name in imported(tree)} & {"rich", "typer", "click"}, path
