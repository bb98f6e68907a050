"""Read settings from constructors: their keyword-only parameters."""

from __future__ import annotations

import inspect
import math
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from ganzoo.errors import BadSetting, UnknownName, nearest
from ganzoo.registry.specs import Value


@dataclass(frozen=True)
class Parameter:
    """One setting of one component.

    Args:
        name: the keyword.
        type: its annotation, with ranges as ``Annotated``.
        default: its value when it is not set.
        help: its line under ``Args:``.
    """

    name: str
    type: object
    default: Value
    help: str = ""

    @property
    def type_name(self) -> str:
        """The type in words, such as ``int >= 1`` or ``'two' or 'one'``."""
        return describe_type(self.type)

    def coerce(self, value: object, path: str) -> Value:
        """Turn a value, or its spelling on a command line, into this setting's type.

        Args:
            value: the user's; a string is read as the setting's type.
            path: the setting's full path, for the message.

        Raises:
            BadSetting: wrong type, outside the range, or not finite.
        """
        adapter: TypeAdapter[Any] = TypeAdapter(self.type)  # type: ignore[arg-type]
        try:
            result: Value = adapter.validate_python(_parse(value, self.type))
        except ValidationError as error:
            reason = "not a finite number" if _spells_non_finite(value) else error.errors()[0]["msg"].lower()
            reason = "it cannot be none" if value is None else reason
            short = ", such as 200k or 2M" if path.endswith(("images", "samples")) else ""
            raise BadSetting(f"{path} = {value!r}: {reason}. It takes {self.type_name}{short}.") from error
        if not _is_finite(result):
            raise BadSetting(f"{path} = {value!r}: not a finite number. It takes {self.type_name}.")
        return result


def read_parameters(target: Callable[..., object]) -> dict[str, Parameter]:
    """Read the settings a constructor declares: its keyword-only parameters.

    Args:
        target: a class or factory function.

    Returns:
        Settings by name, in the order of the signature.

    Raises:
        TypeError: the signature breaks the rule (``**kwargs``, no annotation, no default).
    """
    hints = get_type_hints(target.__init__ if inspect.isclass(target) else target, include_extras=True)
    helps = read_argument_docs(target)
    found = {}
    for name, parameter in _parameters(target).items():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            raise TypeError(f"{_label(target)} takes *{name}: every setting must be declared by name")
        if parameter.kind is parameter.KEYWORD_ONLY:
            found[name] = _param(target, parameter, hints, helps)
    return found


def read_dependencies(target: Callable[..., object]) -> tuple[str, ...]:
    """Return the names of the positional parameters, which the assembler supplies."""
    parameters = _parameters(target).values()
    return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


def find_parameter(path: str, known: Mapping[str, Parameter], hint: str) -> Parameter:
    """Find a setting by its full path.

    Raises:
        UnknownName: no such setting; the message names the nearest one.
    """
    if path in known:
        return known[path]
    tail = nearest(path, known) or nearest(path, siblings(path, known))
    raise UnknownName(f"no setting '{path}'.{tail} {hint}".rstrip())


def siblings(path: str, known: Iterable[str]) -> list[str]:
    """Return the settings of the same section as ``path``."""
    head = path.rpartition(".")[0]
    return [name for name in known if name.startswith(head + ".")]


def describe_type(annotation: object) -> str:
    """Describe a type in words: literals as their choices, ranges as inequalities."""
    if get_origin(annotation) is Annotated:
        inner, *limits = get_args(annotation)
        return f"{describe_type(inner)} {' and '.join(_limits(limits))}".strip()
    if get_origin(annotation) is Literal:
        return " or ".join(repr(choice) for choice in get_args(annotation))
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join(describe_type(x) for x in get_args(annotation))
    if annotation in (None, type(None)):
        return "none"
    if get_origin(annotation) is tuple:
        return f"list of {describe_type(get_args(annotation)[0])}"
    return getattr(annotation, "__name__", str(annotation))


def read_argument_docs(target: Callable[..., object]) -> dict[str, str]:
    """Read the ``Args:`` lines of a class or function, by argument."""
    text = inspect.getdoc(target) or ""
    if inspect.isclass(target) and "Args:" not in text:
        text = inspect.getdoc(target.__init__) or ""
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", text, re.S | re.M)
    lines: dict[str, str] = {}
    for name, body in re.findall(r"^    (\w+):\s*(.*?)(?=^    \w+:|\Z)", section[1] if section else "", re.S | re.M):
        lines[name] = " ".join(body.split())
    return lines


def _param(
    target: Callable[..., object], parameter: inspect.Parameter, hints: dict[str, Any], helps: dict[str, str]
) -> Parameter:
    if parameter.default is parameter.empty or parameter.name not in hints:
        raise TypeError(f"setting '{parameter.name}' of {_label(target)} needs an annotation and a default")
    return Parameter(parameter.name, hints[parameter.name], parameter.default, helps.get(parameter.name, ""))


def _parameters(target: Callable[..., object]) -> Mapping[str, inspect.Parameter]:
    """Parameters of a constructor; a module that inherits torch's own has none."""
    inherited = inspect.isclass(target) and str(getattr(target.__init__, "__module__", "")).startswith("torch.")
    return {} if inherited else inspect.signature(target).parameters


def _label(target: Callable[..., object]) -> str:
    return f"{target.__module__}:{target.__qualname__}"


def _limits(limits: Iterable[object]) -> Iterator[str]:
    for limit in limits:
        for attribute, sign in (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<")):
            if hasattr(limit, attribute) and getattr(limit, attribute) is not None:
                yield f"{sign} {getattr(limit, attribute)}"


def _spells_non_finite(value: object) -> bool:
    return str(value).lower().lstrip("+-") in ("nan", "inf", "infinity")


def _is_finite(value: Value) -> bool:
    return all(not isinstance(x, float) or math.isfinite(x) for x in (value if isinstance(value, tuple) else (value,)))


def _parse(value: object, annotation: object) -> object:
    """Read the text of a list, of None, or of a count such as ``200k`` or ``2e5``."""
    wanted = _members(annotation)
    if isinstance(value, bool) and bool not in wanted and {int, float} & set(wanted):
        return str(value).lower()  # refused as text: Python would take true for the number 1
    if not isinstance(value, str):
        return value
    if value.lower() == "none" and type(None) in wanted:
        return None
    if any(get_origin(member) is tuple for member in wanted):
        return tuple(item for item in value.split(",") if item)
    if int in wanted and re.fullmatch(r"\d+(\.\d+)?(k|M|e\d+)", value):
        number = float(value.replace("k", "e3").replace("M", "e6"))
        return int(number) if number.is_integer() else value
    return value


def _members(annotation: object) -> tuple[object, ...]:
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(m for x in get_args(annotation) for m in _members(x))
    return (annotation,)
