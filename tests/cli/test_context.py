"""``--plugin`` may stand anywhere, and nothing else moves."""

import pytest

from ganzoo.cli.context import hoist_plugin_options, plugin_files, set_plugin_files


@pytest.mark.parametrize(
    ("words", "sorted_"),
    [
        ("train dcgan", "train dcgan"),
        ("train dcgan --plugin a.py -n", "--plugin a.py train dcgan -n"),
        ("--plugin a.py list --plugin=b.py", "--plugin a.py --plugin=b.py list"),
        ("list --plugin", "--plugin list"),
        ("list -- --plugin a.py", "list -- --plugin a.py"),
        ("--plugin a.py list -- --plugin b.py", "--plugin a.py list -- --plugin b.py"),
        ("", ""),
    ],
)
def test_only_plugin_files_move_to_the_front(words, sorted_):
    assert hoist_plugin_options(words.split()) == sorted_.split()


def test_a_command_line_replaces_the_files_of_the_one_before():
    set_plugin_files(["a.py"])
    assert plugin_files() == ("a.py",)
    set_plugin_files([])
    assert plugin_files() == ()
