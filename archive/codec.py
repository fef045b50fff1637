"""Nouns to JSON and back, by their type annotations (pydantic does the work).

Contract: ``read(T, text_of(value)) == value`` for every noun but Exchange, whose bytes belong in a WARC.  Missing keys and wrong types are
a :class:`CodecError`, so that a damaged object is noticed and never half understood; keys that a later version added are passed over.
"""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class CodecError(ValueError):
    """Text that is not the noun it should be."""


@cache
def _cached(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _adapter(kind: Any) -> TypeAdapter[Any]:
    return _cached(kind)  # through Any: to mypy a class is not Hashable


def plain(value: Any) -> dict[str, Any]:
    """A noun as JSON-ready values: times in ISO 8601 with Z, tuples as lists, nothing left out."""
    result: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return result


def text_of(value: Any) -> str:
    """A noun as one line of JSON."""
    return _adapter(type(value)).dump_json(value).decode()


def read(kind: type[T], text: str | bytes) -> T:
    """The noun that ``text`` holds; CodecError when it does not."""
    try:
        value: T = _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise CodecError(f"not a {kind.__name__}: {error.errors(include_url=False, include_input=False)[:3]}") from error
    return value
