"""Typed classes as the one description of what comes in as JSON: read by it, published by it.

A shape is a frozen dataclass. :func:`read` makes one of parsed JSON and says where it does not fit;
:func:`schema` is its JSON Schema (draft 2020-12), so that what is published is what is checked.

>>> @dataclass(frozen=True)
... class Visit:
...     unit: Annotated[int, Range(1, 9)]
...     partner: Annotated[str, Length(4)] = ""
>>> read(Visit, {"unit": 7})
Visit(unit=7, partner='')
>>> read(Visit, {"unit": 7, "partner": "much too long"})
Traceback (most recent call last):
surveys.shapes.Misshapen: partner: a text of at most 4 characters is expected
>>> schema(Visit)["properties"]["unit"]
{'type': 'integer', 'minimum': 1, 'maximum': 9}
"""

from __future__ import annotations

import datetime as dt
import json
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any, str], Any]  # parsed JSON and where it stands → value

MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)"
)  # RFC 3339


class Misshapen(ValueError):  # noqa: N818
    """What came does not have the shape; the message says where and what is expected."""


@dataclass(frozen=True)
class Range:
    """Of a whole number: its bounds, both included."""

    least: int
    most: int


@dataclass(frozen=True)
class Length:
    """Of a text, mapping or list: how long it may be, and the pattern that the whole of a text has.

    ``any_sign`` lets through what no database keeps, of texts that are cleaned afterwards.
    """

    most: int
    pattern: str = ""
    any_sign: bool = False


def read(shape: type[T], value: Any) -> T:
    """Make a shape of parsed JSON. Fields it does not know are passed over.

    Raises
    ------
    Misshapen
        At the first place that does not fit.
    """
    reader = _reader(shape)  # type: ignore[arg-type]
    made: T = reader(value, "")
    return made


def parse(data: bytes) -> Any:
    """JSON as the standard has it: UTF-8, no NaN, no lone halves of characters.

    Raises
    ------
    Misshapen
        It is none.
    """
    try:
        return _DECODER.decode(data.decode())
    except (ValueError, RecursionError):
        raise Misshapen("this is no JSON") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # json.loads would make one each time


