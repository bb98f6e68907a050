"""The signature is the schema: only declared settings can be set, to values of their type."""

import math
import string
from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Gt, Lt
from hypothesis import given
from hypothesis import strategies as st

from ganzoo.cli.records import format_value
from ganzoo.config.parameters import (
    Parameter,
    describe_type,
    find_parameter,
    read_argument_docs,
    read_dependencies,
    read_parameters,
    siblings,
)
from ganzoo.config.run_settings import OptimizerSettings, RunSettings
from ganzoo.errors import BadSetting, UnknownName
from ganzoo.registry.registry import load_class
from ganzoo.registry.specs import Component

Weight = Annotated[float, Ge(0)]


class Part:
    """A part.

    Args:
        shape: given by the assembler.
        weight: of the term,
            per image.
        mode: one of two.
    """

    def __init__(
        self, shape, *, weight: Weight = 1.0, mode: Literal["two", "one"] = "two", sizes: tuple[int, ...] = ()
    ):
        self.got = (shape, weight, mode, sizes)


def param(kind, default=None):
    return Parameter("x", kind, default)


def test_settings_are_the_keyword_only_parameters_and_dependencies_the_others():
    assert list(read_parameters(Part)) == ["weight", "mode", "sizes"]
    assert read_dependencies(Part) == ("shape",)


def test_a_setting_carries_type_default_and_its_line_of_help():
    weight = read_parameters(Part)["weight"]
    assert (weight.type_name, weight.default, weight.help) == ("float >= 0", 1.0, "of the term, per image.")


def test_help_may_stand_at_the_constructor():
    class Late:
        """A part."""

        def __init__(self, *, gain: float = 1.0):
            """Make it.

            Args:
                gain: of the signal.
            """

    assert read_argument_docs(Late) == {"gain": "of the signal."}


def test_what_has_no_docstring_has_no_help():
    def silent(*, gain: float = 1.0): ...

    assert read_parameters(silent)["gain"].help == ""


@pytest.mark.parametrize("takes", [lambda **anything: 0, lambda *anything: 0])
def test_settings_without_a_name_are_refused(takes):
    with pytest.raises(TypeError, match="must be declared by name"):
        read_parameters(takes)


def test_a_setting_without_annotation_or_default_is_refused():
    def bare(*, gain=1.0): ...
    def must(*, gain: float): ...

    for target in (bare, must):
        with pytest.raises(TypeError, match=r"'gain' .* needs an annotation and a default"):
            read_parameters(target)


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int, "int"),
        (Annotated[int, Ge(1)], "int >= 1"),
        (Annotated[float, Ge(0), Lt(1)], "float >= 0 and < 1"),
        (Annotated[float, Gt(0)] | None, "float > 0 or none"),
        (Literal["two", "one"], "'two' or 'one'"),
        (tuple[int, ...], "list of int"),
        (str, "str"),
    ],
)
def test_types_read_as_words(annotation, words):
    assert describe_type(annotation) == words


@pytest.mark.parametrize(
    ("annotation", "spelled", "value"),
    [
        (int, "200k", 200_000),
        (int, "1.5M", 1_500_000),
        (int, "2e5", 200_000),
        (int, "1.5e3", 1_500),
        (int, "7", 7),
        (float, "1e-4", 1e-4),
        (float | None, "none", None),
        (float | None, "None", None),
        (Literal["none", "batch"], "none", "none"),
        (bool, "false", False),
        (bool, "yes", True),
        (tuple[int, ...], "1,2,3", (1, 2, 3)),
        (tuple[int, ...], "3", (3,)),
        (tuple[int, ...], "", ()),
        (tuple[str, ...], "a,b", ("a", "b")),
        (str, "200k", "200k"),
        (str, "none", "none"),
    ],
)
def test_a_command_line_spells_every_type(annotation, spelled, value):
    assert param(annotation).coerce(spelled, "a.x") == value


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, "abc"),
        (int, "1.5"),
        (int, "1.2.3k"),
        (int, "k"),
        (int, True),
        (float, False),
        (bool, "maybe"),
        (Weight, "-1"),
        (Annotated[int, Ge(1)], 0),
        (Literal["two", "one"], "three"),
        (str, True),
        (str, 3),
        (float, None),
        (tuple[int, ...], "1,x"),
        *((kind, bad) for kind in (float, float | None, Weight) for bad in ("nan", "-Infinity", "1e999", math.inf)),
        (tuple[float, ...], "1,1e999"),
        (int, "nan"),
    ],
)
def test_what_does_not_fit_is_refused_with_path_value_and_type(annotation, value):
    with pytest.raises(BadSetting) as refusal:
        param(annotation).coerce(value, "term.r1.weight")
    assert "term.r1.weight" in str(refusal.value)
    assert repr(value) in str(refusal.value)
    assert f"It takes {describe_type(annotation)}." in str(refusal.value)


@given(value=st.one_of(st.floats(), st.text(string.printable, max_size=12), st.integers(), st.booleans(), st.none()))
def test_only_a_finite_float_is_accepted(value):
    try:
        result = param(float).coerce(value, "a.x")
    except BadSetting:
        return
    assert isinstance(result, float)
    assert math.isfinite(result)


@given(value=st.one_of(st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)))
def test_what_is_shown_can_be_typed_again(value):
    assert param(type(value)).coerce(format_value(value), "a.x") == value


def every_setting(catalogue):
    components = [entry.record for entry in catalogue.entries if isinstance(entry.record, Component)]
    for target in (RunSettings, OptimizerSettings, *map(load_class, components)):
        for each in read_parameters(target).values():
            yield target, each


def test_every_default_of_the_zoo_is_a_value_its_own_type_takes(catalogue):
    for target, each in every_setting(catalogue):
        assert each.coerce(each.default, each.name) == each.default, (target, each)
        assert each.coerce(format_value(each.default), each.name) == each.default, (target, each)


def test_every_setting_of_the_zoo_is_documented(catalogue):
    silent = [f"{target.__qualname__}.{each.name}" for target, each in every_setting(catalogue) if not each.help]
    assert silent == []


def test_an_unknown_path_names_the_nearest_known_one_and_the_next_command():
    known = {"generator.width": param(int), "run.images": param(int)}
    with pytest.raises(UnknownName, match=r"no setting 'generator.widht'. Did you mean 'generator.width'\? See: x"):
        find_parameter("generator.widht", known, "See: x")


def test_siblings_share_the_head_of_a_path():
    assert siblings("run.imges", ["run.images", "run.time", "runner.x"]) == ["run.images", "run.time"]
