"""The head of an HTTP/1 message: start line and fields, read as leniently as real servers demand.

Contract: a head ends at the first empty line, whether its lines end in CRLF or LF; a folded line continues the value before it (obs-fold,
RFC 9112 §5.2); a line without a colon is no field and is passed over; bytes are kept as sent and read as latin-1 when text is asked for.
A head may not be longer than ``HEAD_LIMIT`` bytes.  Fields may repeat, so a reader says which it wants: ``first``, ``all``, or ``sole``,
which raises ``RepeatedField`` when there are several that differ.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from archive.remembered import remembered

HEAD_LIMIT = 256 * 1024
_AFTER_TYPE = re.compile(r"[;\s]")
_EMPTY_LINE = re.compile(rb"\n\r*\n")
_STATUS_LINE = re.compile(rb"HTTP/(\d(?:\.\d)?)[ \t]+(\d{3})(?:[ \t]+(.*))?", re.IGNORECASE | re.DOTALL)


@remembered
def _key(name: str) -> bytes:
    return name.lower().encode("latin-1")


class BadHead(ValueError):
    """What stands here is no head of an HTTP message, or it is too long."""


class RepeatedField(ValueError):
    """A field that means something only once is there several times, with values that differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Start line and fields; ``length`` counts the bytes of the head with the empty line that ends it."""

    start_line: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    length: int
    status: int | None  # None when the start line is no status line
    held: Mapping[bytes, Sequence[bytes]] = field(repr=False, compare=False)  # the values of each field by its name in lower case

    @property
    def version(self) -> str | None:
        """``"1.1"``; None when the start line is no status line."""
        match = _STATUS_LINE.fullmatch(self.start_line)
        return match[1].decode("ascii") if match else None

    @property
    def reason(self) -> str:
        """The reason phrase as latin-1; empty when there is none."""
        match = _STATUS_LINE.fullmatch(self.start_line)
        return (match[3] or b"").decode("latin-1") if match else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of ``name``, in the order sent."""
        values = self.held.get(_key(name))
        return tuple([value.decode("latin-1") for value in values]) if values else ()

    def first(self, name: str) -> str | None:
        """The first value of ``name``."""
        values = self.all(name)
        return values[0] if values else None

    def sole(self, name: str) -> str | None:
        """The one value of ``name``; a repetition of the same value counts once."""
        values = set(self.all(name))
        if len(values) > 1:
            raise RepeatedField(f"{name} is there {len(values)} times with different values")
        return values.pop() if values else None

    def tokens(self, name: str) -> tuple[str, ...]:
        """The comma-separated words of all values of ``name``, in lower case (RFC 9110 §5.6.1)."""
        values = self.held.get(_key(name))
        if values is None:
            return ()
        words = [word.strip().lower() for value in values for word in value.decode("latin-1").split(",")]
        return tuple(filter(None, words))


def parse_head(block: bytes | IO[bytes]) -> Head:
    """The head at the start of ``block``; a stream is left at the first byte after it.

    A block that ends before an empty line is a head as far as it goes: revisit records may hold no more.
    """
    if isinstance(block, bytes):
        end = _EMPTY_LINE.search(block, 0, HEAD_LIMIT)
        if end is not None and block[:1] not in b"\r\n":
            return head_of(block[: end.start()].split(b"\n"), end.end())
        block = io.BytesIO(block)
    lines: list[bytes] = []
    length = 0
    while length <= HEAD_LIMIT:
        line = block.readline(HEAD_LIMIT + 1)
        length += len(line)
        if not line.strip(b"\r\n"):
            return head_of(lines, length)
        lines.append(line)
    raise BadHead(f"head longer than {HEAD_LIMIT} bytes")


def head_of(lines: list[bytes], length: int) -> Head:
    """A head from its lines, the start line first; ``length`` is theirs and the empty line's."""
    fields: list[tuple[bytes, bytes]] = []
    folded: dict[int, list[bytes]] = {}
    for line in lines[1:]:
        text = line.rstrip(b"\r\n")
        name, colon, value = text.partition(b":")
        if text[:1] in (b" ", b"\t") and fields:
            folded.setdefault(len(fields) - 1, []).append(text.strip())
        elif colon:
            fields.append((name.strip(), value.strip(b" \t")))
    for at, parts in folded.items():
        name, value = fields[at]
        fields[at] = (name, b" ".join(filter(None, (value, *parts))))
    start = lines[0].rstrip(b"\r\n") if lines else b""
    match = _STATUS_LINE.fullmatch(start)
    held: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        held.setdefault(name.lower(), []).append(value)
    return Head(start_line=start, fields=tuple(fields), length=length, status=int(match[2]) if match else None, held=held)


def media_type(content_type: str | None) -> str | None:
    """``text/html`` of ``Text/HTML; charset=utf-8``."""
    return _AFTER_TYPE.split((content_type or "").strip(), maxsplit=1)[0].lower() or None
