"""An unexpected error is laid at the door of the plugin whose code it passed through."""

import re
from pathlib import Path

import pytest

PLUGIN = '''
from ganzoo import Component, hookimpl


class Hasty:
    """Fails when it is made.

    Args:
        decay: of nothing.
    """

    relativistic = False

    def __init__(self, *, decay: float = 0.5):
        raise ValueError("decay is never right")


class Careless(Hasty):
    """Takes whatever comes."""

    def __init__(self, **settings):
        pass


@hookimpl
def ganzoo_components():
    yield Component("loss", "hasty", target="hasty_losses:Hasty", summary="fails when it is made")
    yield Component("loss", "careless", target="hasty_losses:Careless", summary="breaks the rules of signatures")
'''


@pytest.fixture(scope="module")
def plugin(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("hasty") / "hasty_losses.py"
    file.write_text(PLUGIN)
    return file


@pytest.fixture(autouse=True)
def _beside_the_plugin(plugin, monkeypatch):
    monkeypatch.chdir(plugin.parent)


def test_the_plugin_and_the_line_are_named(ganzoo, plugin):
    said = ganzoo("train", "dcgan", "--loss", "hasty", "--plugin", str(plugin))
    assert said.code == 70
    assert re.match(rf"hasty-losses has a bug in {plugin}:\d+: ValueError: decay is never right;", said.err)
    assert f"ganzoo check --plugin {plugin}" in said.err
    Path(re.search(r"traceback is in (\S+)", said.err)[1]).unlink()


def test_a_signature_that_breaks_the_rules_is_a_mistake_not_a_bug(ganzoo, plugin):
    for words in (("train", "dcgan", "--loss", "careless"), ("show", "careless")):
        said = ganzoo(*words, "--plugin", str(plugin))
        assert said.code == 2
        assert "loss 'careless' (hasty_losses:Careless) cannot be used" in said.err
        assert "takes *settings: every setting must be declared by name" in said.err
    assert not list(plugin.parent.glob("runs/*"))
