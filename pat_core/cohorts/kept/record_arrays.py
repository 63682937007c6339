"""Records as arrays and plain text, and back: the one form in which results are kept.

Arrays stand under their path in the record ("attribution.cases.mean"); all else is JSON under PLAIN. How a value is built again follows
from the annotations of its record, so nothing is ever unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

PLAIN = "record"
Kept = TypeVar("Kept")
Arrays = Mapping[str, np.ndarray]


class Codec(Generic[Kept]):
    """For values of one kind: a dataclass of arrays, plain values, tuples and further such dataclasses; an array; a dict of arrays; or,
    with `Any`, plain JSON."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def encode(self, value: Kept) -> dict[str, np.ndarray]:
        """The value as arrays of numbers. TypeError for what is neither an array nor plain."""
        arrays: dict[str, np.ndarray] = {}
        plain = _plain(value, "", arrays)
        return arrays if _without_plain(plain) else arrays | {PLAIN: np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)}

    def decode(self, arrays: Arrays) -> Kept:
        """The value back. KeyError, TypeError or ValueError where the arrays are of another kind or an earlier form."""
        plain = json.loads(arrays[PLAIN].tobytes().decode()) if PLAIN in arrays else None
        return _built(self.kind, plain, "", arrays)


def _without_plain(plain: object) -> bool:
    """Nothing but arrays was in it."""
    return plain is None or plain == {}


def _plain(value: object, path: str, arrays: dict[str, np.ndarray]) -> Any:
    """What of a value is no array; arrays go to their path. None in the place of an array."""
    if isinstance(value, np.ndarray):
        arrays[path or "values"] = value
        return None
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        told = {name: _plain(inner, _under(path, name), arrays) for name, inner in value.items()}
        return {name: inner for name, inner in told.items() if not isinstance(value[name], np.ndarray)}
    if isinstance(value, list | tuple):
        return [_plain(inner, _under(path, number), arrays) for number, inner in enumerate(value)]
    return value.item() if isinstance(value, np.generic) else value


def _under(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _built(kind: Any, plain: Any, path: str, arrays: Arrays) -> Any:
    """A value of this kind at this path."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        there = path in arrays or plain is not None
        return _built(next(one for one in inner if one is not NoneType), plain, path, arrays) if there else None
    if kind is np.ndarray or origin is np.ndarray:
        return arrays[path or "values"]
    if is_dataclass(kind):
        record: Any = kind
        hints, told = get_type_hints(record), plain or {}
        names = [field.name for field in fields(record)]
        return record(**{name: _built(hints[name], told.get(name), _under(path, name), arrays) for name in names})
    if origin is tuple:
        each = inner[0] if len(inner) == 2 and inner[1] is Ellipsis else None
        return tuple(_built(each or inner[number], one, _under(path, number), arrays) for number, one in enumerate(plain))
    if origin is dict and inner[1] is np.ndarray:
        return {name: values for name, values in arrays.items() if name != PLAIN}
    return plain
