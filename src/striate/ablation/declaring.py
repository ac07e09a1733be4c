"""Values of a TOML file as the fields of a declaration take them."""

from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_PLAIN = (bool, int, float, str)


def fitting(value: Any, hint: Any) -> Any:
    """The value for a field of this type: lists become tuples, tables become declarations; TypeError for another."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _first_that_fits(value, inner)
    if origin is Literal and value in inner:
        return value
    if origin is tuple and isinstance(value, list):
        each = (inner[0],) * len(value) if inner[-1] is Ellipsis else inner
        if len(each) == len(value):
            return tuple(fitting(part, kind) for part, kind in zip(value, each, strict=True))
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        return _declaration(value, hint)
    if hint is float and type(value) is int:
        return float(value)
    if hint in _PLAIN and type(value) is hint:
        return value
    raise TypeError(spelled(hint))


def _first_that_fits(value: Any, hints: tuple[Any, ...]) -> Any:
    for hint in hints:
        try:
            return fitting(value, hint)
        except TypeError:
            continue
    raise TypeError(" | ".join(spelled(hint) for hint in hints if hint is not type(None)))


def _declaration(table: dict[str, Any], kind: type) -> Any:
    hints = get_type_hints(kind)
    if not table.keys() <= hints.keys():
        raise TypeError(spelled(kind))
    return kind(**{name: fitting(value, hints[name]) for name, value in table.items()})


def spelled(hint: Any) -> str:
    """A type as one writes it in TOML: what may stand there."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " | ".join(spelled(each) for each in inner if each is not type(None))
    if origin is Literal:
        return " | ".join(f'"{each}"' for each in inner)
    if origin is tuple:
        return "[" + ", ".join("..." if each is Ellipsis else spelled(each) for each in inner) + "]"
    if is_dataclass(hint):
        return "{" + ", ".join(each.name for each in fields(hint)) + "}"
    return getattr(hint, "__name__", str(hint))