def plain(value: Any) -> Any:
    """The JSON that a shape stands for; moments are written in UTC."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def schema(shape: Any) -> dict[str, Any]:
    """The JSON Schema of a type; a shape inside another is written out where it stands."""
    hint, rule = _bare(shape)
    if is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        required = [one.name for one in fields(hint) if _is_required(one)]
        properties = {one.name: schema(hints[one.name]) for one in fields(hint)}
        return {"type": "object", "required": required, "properties": properties}
    if options := _options(hint):
        return {"anyOf": [schema(option) for option in options]}
    origin = get_origin(hint)
    if origin is Literal:
        return {"enum": list(get_args(hint))}
    if origin in (Mapping, dict):
        most = {"maxProperties": rule.most} if isinstance(rule, Length) else {}
        return {"type": "object", "additionalProperties": schema(get_args(hint)[1]), **most}
    if origin in (Sequence, list, tuple):
        most = {"maxItems": rule.most} if isinstance(rule, Length) else {}
        return {"type": "array", "items": schema(get_args(hint)[0]), **most}
    return _SCHEMAS[hint](rule)


def _of_text(rule: Length | None) -> dict[str, Any]:
    if rule is None:
        return {"type": "string"}
    pattern = {"pattern": f"^{rule.pattern}$"} if rule.pattern else {}
    return {"type": "string", "maxLength": rule.most, **pattern}


def _of_whole(rule: Range | None) -> dict[str, Any]:
    bounds = {"minimum": rule.least, "maximum": rule.most} if rule else {}
    return {"type": "integer", **bounds}


_SCHEMAS: dict[Any, Callable[[Any], dict[str, Any]]] = {
    str: _of_text,
    int: _of_whole,
    bool: lambda _rule: {"type": "boolean"},
    float: lambda _rule: {"type": "number"},
    types.NoneType: lambda _rule: {"type": "null"},
    dt.datetime: lambda _rule: {"type": "string", "format": "date-time"},
    dt.date: lambda _rule: {"type": "string", "format": "date"},
    Any: lambda _rule: {},
}


# ---- readers, made once for each type ------------------------------------------------------------


@cache
def _reader(shape: Any) -> Reader:
    hint, rule = _bare(shape)
    if is_dataclass(hint):
        return _object_reader(hint)
    if options := _options(hint):
        return _optional_reader(options)
    origin = get_origin(hint)
    if origin is Literal:
        return _literal_reader(get_args(hint))
    if origin is Mapping:
        return _mapping_reader(_reader(get_args(hint)[1]), rule)
    if origin is Sequence:
        return _list_reader(_reader(get_args(hint)[0]), rule)
    makers: dict[Any, Callable[[Any], Reader]] = {str: _text_reader, int: _whole_reader}
    return makers[hint](rule) if hint in makers else {bool: _boolean, dt.datetime: _moment}[hint]


def _object_reader(shape: Any) -> Reader:
    hints = get_type_hints(shape, include_extras=True)
    parts = [(one.name, _reader(hints[one.name]), _is_required(one)) for one in fields(shape)]

    def of_object(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _misfit(where, "an object is expected")
        prefix = f"{where}." if where else ""
        found = {}
        for name, reader, is_required in parts:
            if name in value:
                found[name] = reader(value[name], prefix + name)
            elif is_required:
                raise _misfit(prefix + name, "it is missing")
        return shape(**found)

    return of_object


def _optional_reader(options: Sequence[Any]) -> Reader:
    (wanted,) = (option for option in options if option is not types.NoneType)
    reader = _reader(wanted)
    return lambda value, where: None if value is None else reader(value, where)


def _literal_reader(allowed: Sequence[str]) -> Reader:
    def of_word(value: Any, where: str) -> Any:
        if not isinstance(value, str) or value not in allowed:
            raise _misfit(where, f"one of {', '.join(allowed)} is expected")
        return value

    return of_word


def _mapping_reader(item: Reader, rule: Length | None) -> Reader:
    def of_mapping(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _misfit(where, "an object is expected")
        if rule is not None and len(value) > rule.most:
            raise _misfit(where, f"at most {rule.most} entries are expected")
        return {name: item(one, f"{where}.{name[:40]}") for name, one in value.items()}

    return of_mapping


def _list_reader(item: Reader, rule: Length | None) -> Reader:
    def of_list(value: Any, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise _misfit(where, "a list is expected")
        if rule is not None and len(value) > rule.most:
            raise _misfit(where, f"at most {rule.most} entries are expected")
        return [item(one, f"{where}.{place}") for place, one in enumerate(value)]

    return of_list


def _text_reader(rule: Length | None) -> Reader:
    rule = rule or Length(100_000)
    matches = re.compile(rule.pattern).fullmatch if rule.pattern else None

    def of_text(value: Any, where: str) -> str:
        if not isinstance(value, str) or len(value) > rule.most:
            raise _misfit(where, f"a text of at most {rule.most} characters is expected")
        if not rule.any_sign and ("\0" in value or not _is_whole(value)):
            raise _misfit(where, "a text without zero or broken characters is expected")
        if matches and not matches(value):
            raise _misfit(where, f"a text like {rule.pattern} is expected")
        return value

    return of_text


def _is_whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def _whole_reader(rule: Range | None) -> Reader:
    def of_whole(value: Any, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _misfit(where, "a whole number is expected")
        if rule is not None and not rule.least <= value <= rule.most:
            raise _misfit(where, f"a number from {rule.least} to {rule.most} is expected")
        return value

    return of_whole


def _boolean(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _misfit(where, "true or false is expected")
    return value


def _moment(value: Any, where: str) -> dt.datetime:
    if isinstance(value, str) and MOMENT.fullmatch(value):
        try:
            return dt.datetime.fromisoformat(value.upper()).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            pass
    raise _misfit(where, "a moment with its zone is expected, such as 2026-11-05T09:30:00+08:00")


def _misfit(where: str, expected: str) -> Misshapen:
    return Misshapen(f"{where}: {expected}" if where else expected)


def _bare(hint: Any) -> tuple[Any, Any]:
    """A type without its annotation, and the rule it was annotated with."""
    if get_origin(hint) is Annotated:
        bare, *rules = get_args(hint)
        return bare, rules[0]
    return hint, None


def _options(hint: Any) -> Sequence[Any]:
    is_union = isinstance(hint, types.UnionType) or get_origin(hint) is Union
    return get_args(hint) if is_union else ()


def _is_required(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING
