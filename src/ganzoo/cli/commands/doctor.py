"""``ganzoo doctor``: what is installed, what is broken, and how to fix it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganzoo.cli import context
from ganzoo.cli.options import AsJson
from ganzoo.cli.records import broken_as_json, broken_line, count_words, print_json
from ganzoo.registry.loader import CORE
from ganzoo.registry.registry import Registry

PACKAGES = ("torch", "torchvision", "numpy", "pillow", "safetensors", "pydantic", "pluggy", "typer", "rich")
"""Packages that results may depend on."""

PROBE = """
import json, torch
cuda = torch.cuda
gpus = [f"cuda:{i} {cuda.get_device_name(i)}, {cuda.get_device_properties(i).total_memory / 2**30:.0f} GiB"
        for i in range(cuda.device_count())]
mps = ["mps"] if torch.backends.mps.is_available() else []
print(json.dumps([*gpus, *mps, f"cpu, {torch.get_num_threads()} threads"]))
"""
"""Script of a child process: the command itself never imports torch, and a hanging driver cannot hang it."""

LOAD_CHECK = "ganzoo.cli.load_check"
"""Module that runs in a child process, too: loading components imports torch."""

PROBE_SECONDS = 60.0


@dataclass(frozen=True)
class Diagnosis:
    """State of the installation.

    Args:
        versions: of Python and of packages by name; None for a missing package.
        plugins: versions by distribution, of the plugins that load.
        devices: devices that torch can compute on.
        cache: folder of decoded data.
        problems: what is broken, each with the command that fixes it.
        notes: what works, but may surprise.
    """

    versions: dict[str, str | None]
    plugins: dict[str, str]
    devices: list[str]
    cache: str
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def doctor(machine: AsJson = False) -> None:
    """Check the installation: versions, plugins, devices and cache; the exit code is 1 if something is broken."""
    registry = context.load_context_registry()
    diagnosis = diagnose(registry)
    if machine:
        broken = [broken_as_json(b) for b in registry.broken]
        print_json({**asdict(diagnosis), "broken": broken, "healthy": not diagnosis.problems})
    else:
        _print(diagnosis)
    raise typer.Exit(int(bool(diagnosis.problems)))


def diagnose(registry: Registry) -> Diagnosis:
    """Check everything once."""
    versions = {"python": platform.python_version(), **{name: installed(name) for name in PACKAGES}}
    plugins = {e.plugin.distribution: e.plugin.version for e in registry.entries}
    devices, no_device = probe([sys.executable, "-c", PROBE], PROBE_SECONDS)
    unloadable = [] if no_device else unloadable_components([sys.executable, "-m", LOAD_CHECK, *context.plugin_files()])
    cache, no_cache = cache_folder()
    missing = [f"missing: {name}. Fix: pip install {name}" for name, found in versions.items() if found is None]
    problems = [*missing, *map(broken_line, registry.broken), *unloadable, *no_device, *no_cache]
    return Diagnosis(versions, plugins, devices, cache, problems, [*clash_lines(registry)])


def clash_lines(registry: Registry) -> Iterator[str]:
    """Describe names that several plugins provide; such a name must be qualified."""
    for (kind, name), entries in registry.find_clashes().items():
        spelled = " or ".join(entry.qualified for entry in entries)
        yield f"{kind} '{name}' comes from {len(entries)} plugins: write {spelled}. Saved runs keep theirs."


def installed(name: str) -> str | None:
    """Return the version of a distribution, or None if it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def probe(command: Sequence[str], seconds: float) -> tuple[list[str], list[str]]:
    """Ask a child process for the devices.

    Args:
        command: prints a JSON list of names.
        seconds: time limit.

    Returns:
        The devices, and the problems.
    """
    try:
        return _run_child(command, seconds), []
    except subprocess.TimeoutExpired:
        return [], [f"devices: torch did not start within {seconds:.0f} s. Fix: {sys.executable} -c 'import torch'"]
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip() or "no message").splitlines()[-1]
        return [], [f"devices: torch cannot be imported: {last}. Fix: pip install --force-reinstall torch"]
    except ValueError as error:
        return [], [f"devices: torch printed no list of devices: {error}. Fix: pip install --force-reinstall torch"]


def unloadable_components(command: Sequence[str], seconds: float = PROBE_SECONDS) -> list[str]:
    """Ask a child process which components cannot be loaded.

    Args:
        command: prints a JSON list of problems.
        seconds: time limit.
    """
    try:
        return _run_child(command, seconds)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return [f"components: loading them all ended in {type(error).__name__}. Fix: ganzoo check --all"]


def _run_child(command: Sequence[str], seconds: float) -> list[str]:
    """Run a child process that prints a JSON list, and return the list."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=True)
    return list(json.loads(done.stdout))


def cache_folder() -> tuple[str, list[str]]:
    """Return the cache folder, and the problem if it cannot be written."""
    from ganzoo.components.datasets.files.cache import cache_root

    try:
        folder = cache_root()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder), []
    except OSError as error:
        where = os.environ.get("GANZOO_CACHE") or str(Path("~/.cache/ganzoo"))
        return where, [f"cache: {error.strerror or error}: {where}. Fix: export GANZOO_CACHE=FOLDER"]


def _print(diagnosis: Diagnosis) -> None:
    console = Console(highlight=False, markup=False)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in [*diagnosis.versions.items(), ("", None), *diagnosis.plugins.items()]:
        grid.add_row(name, text or ("missing" if name else ""))
    for label, lines in (("devices", diagnosis.devices), ("cache", [diagnosis.cache])):
        grid.add_row()
        grid.add_row(label, "\n".join(lines) or "none found")
    console.print(grid)
    console.print()
    for note in diagnosis.notes:
        console.print(note, style="yellow", soft_wrap=True)
    for problem in diagnosis.problems:
        console.print(problem, style="red", soft_wrap=True)
    healthy = Text(
        f"No problems: {CORE} and {count_words(len(diagnosis.plugins.keys() - {CORE}), 'plugin')}.", style="green"
    )
    console.print(
        Text(f"{count_words(len(diagnosis.problems), 'problem')}.", style="bold red") if diagnosis.problems else healthy
    )
