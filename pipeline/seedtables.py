"""Tables of articles as researchers hold them: CSV, TSV, JSON Lines and JSON arrays.

``table_rows`` and ``json_rows`` give the rows in order; a row that cannot be used has a ``problem`` and no values.  Columns are known by
their names (``rules/columns.yaml``), whatever their case and signs.  ``BadTable`` says why a whole table, or what is left of it, is none.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.lexicon import words

_FIELDS = ("url", "title", "published", "text")
_SIGNS = re.compile(r"[\W_]+")
_DELIMITERS = "\t;|,"


class BadTable(ValueError):
    """A table that cannot be read, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row; ``number`` is the line on which it ends in CSV, as an editor counts, and the line or place in JSON."""

    number: int
    url: str | None = None
    title: str | None = None
    published: str | None = None
    text: str | None = None
    problem: str | None = None


def table_rows(text: str) -> Iterator[Row]:
    """The rows of a CSV or TSV text; its first line names the columns."""
    # The limit on a field is the module's and for all of the process; the default of 128 KiB would refuse a long article.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    first, _, _ = text.lstrip().partition("\n")
    reader = csv.reader(io.StringIO(text), delimiter=max(_DELIMITERS, key=first.count), strict=True)
    try:
        columns = _columns(next(reader, []))
        if not {"url", "text"} & set(columns.values()):
            raise BadTable("no column is called url or text, or by one of their other names")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(reader.line_num, {field: cells[at] for at, field in columns.items() if at < len(cells)})
    except csv.Error as error:
        raise BadTable(f"line {reader.line_num}: {error}; nothing after it was read") from error


def json_rows(text: str) -> Iterator[Row]:
    """The rows of JSON Lines, or of one JSON array of objects."""
    if text.lstrip().startswith("["):
        for number, value in enumerate(_array(text), 1):
            yield _json_row(number, value)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield _json_row(number, json.loads(line))
            except (ValueError, RecursionError) as error:
                yield Row(number=number, problem=f"no JSON: {error}")


def _array(text: str) -> list[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadTable(f"no JSON: {error}") from error
    return value if isinstance(value, list) else []


def _json_row(number: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(number=number, problem="no JSON object")
    names = list(value)
    columns = _columns(names)
    return _row(number, {field: value[names[at]] for at, field in columns.items()})


def _columns(names: Iterable[str]) -> dict[int, str]:
    """Which place holds which field; the name that stands first in the list of names wins."""
    keys = [_SIGNS.sub("", name).casefold() for name in names]
    taken = {field: next((keys.index(name) for name in words("columns", field) if name in keys), None) for field in _FIELDS}
    return {at: field for field, at in taken.items() if at is not None}


def _row(number: int, values: Mapping[str, Any]) -> Row:
    told = {field: text for field, value in values.items() if (text := _told(value))}
    if "url" not in told and "text" not in told:
        return Row(number=number, problem="neither a URL nor a text")
    return Row(number=number, **told)


def _told(value: Any) -> str | None:
    """A cell's text; lists of paragraphs become lines, anything else than text and numbers is nothing."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = "\n".join(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return value.strip() or None if isinstance(value, str) else None
