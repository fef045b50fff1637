"""The lines of indexes as strangers write them: CDXJ 0.1.0, and the CDX of nine or eleven columns before it.

Contract: pure.  ``Rows`` reads the lines of one index in their order, because the first line of a CDX says what its columns are.  A row's
numbers are whole numbers that a file can hold; a line that is none of either kind is None.
"""

import json
from dataclasses import dataclass
from typing import Any

_NEEDED = ("url", "filename", "offset")
_ASKED = ("digest", "mime", "length", "status")  # CDXJ 0.1.0 asks for these too, and a row is of use without
_HEAD = " CDX "
_COLUMNS = {9: "N b a m s k r V g", 10: "N b a m s k r M V g", 11: "N b a m s k r M S V g"}
_NAMES = {"a": "url", "m": "mime", "s": "status", "k": "digest", "S": "length", "V": "offset", "g": "filename"}
_TIMES = (14, 17)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line; ``key`` is None where it is no sort key, ``missing`` are the fields that the format asks for."""

    key: str | None
    time: str
    url: str
    filename: str
    offset: int
    length: int | None
    status: str | None
    mime: str | None
    digest: str | None
    record_digest: str | None
    missing: tuple[str, ...] = ()


class Rows:
    """Reads lines."""

    def __init__(self) -> None:
        self.classic = False
        self._columns: list[str] | None = None

    def is_head(self, line: bytes) -> bool:
        """Whether a line only tells of the index; what it tells is kept."""
        if line.startswith(_HEAD.encode()):
            self._columns = line.decode("latin-1").split()[1:]
            self.classic = True
            return True
        return line.startswith(b"!")  # pywb's and cdxj-indexer's

    def read(self, line: bytes) -> Row | None:
        """The row that a line is."""
        try:
            text = line.decode().rstrip("\r")
            key, time, rest = text.split(" ", 2)
            if self._columns is None and rest.startswith("{"):
                return _row(key, time, json.loads(rest))
            self.classic = True
            return self._classic_row(text.split(" "))
        except (ValueError, RecursionError, TypeError):
            return None

    def _classic_row(self, values: list[str]) -> Row | None:
        letters = self._columns or _COLUMNS[len(values)].split() if len(values) in _COLUMNS or self._columns else []
        if not letters or len(letters) != len(values):
            return None
        held = {letter: value for letter, value in zip(letters, values, strict=True) if value != "-"}
        fields: dict[str, Any] = {name: held[letter] for letter, name in _NAMES.items() if letter in held}
        row = _row(held.get("N", ""), held.get("b", ""), fields, asked=())
        return row if row is None or "N" in held else Row(**{name: getattr(row, name) for name in Row.__slots__} | {"key": None})


def _row(key: str, time: str, fields: Any, asked: tuple[str, ...] = _ASKED) -> Row | None:
    usable = isinstance(fields, dict) and all(name in fields for name in _NEEDED)
    if not usable or not (time.isascii() and time.isdigit() and len(time) in _TIMES):
        return None
    offset = number(fields["offset"])
    length = number(fields["length"]) if "length" in fields else None
    if offset is None or (length is None and "length" in fields):
        return None
    texts = {name: str(fields[name]) if fields.get(name) is not None else None for name in ("status", "mime", "digest")}
    record_digest = fields.get("recordDigest")
    return Row(
        key=key,
        time=time,
        url=str(fields["url"]),
        filename=str(fields["filename"]),
        offset=offset,
        length=length,
        record_digest=str(record_digest) if record_digest is not None else None,
        missing=tuple(name for name in asked if name not in fields),
        **texts,
    )


def number(value: object) -> int | None:
    """A whole number that a file can hold, as JSON has it or as digits."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and isinstance(value, int) and 0 <= value < 1 << 63 else None
