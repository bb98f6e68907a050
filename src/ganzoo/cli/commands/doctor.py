"""``ganzoo doctor``: what is installed, what is broken, and the command that mends it."""

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
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganzoo.cli import context
from ganzoo.cli.records import broken_as_json, broken_line, count_words, print_json
from ganzoo.registry.loader import CORE
from ganzoo.registry.registry import Registry

PACKAGES = ("torch", "torchvision", "numpy", "pillow", "safetensors", "pydantic", "pluggy", "typer", "rich")
"""What a run's result or a message may depend on."""

PROBE = """
import json, torch
cuda = torch.cuda
gpus = [f"cuda:{i} {cuda.get_device_name(i)}, {cuda.get_device_properties(i).total_memory / 2**30:.0f} GiB"
        for i in range(cuda.device_count())]
mps = ["mps"] if torch.backends.mps.is_available() else []
print(json.dumps([*gpus, *mps, f"cpu, {torch.get_num_threads()} threads"]))
"""
"""Runs in a child: the command itself never imports torch, and a hanging driver cannot hang it."""

LOADS = "ganzoo.cli.load_check"
"""Likewise a child: to load a part imports torch."""

PROBE_SECONDS = 60.0

AsJson = Annotated[bool, typer.Option("--json", help="Print for machines.")]


@dataclass(frozen=True)
class Diagnosis:
    """What was found out.

    Args:
        versions: of Python and of the packages; None of one that is missing.
        plugins: versions by distribution, of those that loaded.
        devices: what torch can compute on.
        cache: where decoded data lies.
        troubles: what is broken, each with the command that mends it.
        notes: what works, but may surprise.
    """

    versions: dict[str, str | None]
    plugins: dict[str, str]
    devices: list[str]
    cache: str
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def doctor(machine: AsJson = False) -> None:
    """Check the installation: versions, plugins, devices, cache.

    Leaves with 1 if something is broken.
    """
    registry = context.load_context_registry()
    found = diagnose(registry)
    if machine:
        broken = [broken_as_json(b) for b in registry.broken]
        print_json({**asdict(found), "broken": broken, "healthy": not found.troubles})
    else:
        _print(found)
    raise typer.Exit(int(bool(found.troubles)))


def diagnose(registry: Registry) -> Diagnosis:
    """Look at everything once."""
    versions = {"python": platform.python_version(), **{name: installed(name) for name in PACKAGES}}
    plugins = {e.plugin.distribution: e.plugin.version for e in registry.entries}
    devices, no_device = probe([sys.executable, "-c", PROBE], PROBE_SECONDS)
    unloadable = [] if no_device else unloadable_parts([sys.executable, "-m", LOADS, *context.plugin_files()])
    cache, no_cache = cache_folder()
    missing = [f"missing: {name}. To mend: pip install {name}" for name, found in versions.items() if found is None]
    troubles = [*missing, *map(broken_line, registry.broken), *unloadable, *no_device, *no_cache]
    return Diagnosis(versions, plugins, devices, cache, troubles, [*clash_lines(registry)])


def clash_lines(registry: Registry) -> Iterator[str]:
    """Say which names several plugins have: neither wins, so the bare name is refused."""
    for (kind, name), entries in registry.clashes().items():
        spelled = " or ".join(entry.qualified for entry in entries)
        yield f"{kind} '{name}' comes from {len(entries)} plugins: say {spelled}. Saved runs keep theirs."


def installed(name: str) -> str | None:
    """Give a distribution's version, or None if it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def probe(command: Sequence[str], seconds: float) -> tuple[list[str], list[str]]:
    """Ask a child process for the devices.

    Args:
        command: prints a JSON list of names.
        seconds: how long it may take.

    Returns:
        The devices, and what went wrong.
    """
    try:
        return _asked(command, seconds), []
    except subprocess.TimeoutExpired:
        return [], [f"devices: torch did not start within {seconds:.0f} s. To mend: {sys.executable} -c 'import torch'"]
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip() or "no message").splitlines()[-1]
        return [], [f"devices: torch cannot be imported: {last}. To mend: pip install --force-reinstall torch"]
    except ValueError as error:
        return [], [f"devices: torch answered strangely: {error}. To mend: pip install --force-reinstall torch"]


def unloadable_parts(command: Sequence[str], seconds: float = PROBE_SECONDS) -> list[str]:
    """Ask a child process which parts cannot be loaded.

    Args:
        command: prints a JSON list of lines.
        seconds: how long it may take.
    """
    try:
        return _asked(command, seconds)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return [f"parts: loading them all ended in {type(error).__name__}. To mend: ganzoo check --all"]


def _asked(command: Sequence[str], seconds: float) -> list[str]:
    """Run a child that prints a JSON list."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=True)
    return list(json.loads(done.stdout))


def cache_folder() -> tuple[str, list[str]]:
    """Find the cache and try to write to it."""
    from ganzoo.components.datasets.files.cache import cache_root

    try:
        folder = cache_root()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder), []
    except OSError as error:
        where = os.environ.get("GANZOO_CACHE") or str(Path("~/.cache/ganzoo"))
        return where, [f"cache: {error.strerror or error}: {where}. To mend: export GANZOO_CACHE=FOLDER"]


def _print(found: Diagnosis) -> None:
    console = Console(highlight=False, markup=False)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in [*found.versions.items(), ("", None), *found.plugins.items()]:
        grid.add_row(name, text or ("missing" if name else ""))
    for label, lines in (("devices", found.devices), ("cache", [found.cache])):
        grid.add_row()
        grid.add_row(label, "\n".join(lines) or "none found")
    console.print(grid)
    console.print()
    for note in found.notes:
        console.print(note, style="yellow", soft_wrap=True)
    for trouble in found.troubles:
        console.print(trouble, style="red", soft_wrap=True)
    healthy = Text(
        f"All is well: {CORE} and {count_words(len(found.plugins.keys() - {CORE}), 'plugin')}.", style="green"
    )
    console.print(
        Text(f"{count_words(len(found.troubles), 'trouble')}.", style="bold red") if found.troubles else healthy
    )
