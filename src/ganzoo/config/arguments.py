"""Read the arguments of the Python API: numpy's numbers are numbers, paths are texts, any iterable is a list."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, cast

from annotated_types import Ge, Le

from ganzoo.config.parameters import Parameter
from ganzoo.errors import BadSetting


def to_python(value: object) -> object:
    """Turn a number of numpy or torch into one of Python; return other values as they are."""
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "ndim", None) == 0 else value


def read_integer(what: str, value: object, least: int = 0, most: int | None = None) -> int:
    """Read a whole number, also ``"10k"``.

    Args:
        what: the argument's name.
        value: the caller's.
        least: the smallest that is allowed.
        most: the largest that is allowed; None for no limit.

    Raises:
        BadSetting: it is not a whole number, or out of range.
    """
    limits = Annotated[int, Ge(least)] if most is None else Annotated[int, Ge(least), Le(most)]
    return cast(int, Parameter(what, limits, None).coerce(to_python(value), what))


def read_text(what: str, value: object) -> str:
    """Read a name, or a path as a text.

    Args:
        what: the argument's name.
        value: the caller's.

    Raises:
        BadSetting: it is neither.
    """
    if isinstance(value, str | os.PathLike):
        return str(os.fspath(value))
    raise BadSetting(f"{what} = {value!r} is no text: write it as {what}='...'.")


def read_path(what: str, value: object) -> Path:
    """Read a path; see ``read_text``."""
    return Path(read_text(what, value))


def read_data(value: object) -> str:
    """Read where data come from: a text as ``--data`` takes it, or a path, which is never a name."""
    found = read_text("data", value)
    return found if isinstance(value, str) or os.sep in found else os.path.join(os.curdir, found)


def read_list(what: str, value: object, such_as: str = "['...']") -> list[object]:
    """Read any iterable but a text or a mapping as a list.

    Args:
        what: the argument's name.
        value: the caller's.
        such_as: a right value, for the message.

    Raises:
        BadSetting: it is not iterable, or a text.
    """
    refusal = BadSetting(f"{what} = {value!r}: give a list, such as {what}={such_as}.")
    if isinstance(value, str | bytes | Mapping):
        raise refusal
    try:
        items = iter(cast(Iterable[object], value))
    except TypeError as error:
        raise refusal from error
    return [to_python(item) for item in items]


def read_names(what: str, value: object) -> tuple[str, ...]:
    """Read names: a list of them, or a text in which commas separate them.

    Args:
        what: the argument's name.
        value: the caller's.

    Raises:
        BadSetting: something else.
    """
    given = value.split(",") if isinstance(value, str) else read_list(what, value)
    return tuple(read_text(what, name).strip() for name in given)


def read_files(what: str, value: object) -> tuple[str, ...]:
    """Read paths of files: a list of them, a single one, or None for none.

    Args:
        what: the argument's name.
        value: the caller's.

    Raises:
        BadSetting: something else.
    """
    single = isinstance(value, str | os.PathLike)
    return read_names(what, [value] if single else () if value is None else value)


def read_settings(value: object) -> dict[str, object]:
    """Read settings: values by dotted path; a path among the values is a text.

    Raises:
        BadSetting: it is no dictionary, or a key is no text.
    """
    if not isinstance(value, Mapping) or not all(isinstance(path, str) for path in value):
        raise BadSetting(f"settings = {value!r}: give a dictionary, such as settings={{'generator.width': 64}}.")
    return {path: str(given) if isinstance(given, Path) else to_python(given) for path, given in value.items()}
