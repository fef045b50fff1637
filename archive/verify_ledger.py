"""What verification remembers of every record, so that records can be held against each other and against indexes.

Contract: a ledger is a private SQLite file that spills to disk, so memory does not grow with the archive; it goes when it is closed.
``add`` notes a record and gives what is wrong between it and its neighbours; ``conclude`` gives what only all records together tell: ids
that repeat, records of one capture that are apart, revisits whose originals are missing or have another payload, segments that are lost.
``at`` finds the record at an address for an index.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import Any, NamedTuple, Self

from archive import verify_queries as queries
from archive import verify_revisits, verify_segments
from archive.blockfacts import Facts
from archive.bodyfacts import Budget
from archive.findings import Finding
from archive.gzipmembers import OpenAt
from archive.labelled import Digests, Labelled
from archive.verify_events import Entry, Events, Told, entry_of, instant, met
from archive.verify_revisits import Original, Revisit, payloads
from archive.verify_rules import broken, printable
from archive.verify_segments import Segment
from archive.warcfields import unbracketed
from archive.warcscan import Scanned

_BATCH = 512
_PIECE = 256 * 1024
_RECORD = "INSERT INTO records VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
_COLUMNS = "file, offset, id, length, type, uri, date, mark, status, mime, payload, stated, capture, compressed, method"


class Noted(NamedTuple):
    """What an index row is held against."""

    number: int
    length: int
    type: str
    uri: str | None
    date: str
    status: int | None
    mime: str | None
    compressed: bool
    payloads: tuple[Labelled, ...]


class Ledger:
    """The memory of one verification, and how much of it may be spent on decoding bodies."""

    def __init__(self, *, thorough: bool = False) -> None:
        self.budget = Budget(thorough=thorough)
        self._base = sqlite3.connect("", isolation_level=None)  # "" is a private file on disk that nobody else sees
        self._base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384;" + queries.TABLES)
        self._base.execute("BEGIN")
        self._rows: list[tuple[Any, ...]] = []
        self._warcinfos: dict[tuple[int, str], tuple[int, int]] = {}
        self._events = Events(self._settle)
        self._file = 0
        self._served: list[Told] = []
        self._indexes: set[str] = set()
        self._openers: dict[int, OpenAt] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def file(self, name: str, open_at: OpenAt | None = None) -> int:
        """The number of a file; with ``open_at`` its bytes can be read again."""
        name = printable(name)
        self._base.execute("INSERT OR IGNORE INTO files (name) VALUES (?)", (name,))
        number = int(self._base.execute("SELECT number FROM files WHERE name = ?", (name,)).fetchone()[0])
        if open_at is not None:
            self._openers[number] = open_at
        return number

    def known_file(self, name: str) -> int | None:
        """The number of a file, when it was read."""
        row = self._base.execute("SELECT number FROM files WHERE name = ?", (printable(name),)).fetchone()
        return None if row is None else int(row[0])

    def name(self, file: int) -> str:
        """What a file is called."""
        return str(self._base.execute("SELECT name FROM files WHERE number = ?", (file,)).fetchone()[0])

    def add(self, file: int, record: Scanned, facts: Facts) -> list[Told]:
        """Note a record, after its end was read; files are added one after another."""
        if file != self._file:
            self._events.end()
            self._file = file
        told = self._events.add(entry_of(file, record, facts))
        place = (file, record.offset, record.id)
        for value in record.all("WARC-Warcinfo-ID"):
            key = (file, unbracketed(value))
            first, count = self._warcinfos.get(key, (record.offset, 0))
            self._warcinfos[key] = first, count + 1
        if record.type == "revisit":
            self._add_revisit(place, record)
        elif record.type in {"metadata", "conversion"} and (refers := record.first("WARC-Refers-To")):
            self._base.execute("INSERT INTO refers VALUES (?, ?, ?, ?)", (*place[:2], record.type, unbracketed(refers)))
        if record.type == "continuation" or "warc-segment-number" in record.held:
            self._add_segment(record, place)
        if len(self._rows) >= _BATCH or len(self._warcinfos) >= _BATCH:
            self._flush()
        return told + self._take_served() if self._served else told

    def _take_served(self) -> list[Told]:
        served, self._served = self._served, []
        return served

    def end(self) -> list[Told]:
        """No more records of the file; what was found out about the last ones."""
        self._events.end()
        return self._take_served()

    def _settle(self, entry: Entry) -> None:
        """Write a record down whose neighbours are known."""
        row = entry
        self._rows.append(
            (row.id, row.file, row.offset, row.length, row.type, row.uri, row.date, row.mark, row.status, row.mime, row.payload,
             row.stated, row.capture, row.compressed, row.method, row.answered, row.asked)
        )  # fmt: skip
        place = (entry.file, entry.offset, entry.id)
        for excuse, rule, message in entry.excusable:
            if not entry.excused(excuse):
                self._base.execute("INSERT INTO excusable VALUES (?, ?, ?, ?, ?, ?)", (*place, excuse, rule, message))
            elif excuse == "wire":
                self._served.append(("http-served", entry, message))
        if entry.unmet:
            self._base.executemany("INSERT INTO links VALUES (?, ?, ?, ?)", ((*place, target) for target in sorted(entry.unmet)))
            if entry.claim is not None:
                rows = ((*place, target, entry.claim) for target in entry.unmet)
                self._base.executemany("INSERT INTO claims VALUES (?, ?, ?, ?, ?)", rows)

    def _add_revisit(self, place: tuple[int, int, str | None], record: Scanned) -> None:
        refers, uri, date = (record.first(f"WARC-Refers-To{name}") for name in ("", "-Target-URI", "-Date"))
        row = (*place, unbracketed(refers or "") or None, unbracketed(uri or "") or None, instant(date) if date else None)
        own = record.first("WARC-Payload-Digest"), instant(record.first("WARC-Date") or "")
        self._base.execute("INSERT INTO revisits VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, *own))

    def _add_segment(self, record: Scanned, place: tuple[int, int, str | None]) -> None:
        origin = unbracketed(record.first("WARC-Segment-Origin-ID") or "") if record.type == "continuation" else record.id
        number, total = (_number(record.first(f"WARC-Segment-{name}")) for name in ("Number", "Total-Length"))
        row = (origin or "nothing", number, *place, total, record.block.seen, record.target)
        self._base.execute("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _flush(self) -> None:
        self._base.executemany(_RECORD, self._rows)
        self._rows.clear()
        rows = ((file, first, count, target) for (file, target), (first, count) in self._warcinfos.items())
        self._base.executemany("INSERT INTO warcinfos VALUES (?, ?, ?, ?)", rows)
        self._warcinfos.clear()

    def _ready(self, *indexes: str) -> sqlite3.Connection:
        """The base, with all records in it and the indexes that make looking for them fast."""
        self._events.end()
        if self._rows or self._warcinfos:
            self._flush()
        for name in set(indexes) - self._indexes:
            self._base.execute(queries.INDEXES[name])
            self._indexes.add(name)
        return self._base

    # Indexes

    def at(self, file: int, offset: int) -> Noted | None:
        """The record that begins at an offset."""
        row = self._ready("places").execute(
            "SELECT number, length, type, uri, date, status, mime, compressed, payload, stated FROM records WHERE file = ? AND offset = ?",
            (file, offset),
        ).fetchone()  # fmt: skip
        return None if row is None else Noted._make((*row[:8], payloads(*row[8:])))

    def digest_of(self, file: int, offset: int, length: int, algorithm: str) -> bytes | None:
        """The digest of some bytes of a file; None when they cannot be read again."""
        if file not in self._openers:
            return None
        digests = Digests({algorithm})
        with self._openers[file](offset) as stream:
            while digests.length < length and (data := stream.read(min(_PIECE, length - digests.length))):
                digests.update(data)
        return digests.of(algorithm)

    def mark_indexed(self, number: int) -> None:
        """An index has a line for the record."""
        self._base.execute("UPDATE records SET indexed = 1 WHERE number = ?", (number,))

    def not_indexed(self, file: int) -> Iterator[tuple[int, str | None, str | None]]:
        """Offset, id and URL of the captures in a file that no index line speaks of."""
        yield from self._ready("places").execute(
            "SELECT offset, id, uri FROM records WHERE file = ? AND capture AND NOT indexed ORDER BY offset", (file,)
        )

    def has_capture(self, uri: str, files: Sequence[int]) -> bool:
        """Whether a page was captured in one of some files."""
        query = "SELECT file FROM records WHERE uri = ? AND type IN ('response', 'revisit', 'resource')"
        return any(file in files for (file,) in self._ready("uris").execute(query, (printable(uri),)))

    # What all records together tell

    def conclude(self) -> Iterator[Finding]:
        """Everything that is wrong between records."""
        base = self._ready("ids")
        yield from (self.finding(*told) for told in self._take_served())
        if base.execute(queries.ANY_FAR).fetchone():
            self._ready("places", "sources").execute(queries.PARTNERS)
        for question, index in ((queries.ANY_ALONE, "uris"), (queries.ANY_PLACED, "uris"), (queries.ANY_PLACED, "moments")):
            if base.execute(question).fetchone():
                self._ready(index)
        for query in queries.QUERIES:
            for rule, name, offset, record_id, message in base.execute(query):
                yield broken(rule, name, message, offset=offset, record_id=record_id)
        for one, other in base.execute(queries.FAR):
            yield from (self.finding(*told) for told in met(self._row(one), self._row(other)) if told[0] != "metadata-digest")
        yield from self._revisits()
        yield from self._segments()

    def finding(self, rule: str, entry: Entry, message: str) -> Finding:
        """What was told of a record."""
        return broken(rule, self.name(entry.file), message, offset=entry.offset, record_id=entry.id)

    def _row(self, number: int) -> Entry:
        row = self._base.execute(f"SELECT {_COLUMNS} FROM records WHERE number = ?", (number,)).fetchone()  # noqa: S608 -- a constant
        return Entry(**dict(zip(_COLUMNS.split(", "), row, strict=True)))

    def _revisits(self) -> Iterator[Finding]:
        for revisit in map(Revisit._make, self._base.execute(queries.REVISITS)):
            if revisit.refers_to is None and revisit.uri is None:
                continue  # it is to be found by its digest, as WARC 1.0 had it
            found = self._original(revisit)
            for rule, message in verify_revisits.check(revisit, found):
                yield broken(rule, revisit.file, message, offset=revisit.offset, record_id=revisit.id)

    def _original(self, revisit: Revisit) -> Original | None:
        """What a revisit refers to: by its id, else by URL and time; itself, when there is nothing else there."""
        if revisit.refers_to is not None:
            rows = self._base.execute(queries.BY_ID, (revisit.refers_to,)).fetchall()
        elif revisit.date is not None:
            rows = self._base.execute(queries.BY_TIME, (revisit.uri, revisit.date)).fetchall()
        else:
            rows = self._base.execute(queries.BY_URI, (revisit.uri,)).fetchall()
        found = [Original._make(row) for row in rows]
        others = [original for original in found if original.id != revisit.id] if revisit.refers_to is None else found
        return next(iter(others), None)

    def _segments(self) -> Iterator[Finding]:
        rows = (Segment._make(row) for row in self._base.execute(queries.SEGMENTS))
        for origin, group in groupby(rows, key=lambda segment: segment.origin):
            others = iter(group)
            first = next(others)
            found = self._base.execute(queries.BEGINNING, (origin,)).fetchone() if first.id != origin else None
            if found is not None:
                first, others = Segment(origin, None, *found), chain((first,), others)
            for rule, segment, message in verify_segments.check(first, others):
                yield broken(rule, segment.file, message, offset=segment.offset, record_id=segment.id)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 18 else None
