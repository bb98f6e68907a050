"""All checks of the project: `nox` runs the default sessions in one shared environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "tests", "docs", "wheels"]

ROOT = Path(__file__).parent
PLUGINS = sorted(path.name for path in (ROOT / "plugins").iterdir() if (path / "pyproject.toml").is_file())
PARTS = [".", *(f"plugins/{plugin}" for plugin in PLUGINS)]
GROUPS = nox.project.load_toml("pyproject.toml")["dependency-groups"]
SHARED = ROOT / ".nox" / "environment" / ("Scripts" if os.name == "nt" else "bin")


@nox.session(reuse_venv=True)
def environment(session: nox.Session) -> None:
    """Make the one environment all sessions share: the project, its plugins, every tool; torch once."""
    editable = [word for part in PARTS for word in ("--editable", part)]
    session.install(*editable, *(package for group in GROUPS.values() for package in group))


def shared(function: Callable[[nox.Session], None]) -> Callable[[nox.Session], None]:
    """A session that runs in the shared environment."""
    return nox.session(function, venv_backend="none", requires=["environment"])


def run(session: nox.Session, command: str, *arguments: str, **variables: str) -> None:
    """Run a command of the shared environment."""
    path = os.pathsep.join([str(SHARED), os.environ["PATH"]])
    session.run(str(SHARED / command), *arguments, external=True, env={"PATH": path, **variables})


@shared
def lint(session: nox.Session) -> None:
    """Style, types and the direction of imports."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")
    run(session, "mypy")
    run(session, "lint-imports")


@shared
def tests(session: nox.Session) -> None:
    """Every test but the slow ones and those that need a GPU."""
    arguments = session.posargs or ["-m", "not slow and not gpu", "--numprocesses", "2"]
    run(session, "pytest", *arguments, OMP_NUM_THREADS="1")


@shared
def slow(session: nox.Session) -> None:
    """Minutes of training: every trainer improves a real score."""
    run(session, "pytest", "-m", "slow and not gpu", *session.posargs)


@shared
def gpu(session: nox.Session) -> None:
    """What needs an accelerator."""
    run(session, "pytest", "-m", "gpu", *session.posargs)


@shared
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    run(session, "sphinx-build", "-W", "-q", "-b", "html", "docs", "docs/_build/html")


@shared
def reference(session: nox.Session) -> None:
    """Write the generated reference pages anew."""
    run(session, "python", "docs/generate.py")


@shared
def bench(session: nox.Session) -> None:
    """Measure: each figure a ratio within one run."""
    for recipe in ("dcgan", "wgan-gp", "stylegan2", "r3gan"):
        run(session, "python", "bench/overhead.py", "--recipe", recipe, *session.posargs)
    run(session, "python", "bench/evaluation_stall.py")
    run(session, "python", "bench/metrics.py")


@nox.session(reuse_venv=False, requires=["environment"])
def wheels(session: nox.Session) -> None:
    """Build the wheels, install them into a clean environment, and use them there as a stranger would."""
    place = Path(session.create_tmp()).resolve()
    shutil.rmtree(place)
    for part in PARTS:
        run(session, "python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place), part)
    lend_torch(Path(session.virtualenv.location))
    session.install(*map(str, sorted(place.glob("*.whl"))))
    session.chdir(place)
    session.run("ganzoo", "list", silent=True)
    session.run("ganzoo", "doctor")
    small = ["--images", "640", "--set", "generator.width=8", "--set", "discriminator.width=8"]
    session.run("ganzoo", "train", "dcgan", "--loss", "wgan-gp", "--out", "run", *small)
    session.run("ganzoo", "sample", "run", "--seeds", "0-3", "--out", "sheet.png")


def lend_torch(environment: Path) -> None:
    """Link torch and what it needs from the shared environment, so that it is not downloaded twice."""
    command = [SHARED / "python", ROOT / ".ci" / "closure.py", "torch", "torchvision"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    target = next(environment.glob("lib/python*/site-packages"))
    there = {path.name for path in target.iterdir()}
    taken = {name for name, path in (line.split("\t") for line in lines) if Path(path).name in there}
    for name, path in (line.split("\t") for line in lines):
        link = target / Path(path).name
        if name not in taken and not link.exists():
            link.symlink_to(path)
