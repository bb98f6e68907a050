"""The public surface changes on purpose only, and the names of ``ganzoo`` itself do not import torch."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

import ganzoo

ROOT = Path(__file__).parents[2]


def test_the_public_api_is_the_recorded_one():
    spec = spec_from_file_location("public_api", ROOT / "docs" / "public_api.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    recorded = (ROOT / "tests" / "golden" / "public_api.txt").read_text(encoding="utf-8")
    assert module.describe_public_api() == recorded, "the public API has changed; if that is meant: nox -s reference"


def test_what_a_plugin_imports_for_its_records_and_types_does_not_import_torch():
    script = "import sys, ganzoo; [getattr(ganzoo, n) for n in ganzoo.__all__ if n not in ('Run', 'load', 'train')]"
    check = "assert not {'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", f"{script}; {check}"], timeout=250, check=True)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Genrator'"):
        _ = ganzoo.Genrator
