"""The pages keep their word: what they tell a reader to type is run as typed, and what they quote is what is said.

A block is marked by its language: ``bash`` and ``python`` are run; a block under "Save as `NAME`:" is written to that
file; ``console`` is a command with what it says, "..." standing for anything; ``text`` is output of a block before it,
in which figures may differ.
"""

import gzip
import importlib.util
import io
import os
import re
import shlex
import struct
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganzoo.cli.main import run

ROOT = Path(__file__).parents[2]
INSTALL = {
    "python3 -m venv .venv", ". .venv/bin/activate", "pip install . plugins/*", "pip install nox", "nox",
}  # fmt: skip
"""The only lines that are not run: they make the environment the tests run in."""

RUN = ["docs/tutorial/first-gan.md", "docs/how-to/write-a-plugin.md", "docs/how-to/resume-and-repeat.md",
       "docs/how-to/measure.md", "docs/how-to/mix-styles.md"]  # fmt: skip
ASSEMBLED = ["README.md", "docs/how-to/choose-components.md", "docs/how-to/your-own-images.md"]
"""Pages whose training takes minutes: their commands are built with --dry-run."""

RUN_SECTIONS = {"Python", "A plugin in one file"}
"""Sections of the README that are run like the pages above."""

BLOCK = re.compile(r"(?:Save as `(?P<file>[^`\n]+)`:\n\n)?^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.S | re.M)

FIGURE = re.compile(r"-?\d[\d.,:]*[kM]?")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, the file it is to be saved as, the heading it stands under."""

    kind: str
    text: str
    file: str | None
    section: str

    @property
    def commands(self) -> list[str]:
        """The lines of a bash block, installing left out."""
        lines = [part.strip() for line in self.text.splitlines() for part in line.split(" && ")]
        return [line for line in lines if line and line not in INSTALL]


def blocks_of(page: str) -> list[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    headings = [(match.start(), match[1]) for match in re.finditer(r"^#+ (.+)$", text, re.M)]
    found = []
    for match in BLOCK.finditer(text):
        section = [title for start, title in headings if start < match.start()][-1]
        found.append(Block(match["kind"], match["text"], match["file"], section))
    return found


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in, and the commands of this environment on the path."""
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def site(place, monkeypatch):
    """Where `pip install` puts the plugin a page makes: beside the environment, not into it."""
    folder = place / "site"
    settings = {"TARGET": folder, "CACHE_DIR": place / "pip", "NO_DEPS": 1, "DISABLE_PIP_VERSION_CHECK": 1}
    if importlib.util.find_spec("hatchling"):
        settings |= {"NO_BUILD_ISOLATION": 0, "NO_INDEX": 1}  # 0 is how pip spells "do not isolate" in a variable
    for name, value in settings.items():
        monkeypatch.setenv(f"PIP_{name}", str(value))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def data(place):
    """Images of every kind the pages name, under the names they use."""
    pixels = np.random.default_rng(0).integers(256, size=(8, 28, 28), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels[0]).convert("RGB").resize((70, 90)).save(stream, "PNG")
    with zipfile.ZipFile(place / "photos.zip", "w") as archive:
        for name in ("cats/1.png", "cats/2.png", "dogs/1.png"):
            archive.writestr(name, stream.getvalue())
            (place / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
            (place / "photos" / name).write_bytes(stream.getvalue())
    (place / "fashion-mnist").mkdir()
    idx = struct.pack(">4I", 0x803, *pixels.shape) + pixels.tobytes()
    (place / "fashion-mnist" / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx))
    np.savez(place / "digits.npz", images=pixels, labels=np.arange(8))
    np.save(place / "digits.npy", pixels)


def save(block, place):
    file = place / block.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.text, encoding="utf-8")


def shell(block, place):
    script = "\n".join(block.commands)
    done = subprocess.run(["bash", "-euc", script], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def run_blocks(blocks, place):
    """Run blocks in order: files are written, commands typed, Python kept in one namespace, output compared."""
    namespace, said = {}, ""
    for block in blocks:
        if block.file:
            save(block, place)
        elif block.kind == "bash":
            said += shell(block, place)
        elif block.kind == "python":
            exec(compile(block.text, f"<{block.section}>", "exec"), namespace)
        elif block.kind == "text":
            assert_said([FIGURE.sub("#", block.text)], FIGURE.sub("#", said))


@pytest.mark.parametrize("page", RUN + ASSEMBLED)
def test_every_block_says_what_it_is(page):
    for block in blocks_of(page):
        assert block.kind in {"bash", "python", "console", "text"} or (block.kind == "toml" and block.file), block


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("page", RUN)
def test_the_page_runs(page, place):
    run_blocks(blocks_of(page), place)


@pytest.mark.timeout(900)
def test_the_readme_runs_in_python_and_with_a_plugin_of_one_file(place):
    blocks = [block for block in blocks_of("README.md") if block.section in RUN_SECTIONS]
    assert {block.section for block in blocks} == RUN_SECTIONS
    run_blocks(blocks, place)
    assert (place / "sheet.png").is_file()


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("page", ASSEMBLED)
def test_the_training_commands_assemble(page, place, capsys):
    for block in blocks_of(page):
        if block.file:
            save(block, place)
        elif block.kind == "bash" and not (page == "README.md" and block.section in RUN_SECTIONS):
            for command in block.commands:
                assert command.startswith("ganzoo train "), command
                if "torchvision:" not in command:  # needs a network
                    words = [*shlex.split(command)[1:], "--dry-run", "--batch-size", "2", "--device", "cpu"]
                    assert run(words) == 0, f"{command}\n{capsys.readouterr().err}"
    assert not (place / "runs").exists()


@pytest.mark.parametrize("page", RUN + ASSEMBLED)
def test_what_is_quoted_is_said(page, place, capsys):
    for block in blocks_of(page):
        for command, quoted in transcripts(block) if block.kind == "console" else ():
            capsys.readouterr()
            run(shlex.split(command)[1:])
            assert_said(quoted, "".join(capsys.readouterr()))


def transcripts(block):
    """Split a console block into commands and what they say; lines left out need no mark."""
    for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        yield command, output.replace("\n", "...").split("...")


def assert_said(pieces, said):
    """Find the pieces in what was said, in order; the width of spaces does not count."""
    said, start = " ".join(said.split()), 0
    for piece in (" ".join(piece.split()) for piece in pieces):
        start = said.find(piece, start)
        assert start >= 0, f"The page quotes:\n{piece}\nWhat was said:\n{said}"
        start += len(piece)


def test_only_installing_is_left_out_and_the_readme_tells_it_all():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(line in readme for line in INSTALL)
