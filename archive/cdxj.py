"""The index beside each WARC: one line a record, sorted, as pywb, py-wacz and any CDXJ reader expect it (CDXJ 0.1.0).

Contract: ``<SURT> <14 digits> <JSON>``; lines sort as bytes (``LC_ALL=C``).  The JSON holds what the format asks for, as cdxj-indexer
writes it, numbers as strings and ``warc/revisit`` as the mime of a revisit, and under ``copytrail`` the whole capture, so that
``parse(line(capture)) == capture`` and an index alone can tell what a WARC holds.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from archive import codec
from archive.records import Capture, RecordRef

REVISIT_MIME = "warc/revisit"
_NOT_MODIFIED = 304


class BadLine(ValueError):
    """A line that is not of our index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A record that an index lists and that is no HTTP answer: a resource, metadata, an answer by DNS."""

    id: str
    url: str
    surt: str
    time: datetime
    mime: str | None
    status: int | None
    digest: str
    ref: RecordRef


def line(item: Capture | Resource, *, plain: bool = False, packed: bool = False, filename: str | None = None) -> str:
    """The index line of a record, without a line end; ``plain`` leaves out what is ours alone.

    The WARC goes by its name, unless a ``filename`` says how it is found from where the index will lie.  ``packed`` is the line of a
    package's index, which does not name the status of a 304: ReplayWeb.page 2.5.3 shows what such a revisit stands for only then.
    """
    fields = {
        "url": item.url.replace(" ", "%20"),
        "mime": REVISIT_MIME if isinstance(item, Capture) and item.kind == "revisit" else item.mime,
        "status": None if not item.status or (packed and item.status == _NOT_MODIFIED) else str(item.status),
        "digest": item.digest if isinstance(item, Resource) else item.payload_digest,
        "length": str(item.ref.length),
        "offset": str(item.ref.offset),
        "filename": filename or item.ref.key.rpartition("/")[2],
        "copytrail": None if plain else codec.plain(item),
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return f"{item.surt} {item.time.astimezone(UTC):%Y%m%d%H%M%S} {json.dumps(known, ensure_ascii=True)}"


def parse(line: str | bytes) -> Capture:
    """The capture that a line speaks of; BadLine when it was not written here, or is of another record."""
    item = _item(line)
    if isinstance(item, Capture):
        return item
    raise BadLine(f"not the line of a capture: {line[:120]!r}")


def captures(lines: Iterable[bytes]) -> Iterator[Capture]:
    """The captures in an index; BadLine where it was not written here."""
    yield from (item for item in map(_item, lines) if isinstance(item, Capture))


def _item(line: str | bytes) -> Capture | Resource:
    try:
        text = line.decode() if isinstance(line, bytes) else line
        held = json.loads(text.split(" ", 2)[2])["copytrail"]
        kind: type[Capture | Resource] = Capture if "kind" in held else Resource
        return codec.read(kind, json.dumps(held))
    except (ValueError, LookupError, TypeError) as error:
        raise BadLine(f"not a line of this archive's index: {line[:120]!r}") from error


def write(items: Iterable[Capture | Resource]) -> bytes:
    """The index of some records."""
    return b"".join(sorted(f"{line(item)}\n".encode() for item in items))
