"""A message names the nearest right spelling, the choices when they are few, and nothing when that would be noise."""

from hypothesis import given
from hypothesis import strategies as st

from ganzoo import errors
from ganzoo.errors import GanzooError, nearest

names = st.lists(st.text("abcdefgh", min_size=4, max_size=9), min_size=1, max_size=30)


def test_a_slip_of_the_finger_is_understood():
    assert nearest("dcgna", ["sngan", "dcgan", "wgan"]) == " Did you mean 'dcgan'?"


def test_few_choices_are_listed_when_none_is_near():
    assert nearest("zzz", ["b", "a"]) == " Choose from: a, b."


def test_many_far_choices_are_not_listed():
    assert nearest("zzz", map(str, range(17))) == ""


def test_no_choices_give_no_tail():
    assert nearest("zzz", []) == ""


@given(known=names)
def test_a_right_spelling_is_its_own_nearest(known):
    assert nearest(known[0], known) == f" Did you mean '{known[0]}'?"


@given(name=st.text("abcdefgh", max_size=8), known=names)
def test_the_answer_does_not_depend_on_the_order(name, known):
    assert nearest(name, known) == nearest(name, known[::-1])


def test_every_error_is_one_the_command_line_prints_plainly():
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(classes) >= 7
    assert all(issubclass(each, GanzooError) for each in classes)
