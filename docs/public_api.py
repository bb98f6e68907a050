"""The public surface as text, which ``tests/golden/public_api.txt`` keeps: ``nox -s reference`` rewrites it."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from typing import Any

MODULES = ("ganzoo", "ganzoo.nn", "ganzoo.components.metrics", "ganzoo.sampling", "ganzoo.testing")
"""Every module a plugin may import from; its ``__all__`` is public, and nothing else is."""


def describe_public_api() -> str:
    """Return every public name with its kind, its signature or fields, and its public members."""
    lines: list[str] = []
    for name in MODULES:
        module = import_module(name)
        lines.append(name)
        for public in sorted(module.__all__):
            lines += [f"  {line}" for line in _describe(public, getattr(module, public))]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _describe(name: str, found: Any) -> Iterator[str]:
    if inspect.isclass(found):
        bases = ", ".join(base.__name__ for base in found.__bases__ if base is not object)
        is_record = dataclasses.is_dataclass(found)
        fields = _signature(found).removesuffix(" -> None") if is_record else ""
        yield f"{'record' if is_record else 'class'} {name}{f'({bases})' if bases else ''}{fields}"
        yield from (f"    {line}" for line in _describe_members(found))
    elif inspect.isfunction(found):
        yield f"def {name}{_signature(found)}"
    elif type(found).__module__.startswith(("builtins", "types", "typing")):
        yield f"{name} = {found}"
    else:
        yield f"{name}: {type(found).__name__}"


def _describe_members(found: type) -> Iterator[str]:
    fields = getattr(found, "__dataclass_fields__", {})
    makes_init = bool(fields) or getattr(found, "_is_protocol", False)
    for name, annotation in sorted(inspect.get_annotations(found).items()):
        if not name.startswith("_") and name not in fields:
            yield f"{name}: {annotation}"
    for name, member in sorted(vars(found).items()):
        shown = ("__call__", "__len__") if makes_init else ("__init__", "__call__", "__len__")
        if name.startswith("_") and name not in shown:
            continue
        if isinstance(member, property | cached_property):
            getter: Any = member.fget if isinstance(member, property) else member.func
            yield f"{name}: {inspect.get_annotations(getter).get('return')} (property)"
        function = member.__func__ if isinstance(member, staticmethod | classmethod) else member
        if inspect.isfunction(function):
            yield f"def {name}{_signature(function)}"


class _Unquoted(str):
    """An annotation, printed as it is written in the source."""

    __slots__ = ()
    __repr__ = str.__str__


def _signature(function: Callable[..., object]) -> str:
    found = inspect.signature(function)

    def unquoted(annotation: object) -> object:
        return _Unquoted(annotation) if isinstance(annotation, str) else annotation

    parameters = [p.replace(annotation=unquoted(p.annotation)) for p in found.parameters.values()]
    return str(found.replace(parameters=parameters, return_annotation=unquoted(found.return_annotation)))
