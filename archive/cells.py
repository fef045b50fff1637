"""Values of a table as cells, for formats that know no lists, times or truth: CSV and SQLite.

Contract: ``cell`` gives text, number or None; ``value`` gives it back by the column's Arrow type.  Lists and objects are JSON, times are
ISO 8601 with Z, truth is 0 or 1, what is not known is null.  ``guarded`` makes text safe for spreadsheets, which run what begins with
``=``, ``+``, ``-``, ``@``, a tab or a carriage return as a formula (OWASP, CSV injection): an apostrophe goes before it, and before
apostrophes that such a sign follows, so that ``unguarded`` gives back every text as it was.  Numbers are never touched.
"""

import json
import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pyarrow as pa

Cell = str | int | float | None
_RUN = re.compile(r"'*[=+\-@\t\r]")  # also after apostrophes, else one that stood there could not be told from ours


def cell(value: object) -> Cell:
    """A value as a cell."""
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, int):
        return int(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def value(found: Cell, kind: Any) -> object:
    """The value that a cell of a column of this type stands for."""
    if found is None or pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return found
    if pa.types.is_boolean(kind):
        return bool(found)
    return datetime.fromisoformat(str(found)) if pa.types.is_timestamp(kind) else json.loads(str(found))


def moment(time: Any) -> str:
    """An aware time as text in UTC; TypeError for anything else, so that JSON may use it for what it does not know."""
    if not isinstance(time, datetime):
        raise TypeError(f"neither a time nor JSON: {type(time).__name__}")
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def guarded(found: Cell) -> Cell:
    """A cell that no spreadsheet runs."""
    return f"'{found}" if isinstance(found, str) and _RUN.match(found) else found


def unguarded(text: str) -> str:
    """The text of a guarded cell."""
    return text[1:] if text.startswith("'") and _RUN.match(text) else text
