"""All checks of the project: `nox` runs the default sessions in one shared environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "tests", "docs", "wheels"]

ROOT = Path(__file__).parent
PLUGINS = sorted(path.name for path in (ROOT / "plugins").iterdir() if (path / "pyproject.toml").is_file())
SHARED = ROOT / ".nox" / "shared"
GROUPS = nox.project.load_toml("pyproject.toml")["dependency-groups"]


def shared(function):
    """A session in the environment that all default sessions share: torch is installed once."""
    return nox.session(function, venv_location=str(SHARED))


def install(session: nox.Session) -> None:
    """Install the project, its plugins and every tool, editable, once for all sessions."""
    stamp = SHARED / "ganzoo-installed"
    wanted = "\n".join(
        path.read_text() for path in [ROOT / "pyproject.toml", *sorted(ROOT.glob("plugins/*/pyproject.toml"))]
    )
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    editable = [part for name in [".", *(f"plugins/{plugin}" for plugin in PLUGINS)] for part in ("--editable", name)]
    session.install(*editable, *(package for group in GROUPS.values() for package in group))
    stamp.write_text(wanted)


@shared
def lint(session: nox.Session) -> None:
    """Style, types and the direction of imports."""
    install(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports")


@shared
def tests(session: nox.Session) -> None:
    """Every test but the slow ones and those that need a GPU."""
    install(session)
    arguments = session.posargs or ["-m", "not slow and not gpu", "--numprocesses", "2"]
    session.run("pytest", *arguments, env={"OMP_NUM_THREADS": "1"})


@shared
def slow(session: nox.Session) -> None:
    """Minutes of training: every trainer improves a real score."""
    install(session)
    session.run("pytest", "-m", "slow and not gpu", *session.posargs)


@shared
def gpu(session: nox.Session) -> None:
    """What needs an accelerator."""
    install(session)
    session.run("pytest", "-m", "gpu", *session.posargs)


@shared
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    install(session)
    session.run("sphinx-build", "-W", "-q", "-b", "html", "docs", "docs/_build/html")


@shared
def reference(session: nox.Session) -> None:
    """Write the generated reference pages anew."""
    install(session)
    session.run("python", "docs/generate.py")


@shared
def bench(session: nox.Session) -> None:
    """Measure: each figure a ratio within one run."""
    install(session)
    session.run("python", "bench/overhead.py", *session.posargs)


@nox.session(venv_backend="venv", reuse_venv=False)
def wheels(session: nox.Session) -> None:
    """Build the wheels, install them into a clean environment, and use them there as a stranger would."""
    place = Path(session.create_tmp()).resolve() / "wheels"
    shutil.rmtree(place, ignore_errors=True)
    session.install("build", "hatchling")
    for name in [".", *(f"plugins/{plugin}" for plugin in PLUGINS)]:
        session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place), name, silent=True)
    lend_torch(Path(session.virtualenv.location))
    session.install(*map(str, sorted(place.glob("*.whl"))))
    session.chdir(place)
    session.run("ganzoo", "list", silent=True)
    session.run("ganzoo", "doctor")
    session.run(
        "ganzoo", "train", "dcgan", "--loss", "wgan-gp", "--images", "640", "--out", "run", "--set", "generator.width=8"
    )
    session.run("ganzoo", "sample", "run", "--seeds", "0-3", "--out", "sheet.png")


def lend_torch(environment: Path) -> None:
    """Link torch and what it needs from the shared environment, so that it is not downloaded twice."""
    python = SHARED / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [python, ROOT / ".ci" / "closure.py", "torch", "torchvision"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    target = next(environment.glob("lib/python*/site-packages"))
    there = {path.name for path in target.iterdir()}
    taken = {name for name, path in (line.split("\t") for line in lines) if Path(path).name in there}
    for name, path in (line.split("\t") for line in lines):
        link = target / Path(path).name
        if name not in taken and not link.exists():
            link.symlink_to(path)


if __name__ == "__main__":
    sys.exit("run: nox")
