"""The private words of the first storey do not return, in code, messages or pages."""

import io
import re
import tokenize

import pytest

NAMES = {
    "scene", "verdict", "verdicts", "critic", "critics", "penalties", "judge", "judges", "judged", "ruler", "stamp",
    "examiner", "exhibits", "findings", "yardstick", "shelf", "shelved", "beat", "tick", "dial", "dials", "wish",
    "observer", "stillborn", "homes", "contest", "venue", "heeds", "told", "telling", "steered",
}  # fmt: skip
"""Words no identifier contains, between underscores or inside CamelCase."""

TEXT = ("verdict", "judge", "ruler", "examiner", "yardstick", "stillborn", "heeds", "heeded", "hearken", "betwixt",
        "aforesaid", "lays by", "laid by", "is told", "are told", "whose it is", "likewise", "amiss",
        "mend")  # fmt: skip
"""Words no docstring, comment, message or page uses."""

WGAN = ("plugins/ganzoo-wgan-gp/",)
"""WGAN's own text says critic."""


def words_of(name):
    """Lower-case words of an identifier: ``_ScoredSamples`` is scored and samples."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


@pytest.fixture(scope="module")
def files(root):
    found = [*root.glob("src/**/*.py"), *root.glob("plugins/*/src/**/*.py"), *root.glob("plugins/*/tests/*.py"),
             *root.glob("tests/**/*.py"), *root.glob("bench/*.py"), *root.glob("tools/*.py")]  # fmt: skip
    return {
        str(file.relative_to(root)): file.read_text(encoding="utf-8") for file in found if "house" not in file.parts
    }


@pytest.fixture(scope="module")
def pages(root):
    found = [*root.glob("*.md"), *root.glob("plugins/*/*.md"), *root.glob("docs/**/*.md")]
    return {
        str(file.relative_to(root)): file.read_text(encoding="utf-8") for file in found if "_build" not in file.parts
    }


def test_no_identifier_uses_an_old_word(files):
    found = []
    for path, text in files.items():
        old = set(NAMES) - ({"critic"} if path.startswith(WGAN) else set())
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME and words_of(token.string) & old:
                found.append(f"{path}:{token.start[0]} {token.string}")
    assert found == []


def test_no_text_uses_an_old_word(files, pages):
    pattern = re.compile(rf"(?i)\b({'|'.join(TEXT)})\b")
    found = []
    for path, text in {**files, **pages}.items():
        for number, line in enumerate(text.splitlines(), 1):
            hit = pattern.search(line)
            if hit and not (hit[1].lower() == "critic" and (path.startswith(WGAN) or "wgan" in line.lower())):
                found.append(f"{path}:{number} {line.strip()[:100]}")
    assert found == []
