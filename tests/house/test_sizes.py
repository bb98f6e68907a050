"""Small files, small functions, everything annotated and documented."""

import ast
import statistics
from pathlib import Path


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(node):
    return node.end_lineno - node.lineno + 1


def test_a_file_has_at_most_300_lines(sources, root):
    long = {p: n for p in sources if (n := (root / p).read_text(encoding="utf-8").count("\n")) > 300}
    assert long == {}


def limit(folder):
    """About a dozen; ``checks/kinds`` has one file a kind."""
    return 16 if folder.endswith("checks/kinds") else 13


def test_a_folder_has_about_a_dozen_files(root):
    folders = [folder for folder in root.glob("src/ganzoo/**") if folder.is_dir() and folder.name != "__pycache__"]
    counts = {str(f.relative_to(root)): len([m for m in f.glob("*.py") if m.name != "__init__.py"]) for f in folders}
    assert {folder: count for folder, count in counts.items() if count > limit(folder)} == {}


def test_functions_are_short(sources):
    lengths = sorted(length(f) for tree in sources.values() for f in functions(tree))
    assert statistics.median(lengths) <= 12
    assert lengths[int(0.9 * len(lengths))] <= 40
    long = [f"{p}:{f.name} {length(f)}" for p, tree in sources.items() for f in functions(tree) if length(f) > 60]
    assert long == []


def test_at_most_five_positional_parameters(sources):
    many = [
        f"{path}:{f.name}"
        for path, tree in sources.items()
        for f in functions(tree)
        if len([a for a in f.args.posonlyargs + f.args.args if a.arg not in ("self", "cls")]) > 5
    ]
    commands = {f"{path}:{Path(path).stem}" for path in sources if path.startswith("src/ganzoo/cli/")}
    assert set(many) <= commands  # typer reads their signature


def test_every_return_is_annotated(sources):
    bare = [f"{p}:{f.name}" for p, tree in sources.items() for f in functions(tree) if f.returns is None]
    assert [name for name in bare if not name.endswith(":__init__")] == []


def test_every_public_name_is_documented(sources):
    silent = []
    for path, tree in sources.items():
        if not ast.get_docstring(tree):
            silent.append(path)
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                silent += [] if ast.get_docstring(node) else [f"{path}:{node.name}"]
                methods = node.body if isinstance(node, ast.ClassDef) else []
                silent += [
                    f"{path}:{node.name}.{m.name}"
                    for m in methods
                    if isinstance(m, ast.FunctionDef) and not m.name.startswith("_") and not ast.get_docstring(m)
                ]
    assert silent == []


def test_no_module_is_named_after_nothing(sources):
    empty = {"utils", "util", "helper", "helpers", "manager", "base", "misc", "common"}
    assert [p for p in sources if Path(p).stem in empty] == []
