"""A message names the nearest known name, or the choices when they are few."""

from hypothesis import given
from hypothesis import strategies as st

from ganzoo import errors
from ganzoo.errors import GanzooError, PluginError, nearest

names = st.lists(st.text("abcdefgh", min_size=4, max_size=9), min_size=1, max_size=30)


def test_a_typing_error_is_understood():
    assert nearest("dcgna", ["sngan", "dcgan", "wgan"]) == " Did you mean 'dcgan'?"


def test_few_choices_are_listed_when_none_is_close():
    assert nearest("zzz", ["b", "a"]) == " Choose from: a, b."


def test_many_choices_are_not_listed():
    assert nearest("zzz", map(str, range(17))) == ""


def test_without_choices_the_tail_is_empty():
    assert nearest("zzz", []) == ""


@given(known=names)
def test_a_known_name_is_closest_to_itself(known):
    assert nearest(known[0], known) == f" Did you mean '{known[0]}'?"


@given(name=st.text("abcdefgh", max_size=8), known=names)
def test_the_answer_does_not_depend_on_the_order(name, known):
    assert nearest(name, known) == nearest(name, known[::-1])


def test_every_error_but_that_of_a_plugins_code_is_a_users_mistake():
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert [each for each in classes if not issubclass(each, GanzooError)] == [PluginError]
