"""Nothing is undocumented, nothing documented is gone, and no link is dead."""

import importlib.util
import inspect
import re
import sys

import pytest
from typer.main import get_command

from ganzoo.cli.app import app
from ganzoo.registry.hooks import Hooks
from ganzoo.registry.kinds import KINDS
from ganzoo.registry.specs import Component

HOSTS = ("pypi", "pythonhosted", "npmjs", "anaconda.org", "conda-forge", "crates.io", "huggingface", "hf.co")
"""Registries a page has no business to name: what is needed comes with the checkout or through pip."""


@pytest.fixture(scope="module")
def generate(root):
    """The module that writes the reference."""
    sys.path.insert(0, str(root / "docs"))
    spec = importlib.util.spec_from_file_location("generate_reference", root / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path.remove(str(root / "docs"))
    return module


@pytest.fixture(scope="module")
def pages(root):
    """Every page a reader sees, by its path."""
    files = [*root.glob("*.md"), *root.glob("plugins/*/*.md"), *root.glob("docs/**/*.md")]
    return {file: file.read_text(encoding="utf-8") for file in files if "_build" not in file.parts}


@pytest.fixture(scope="module")
def reference(root):
    return {file.name: file.read_text(encoding="utf-8") for file in (root / "docs" / "reference").glob("*.md")}


@pytest.fixture(scope="module")
def options():
    """The options of every command; ``""`` stands for ``ganzoo`` itself."""
    tree = get_command(app)
    commands = {"": tree, **tree.commands}
    return {name: {text for p in command.params for text in p.opts if text.startswith("-")} | {"--help", "-h"}
            for name, command in commands.items()}  # fmt: skip


def test_the_reference_is_up_to_date(generate, reference):
    stale = [name for name, text in generate.pages().items() if reference.get(name) != text]
    assert stale == [], f"{', '.join(stale)} out of date; run: nox -s reference"


def test_every_hook_has_its_section(reference):
    for name, _ in inspect.getmembers(Hooks, inspect.isfunction):
        assert f"## `{name}()`" in reference["hooks.md"]


def test_every_option_is_in_the_reference(options, reference):
    for name, texts in options.items():
        section = re.search(rf"^## `ganzoo ?{name}`$(.*?)(?=^## |\Z)", reference["commands.md"], re.S | re.M)
        assert section, name
        for text in texts - {"--help", "-h"}:
            assert re.search(rf"`{text}[ `]", section[1]), f"{name} {text}"


def test_every_component_and_recipe_is_in_the_reference(generate, reference):
    for entry in generate.load_own_registry().entries:
        assert f"### {entry.kind} `{entry.record.name}`\n" in reference["components.md"]


def test_every_kind_and_capability_is_described(generate, reference):
    for kind in KINDS:
        assert f"| `{kind}` |" in reference["hooks.md"]
    records = [entry.record for entry in generate.load_own_registry().entries if isinstance(entry.record, Component)]
    assert generate.capability_names(records) == set(generate.CAPABILITIES), "see CAPABILITIES in docs/meanings.py"


def test_every_environment_variable_is_described(generate, root):
    texts = [file.read_text(encoding="utf-8") for file in root.glob("src/**/*.py")]
    read = {name for text in texts for name in re.findall(r'environ(?:\.get\(|\[)"(GANZOO_\w+)"', text)}
    assert read == set(generate.VARIABLES), "see VARIABLES in docs/generate.py"


def test_every_page_is_in_a_toctree(root, pages):
    trees = "\n".join("\n".join(re.findall(r"```{toctree}\n(.*?)```", text, re.S)) for text in pages.values())
    listed = {line.strip() for line in trees.splitlines()}
    docs = {str(file.relative_to(root / "docs").with_suffix("")) for file in pages if root / "docs" in file.parents}
    assert docs - listed == {"index"}
    assert {name for name in listed if re.fullmatch(r"[\w/-]+", name)} <= docs


def test_every_command_that_is_named_exists(pages, options):
    for file, text in pages.items():
        for line in re.findall(r"(?:^ *|[$`] ?|&& |more +)ganzoo (.+)", code_of(text), re.M):
            words = re.split(r" \|| &&| #", line)[0].split()
            named = next((word for word in words if word in options), "")
            assert named or words[0].startswith("-") or words[0].isupper(), f"{file}: ganzoo {line}"
            known = options[named] | options[""] if named else options[""]
            for flag in [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]:
                assert words[0].isupper() or flag in known, f"{file}: 'ganzoo {line}' has no {flag}"


def code_of(text):
    """The lines of fenced blocks and the code within lines, a line each."""
    fenced = re.compile(r"^```[^\n]*\n(.*?)^```$", re.S | re.M)
    return "\n".join([*fenced.findall(text), *re.findall(r"(?<!`)`([^`\n]+)`", fenced.sub("", text))])


def test_no_link_is_dead(root, pages):
    for file, text in pages.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            if re.match(r"\w+:", target):
                continue
            place = (file.parent / path).resolve() if path else file
            assert place.exists(), f"{file.relative_to(root)}: {target}"
            if anchor and place.suffix == ".md":
                assert anchor in anchors(pages.values() if not path else [pages[place]]), f"{file}: {target}"


def anchors(texts):
    """Headings as links spell them, and explicit labels."""
    found = set()
    for text in texts:
        found |= set(re.findall(r"^\(([\w-]+)\)=$", text, re.M))
        found |= {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", text, re.M)}
    return found


def test_no_registry_is_named_and_nobody_is_sent_to_the_foreign_package(root, pages):
    for file, text in pages.items():
        assert [host for host in HOSTS if host in text.lower()] == [], file
        assert not re.search(r"pip install[^`\n&]* ganzoo(?![\w/-])", text), file


def test_the_readme_fits_a_sitting(root):
    assert (root / "README.md").read_text(encoding="utf-8").count("\n") <= 150
