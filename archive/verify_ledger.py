"""What verification remembers of every record, so that records can be held against each other and against indexes.

Contract: a ledger is a private SQLite file that spills to disk, so memory does not grow with the archive; it goes when it is closed.
``add`` notes a record; ``conclude`` gives what only all records together tell: ids that repeat, records of one capture that are apart or
disagree, revisits whose originals are missing or have another payload.  ``at`` finds the record at an address for an index.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

from archive import labelled
from archive.blockfacts import Facts, stated_payloads
from archive.findings import Finding
from archive.labelled import Labelled
from archive.verify_queries import BY_ID, BY_PLACE, CLAIMS, QUERIES, REVISITS, TABLES
from archive.verify_rules import broken
from archive.warcfields import sole, unbracketed
from archive.warcscan import Scanned


class Noted(NamedTuple):
    """What an index row is held against."""

    number: int
    length: int
    type: str
    uri: str | None
    date: str
    status: int | None
    payloads: tuple[Labelled, ...]


class Ledger:
    """The memory of one verification."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)  # "" is a private file on disk that nobody else sees
        self._base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384;" + TABLES)
        self._base.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def file(self, name: str) -> int:
        """The number of a file."""
        self._base.execute("INSERT OR IGNORE INTO files (name) VALUES (?)", (name,))
        return int(self._base.execute("SELECT number FROM files WHERE name = ?", (name,)).fetchone()[0])

    def known_file(self, name: str) -> int | None:
        """The number of a file, when it was read."""
        row = self._base.execute("SELECT number FROM files WHERE name = ?", (name,)).fetchone()
        return None if row is None else int(row[0])

    def add(self, file: int, record: Scanned, facts: Facts) -> None:
        """Note a record, after its end was read."""
        place = (file, record.offset, record.id)
        payloads = " ".join(f"{item.algorithm}:{item.value.hex()}" for item in stated_payloads(facts, record))
        status = facts.head.status if facts.head else None
        method = facts.head.start_line.split(b" ")[0].decode("latin-1").upper() if facts.head and record.type == "request" else None
        captured = record.type in {"response", "revisit"} and status is not None
        self._base.execute(
            "INSERT INTO records (id, file, offset, length, type, uri, date, mark, method, status, payloads, capture)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (record.id, file, record.offset, record.length, record.type, record.target, record.first("WARC-Date") or "",
             _mark(record, facts), method, status, payloads, captured),
        )  # fmt: skip
        if facts.absent:
            self._base.execute("INSERT INTO absent VALUES (?, ?, ?, ?, ?)", (*place, *facts.absent))
        self._add_links(place, record)
        if record.type == "revisit":
            self._add_revisit(place, record)
        elif record.type == "metadata" and (claim := sole(facts.fields[:100], "copytrail-payload-digest")):
            for target in record.all("WARC-Concurrent-To"):
                self._base.execute("INSERT INTO claims VALUES (?, ?, ?, ?, ?)", (*place, unbracketed(target), claim))

    def _add_links(self, place: tuple[int, int, str | None], record: Scanned) -> None:
        links = [("concurrent", value) for value in record.all("WARC-Concurrent-To")]
        links += [("warcinfo", value) for value in record.all("WARC-Warcinfo-ID")]
        rows = [(kind, *place, unbracketed(value)) for kind, value in links]
        self._base.executemany("INSERT INTO links VALUES (?, ?, ?, ?, ?)", rows)

    def _add_revisit(self, place: tuple[int, int, str | None], record: Scanned) -> None:
        refers = unbracketed(record.first("WARC-Refers-To") or "") or None
        uri = unbracketed(record.first("WARC-Refers-To-Target-URI") or "") or record.target
        row = (*place, refers, uri, record.first("WARC-Refers-To-Date"), record.first("WARC-Payload-Digest"))
        self._base.execute("INSERT INTO revisits VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    # Indexes

    def at(self, file: int, offset: int) -> Noted | None:
        """The record that begins at an offset."""
        row = self._base.execute(
            "SELECT number, length, type, uri, date, status, payloads FROM records WHERE file = ? AND offset = ?", (file, offset)
        ).fetchone()
        return None if row is None else Noted._make((*row[:6], _payloads(row[6])))

    def mark_indexed(self, number: int) -> None:
        """An index has a line for the record."""
        self._base.execute("UPDATE records SET indexed = 1 WHERE number = ?", (number,))

    def not_indexed(self, file: int) -> Iterator[tuple[int, str | None, str | None]]:
        """Offset, id and URL of the captures in a file that no index line speaks of."""
        yield from self._base.execute(
            "SELECT offset, id, uri FROM records WHERE file = ? AND capture AND NOT indexed ORDER BY offset", (file,)
        )

    def has_capture(self, uri: str, files: tuple[int, ...]) -> bool:
        """Whether a page was captured in one of some files."""
        query = "SELECT file FROM records WHERE uri = ? AND type IN ('response', 'revisit', 'resource')"
        return any(file in files for (file,) in self._base.execute(query, (uri,)))

    # What all records together tell

    def conclude(self) -> Iterator[Finding]:
        """Everything that is wrong between records."""
        for query in QUERIES:
            for rule, name, offset, record_id, message in self._base.execute(query):
                yield broken(rule, name, message, offset=offset, record_id=record_id)
        yield from self._revisits()
        yield from self._claims()

    def _revisits(self) -> Iterator[Finding]:
        for name, offset, record_id, refers_to, uri, date, payload in self._base.execute(REVISITS):
            found = self._original(refers_to, uri, date)
            if found is None:
                message = f"a revisit of {refers_to or f'{uri} at {date}'}, which is nowhere in what was verified"
                yield broken("revisit-dangling", name, message, offset=offset, record_id=record_id)
                continue
            kind, payloads = found
            if kind == "revisit":
                yield broken("revisit-chain", name, f"a revisit of another revisit, {refers_to}", offset=offset, record_id=record_id)
            elif (stated := labelled.parse(payload or "")) and not agree(stated, _payloads(payloads)):
                message = f"a revisit for the payload {payload}, which is not that of {refers_to or uri}"
                yield broken("revisit-other", name, message, offset=offset, record_id=record_id)

    def _original(self, refers_to: str | None, uri: str | None, date: str | None) -> tuple[str, str] | None:
        """Type and payloads of what a revisit refers to: by its id, else by URL and time."""
        query, values = (BY_ID, (refers_to,)) if refers_to else (BY_PLACE, (uri, date))
        row = self._base.execute(query, values).fetchone()
        return None if row is None else (str(row[0]), str(row[1]))

    def _claims(self) -> Iterator[Finding]:
        for name, offset, record_id, target, claim, payloads in self._base.execute(CLAIMS):
            stated = labelled.parse(claim)
            if stated is None or not agree(stated, _payloads(payloads)):
                message = f"copytrail-payload-digest is {claim[:100]}, which is not that of {target}"
                yield broken("metadata-digest", name, message, offset=offset, record_id=record_id)


def _mark(record: Scanned, facts: Facts) -> bytes:
    """Equal for two copies of one record, and for nothing else."""
    return hashlib.sha256(repr(sorted(record.fields)).encode() + facts.block_digest).digest()


def _payloads(text: str) -> tuple[Labelled, ...]:
    return tuple(Labelled(algorithm, bytes.fromhex(value)) for algorithm, _, value in (item.partition(":") for item in text.split()))


def agree(stated: Labelled, known: Iterable[Labelled]) -> bool:
    """Whether a digest is among those known of a payload; one of an algorithm that is not cannot be told, and counts as agreeing."""
    comparable = [item for item in known if item.algorithm == stated.algorithm]
    return not comparable or stated in comparable
